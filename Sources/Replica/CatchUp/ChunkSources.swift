import Consensus

/// Who is asked for the chunks of one checkpoint, by what became of those that were asked for.
package struct ChunkSources: Sendable {
    private var liars: Set<NodeID> = []
    /// How often each did not give what it was asked for, or not in time.
    private var delays: [NodeID: Int] = [:]

    /// Nobody was asked yet.
    package init() {}

    /// Takes note that a peer sent what is no chunk of the checkpoint.
    ///
    /// It is asked for no other one while there is somebody else.
    package mutating func lied(_ peer: NodeID) { liars.insert(peer) }

    /// Takes note that a peer gave nothing, or not in time.
    package mutating func delayed(_ peer: NodeID) { delays[peer, default: 0] += 1 }

    /// Whom to ask next.
    ///
    /// - Parameters:
    ///   - peers: all.
    ///   - isAble: whether one may be asked now.
    /// - Returns: those of whom least can be said, in the order of `peers`; nobody where all must be waited for.
    package func best(of peers: [NodeID], isAble: (NodeID) -> Bool) -> [NodeID] {
        let honest = peers.filter { !liars.contains($0) }
        let able = (honest.isEmpty ? peers : honest).filter(isAble)
        let least = able.map { delays[$0] ?? 0 }.min()
        return able.filter { (delays[$0] ?? 0) == least }
    }
}
