/// Why the network cannot start or a certificate cannot be used.
public struct PeerFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// What happened, where, and what to try.
    public let description: String

    init(_ description: String) { self.description = description }
}
