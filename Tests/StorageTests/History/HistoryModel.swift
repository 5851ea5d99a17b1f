import Ledger
import Testing

@testable import Storage

let historyIdentity = StoreIdentity(chainID: 3355, genesisHash: Hash32(1, 2, 3, 4))

extension HistoryStore.Tuning {
    /// Small, so that few blocks are enough for merges on several levels.
    static let small = HistoryStore.Tuning(segmentHashes: 64, sectionBlocks: 16, sectionItems: 300)
}

/// Blocks made from a seed, and the plain answers to what a history is asked.
struct HistoryModel {
    var blocks: [BlockRecord] = []
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    var next: UInt64 { blocks.last.map { $0.height + 1 } ?? 0 }

    /// Makes the next block.
    mutating func grow(transactions: ClosedRange<Int> = 0...20) -> BlockRecord {
        let height = next
        let block = BlockRecord(
            height: height, hash: randomHash(),
            transactions: (0..<Int.random(in: transactions, using: &generator)).map { _ in
                randomHash()
            },
            // From few values, so that blocks share them, and some that come again and again.
            logItems: (0..<Int.random(in: 0...30, using: &generator)).map { _ in
                UInt64.random(in: 0...400, using: &generator)
                    * (Bool.random(using: &generator) ? 1 : 7919)
            },
            bytes: (0..<Int.random(in: 0...50, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            })
        blocks.append(block)
        return block
    }

    mutating func randomHash() -> Hash32 {
        Hash32(generator.next(), generator.next(), generator.next(), generator.next())
    }

    mutating func random(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &generator)
    }

    /// Checks every answer of a store about the blocks from `first` on.
    func check(_ store: HistoryStore, first: UInt64 = 0) throws {
        #expect(store.tip == blocks.last?.height)
        #expect(store.tipHash == blocks.last?.hash)
        for block in blocks {
            let isKept = block.height >= first
            #expect(try store.block(at: block.height) == (isKept ? block.bytes : nil))
            #expect(try store.hash(at: block.height) == (isKept ? block.hash : nil))
            #expect(try store.height(ofBlock: block.hash) == (isKept ? block.height : nil))
            for (index, hash) in block.transactions.enumerated() {
                let place = TransactionLocation(height: block.height, index: index)
                #expect(try locate(hash, in: store) == (isKept ? place : nil))
            }
        }
    }

    /// Looks a transaction up as a node does: the whole hash is compared with the block.
    func locate(_ hash: Hash32, in store: HistoryStore) throws -> TransactionLocation? {
        try store.locate(transaction: hash) { place in
            guard let block = blocks.first(where: { $0.height == place.height }) else {
                return false
            }
            return block.transactions.indices.contains(place.index)
                && block.transactions[place.index] == hash
        }
    }

    /// The heights of the blocks that have an item of each group.
    func heights(matching groups: [[UInt64]], in range: ClosedRange<UInt64>) -> [UInt64] {
        blocks.filter { block in
            range.contains(block.height)
                && groups.allSatisfy { group in group.contains { block.logItems.contains($0) } }
        }.map(\.height)
    }
}
