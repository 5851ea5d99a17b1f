import Consensus
import Execution
import Ledger
import Peers
import Replica
import Threads

/// Hands to the leader what this node's clients gave it, for as long as this node does not lead.
final class Forwarding: Sendable {
    private let pool: Locked<PoolState>
    private let group: Group
    /// Bytes of transactions in one message.
    private static let messageBytes = 1 << 20

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
        take { $0.hasUnforwarded ? $0.takeForForwarding(bytes: Self.messageBytes) : [] }
    }

    /// Takes something for the leader; nil where there is nothing, or nobody else who leads.
    private func take(
        _ body: (inout Pool) -> [VerifiedTransaction]
    ) -> (NodeID, [[UInt8]])? {
        pool.with { state in
            guard !state.isLeader, let leader = state.leader, leader != group.id else { return nil }
            let taken = body(&state.pool)
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

    /// Every second: sends again what did not come back in a block for some time.
    func tick() {
        if let (leader, raws) = take({ $0.takeOverdue(bytes: Self.messageBytes) }) {
            group.send(.transactions(raws), to: leader, lane: .bulk)
        }
        pump()
    }
}
