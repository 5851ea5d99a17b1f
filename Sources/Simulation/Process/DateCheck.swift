import Consensus
import Execution
import Ledger
import Replica

/// Looks at the time of a body that a leader wants to add, and at the words of a snapshot.
final class DateCheck: @unchecked Sendable {
    // `@unchecked`: a world has one thread.
    private unowned let node: SimulatedNode
    /// How far ahead of this node's clock a body may be.
    static let toleranceMillis: UInt64 = 2_000

    init(_ node: SimulatedNode) { self.node = node }

    /// What the driver asks.
    var admission: Admission {
        Admission(
            entry: { [self] in accepts($0) || $1 && isExecuted($0) },
            snapshot: { StateMarker($0) != nil })
    }

    private func accepts(_ payload: [UInt8]) -> Bool {
        guard node.world.sabotage != .acceptAnyTime else { return true }
        // What cannot be read is not for the clock to refuse.
        guard let time = Body.timeMillis(of: payload) else { return true }
        return time <= node.date + Self.toleranceMillis
    }

    /// Whether a majority, which this node is not among, says that it has executed as far.
    private func isExecuted(_ payload: [UInt8]) -> Bool {
        guard let process = node.process, let height = Body.height(of: payload) else {
            return false
        }
        let set = process.machine.bankSet
        let witnesses = process.peers.statuses.count {
            !set.hasRemoved($0.key.rawValue) && $0.value.height >= height
        }
        return witnesses > set.banks.count / 2
    }
}
