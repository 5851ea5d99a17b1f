/// Why a file is no proof.
public struct ProofDocumentFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, for a person; names the member.
    public let description: String

    init(_ description: String) { self.description = description }
}
