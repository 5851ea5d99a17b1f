import Execution
import Ledger

/// Every honest node has the same header at each height, however often it executes it.
struct SameHeaders {
    /// By height, as the first node had it.
    private(set) var hashes: [Hash32]

    init(genesis: Genesis) {
        let (machine, block) = Machine.begin(genesis, state: State(source: EmptySource()))
        machine.state.end()
        hashes = [block.hash]
    }

    /// - Returns: whether nobody executed this height before.
    mutating func executed(_ block: ExecutedBlock, by node: SimulatedNode) throws -> Bool {
        let height = Int(block.header.height)
        if height == hashes.count {
            hashes.append(block.hash)
            return true
        }
        guard height < hashes.count else {
            throw Finding(
                .sameHeaders,
                "node \(node.id) executed block \(height), but nobody had block \(hashes.count)")
        }
        guard hashes[height] == block.hash else {
            throw Finding(
                .sameHeaders,
                "node \(node.id) has \(block.hash) at \(height), others have \(hashes[height])")
        }
        return false
    }
}
