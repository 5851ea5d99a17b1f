import Consensus

/// A term has one leader at most.
struct OneLeader {
    private var leaders: [Term: NodeID] = [:]

    /// - Returns: whether the term had no leader before.
    mutating func leads(_ node: SimulatedNode, _ term: Term) throws -> Bool {
        guard let other = leaders[term] else {
            leaders[term] = node.id
            return true
        }
        guard other == node.id else {
            throw Finding(.oneLeader, "nodes \(other) and \(node.id) both lead in term \(term)")
        }
        return false
    }
}
