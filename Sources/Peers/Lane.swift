/// What a connection carries; each lane has connections and an order of its own.
public enum Lane: UInt8, Sendable, CaseIterable {
    /// Ordering: Raft's messages, votes, status. Never waits behind the other lane.
    case consensus = 1
    /// Everything large or patient: forwarded transactions, blocks and state for those who catch up.
    case bulk = 2

    var index: Int { Int(rawValue) - 1 }
}

extension Lane: CustomStringConvertible {
    /// Its name in logs and metrics.
    public var description: String {
        switch self {
        case .consensus: "consensus"
        case .bulk: "bulk"
        }
    }
}
