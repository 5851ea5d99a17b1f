/// Whether money comes into an account or leaves it.
public enum Direction: String, Hashable, Sendable {
    /// It comes in.
    case credit = "CRDT"
    /// It leaves.
    case debit = "DBIT"
}
