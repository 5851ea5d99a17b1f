import Ledger
import Threads

/// The last blocks in memory: those that the history store does not have yet, and some more for readers.
final class RecentBlocks: Sendable {
    private struct Contents {
        var head: StoredBlock
        var blocks: [UInt64: StoredBlock] = [:]
        var heights: [DigestKey: UInt64] = [:]
        var places: [DigestKey: Place] = [:]
        var transactions: [UInt64: [Hash32]] = [:]
        var lowest: UInt64
        var bytes = 0
    }

    /// Where a transaction stands.
    struct Place: Sendable {
        let height: UInt64
        let index: Int
    }

    private let contents: Locked<Contents>
    /// Bytes of blocks kept beyond what the history store lacks.
    private let byteLimit: Int

    init(head: StoredBlock, byteLimit: Int = 64 << 20) {
        self.byteLimit = byteLimit
        contents = Locked(Contents(head: head, lowest: head.header.height))
        append(head, transactions: [])
    }

    var head: StoredBlock { contents.with { $0.head } }

    func append(_ block: StoredBlock, transactions: [Hash32]) {
        let height = block.header.height
        contents.with { contents in
            contents.head = block
            contents.blocks[height] = block
            contents.heights[DigestKey(block.hash)] = height
            contents.transactions[height] = transactions
            for (index, hash) in transactions.enumerated() {
                // A skipped one is no execution of the transaction: a later block may have that.
                if block.outcome(index) == .skipped { continue }
                contents.places[DigestKey(hash)] = Place(height: height, index: index)
            }
            contents.bytes += block.bytes.count
        }
    }

    func block(at height: UInt64) -> StoredBlock? { contents.with { $0.blocks[height] } }

    func block(hash: Hash32) -> StoredBlock? {
        contents.with { contents in
            contents.heights[DigestKey(hash)].flatMap { contents.blocks[$0] }
        }
    }

    func locate(_ hash: Hash32) -> Place? { contents.with { $0.places[DigestKey(hash)] } }

    /// Drops the oldest blocks that the history store has, until the limit is met.
    func trim(archivedUpTo archived: UInt64) {
        contents.with { contents in
            while contents.bytes > byteLimit, contents.lowest <= archived,
                contents.lowest < contents.head.header.height
            {
                let height = contents.lowest
                contents.lowest += 1
                guard let block = contents.blocks.removeValue(forKey: height) else { continue }
                contents.bytes -= block.bytes.count
                contents.heights.removeValue(forKey: DigestKey(block.hash))
                for hash in contents.transactions.removeValue(forKey: height) ?? [] {
                    let key = DigestKey(hash)
                    if contents.places[key]?.height == height { contents.places[key] = nil }
                }
            }
        }
    }
}
