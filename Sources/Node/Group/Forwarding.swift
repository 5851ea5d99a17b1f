import Consensus
import Ledger
import Peers
import Replica

/// Hands to the leader what this node's clients gave it, for as long as this node does not lead.
final class Forwarding: Sendable {
    private let pool: Locked<PoolState>
    private let group: Group
    private let progress = Locked((settled: UInt64(0), ticks: 0))
    /// Bytes of transactions in one message.
    private static let messageBytes = 1 << 20
    /// Ticks without a settled transaction after which the leader is sent everything again.
    private static let patienceTicks = 3

    init(pool: Locked<PoolState>, group: Group) {
        self.pool = pool
        self.group = group
    }

    /// Sends what the leader was not sent yet.
    func pump() {
        while let (leader, raws) = next() {
            group.send(.transactions(raws), to: leader, lane: .bulk)
        }
    }

    private func next() -> (NodeID, [[UInt8]])? {
        pool.with { state in
            guard !state.isLeader, let leader = state.leader, leader != group.id,
                state.pool.hasUnforwarded
            else { return nil }
            let taken = state.pool.takeForForwarding(bytes: Self.messageBytes)
            return taken.isEmpty ? nil : (leader, taken.map(\.raw))
        }
    }

    /// Hears that a peer can be reached again: what it was sent before may be lost.
    func reached(_ peer: NodeID) {
        let isLeader = pool.with { state in
            guard state.leader == peer else { return false }
            state.pool.forwardAgain()
            return true
        }
        if isLeader { pump() }
    }

    /// Every second: sends everything again if nothing of it came back in a block for some time.
    func tick() {
        let (settled, isWaiting) = pool.with { ($0.pool.settledCount, $0.pool.count > 0) }
        let isStuck = progress.with { progress in
            guard isWaiting, settled == progress.settled else {
                progress = (settled, 0)
                return false
            }
            progress.ticks += 1
            guard progress.ticks >= Self.patienceTicks else { return false }
            progress.ticks = 0
            return true
        }
        if isStuck { pool.with { $0.pool.forwardAgain() } }
        pump()
    }
}
