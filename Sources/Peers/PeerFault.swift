/// Why the network cannot start or a certificate cannot be used.
public struct PeerFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// What happened, where, and what to try.
    public let description: String
    /// Whether it may get better by itself, as where another process has the address.
    public let isPassing: Bool

    init(_ description: String, isPassing: Bool = false) {
        self.description = description
        self.isPassing = isPassing
    }
}
