import Consensus
import Ledger

/// Blocks that peers sent and nobody has vouched for yet.
struct FetchedBlocks {
    /// A block with its header's hash, and who sent it.
    struct Fetched {
        let block: SealedBlock
        let hash: Hash32
        let from: NodeID
    }

    private var byHeight: [UInt64: Fetched] = [:]
    /// Bytes of all of them.
    private(set) var byteCount = 0

    /// Whether there is a block of this height.
    func has(_ height: UInt64) -> Bool { byHeight[height] != nil }

    /// Blocks that follow each other, bound by hashes, and the one after them that is not bound to them.
    ///
    /// - Parameters:
    ///   - tip: on which the first of them stands.
    ///   - limit: how many are looked at.
    /// - Returns: the blocks; `misfit` is nil where the next one is missing or not looked at.
    func run(
        above tip: (height: UInt64, header: Hash32), limit: Int
    ) -> (run: [Fetched], misfit: Fetched?) {
        var run: [Fetched] = []
        while let next = byHeight[tip.height + UInt64(run.count) + 1], run.count < limit {
            guard next.block.header.parent == run.last?.hash ?? tip.header else {
                return (run, next)
            }
            run.append(next)
        }
        return (run, nil)
    }

    /// Keeps a block, unless there is one of its height.
    mutating func add(_ block: SealedBlock, _ hash: Hash32, from peer: NodeID) {
        guard !has(block.header.height) else { return }
        byHeight[block.header.height] = Fetched(block: block, hash: hash, from: peer)
        byteCount += block.byteCount
    }

    /// Drops the block of a height.
    mutating func remove(_ height: UInt64) {
        byteCount -= byHeight.removeValue(forKey: height)?.block.byteCount ?? 0
    }

    /// Drops all that a peer sent.
    mutating func removeAll(from peer: NodeID) {
        for (height, fetched) in byHeight where fetched.from == peer { remove(height) }
    }
}
