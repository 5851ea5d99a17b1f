import Ledger

/// Looks at the time of a body that a leader wants to add live.
final class DateCheck: @unchecked Sendable {
    // `@unchecked`: a world has one thread.
    private unowned let node: SimulatedNode
    /// How far ahead of this node's clock a body may be.
    static let toleranceMillis: UInt64 = 2_000

    init(_ node: SimulatedNode) { self.node = node }

    func accepts(_ payload: [UInt8]) -> Bool {
        guard node.world.sabotage != .acceptAnyTime else { return true }
        // What cannot be read is not for the clock to refuse.
        guard let time = Body.timeMillis(of: payload) else { return true }
        return time <= node.date + Self.toleranceMillis
    }
}
