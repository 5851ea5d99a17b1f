import Ledger
import TestSupport
import Testing

@testable import Storage

let historyIdentity = StoreIdentity(chainID: 3355, genesisHash: Hash32(1, 2, 3, 4))

extension HistoryStore.Tuning {
    /// Small, so that few blocks are enough for merges on several levels.
    static let small = HistoryStore.Tuning(segmentHashes: 64, sectionBlocks: 16, sectionItems: 300)
}

/// The two databases of a history, in memory.
struct MemoryHistory {
    let blocks = MemoryStore()
    let index = MemoryStore()

    /// Opens a history over them, with indexes that gather little.
    func open(_ tuning: HistoryStore.Tuning = .small) throws(StoreFault) -> HistoryStore {
        try HistoryStore(blocks: blocks, index: index, identity: historyIdentity, tuning)
    }
}

/// Blocks made from a seed, and the plain answers to what a history is asked.
struct HistoryModel {
    var blocks: [BlockRecord] = []
    private var generator: SeededNumbers

    init(seed: UInt64) { generator = SeededNumbers(seed: seed) }

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
        // One expectation for all: thousands of them take longer than what they check.
        var wrong: [String] = []
        for block in blocks {
            let isKept = block.height >= first
            func check(_ name: String, _ isRight: Bool) {
                if !isRight { wrong.append("\(name) of block \(block.height)") }
            }
            check("bytes", try store.block(at: block.height) == (isKept ? block.bytes : nil))
            check("hash", try store.hash(at: block.height) == (isKept ? block.hash : nil))
            check(
                "height",
                try store.height(ofBlock: block.hash) == (isKept ? block.height : nil))
            // Two of each block: a lookup asks some thirty segments.
            let count = block.transactions.count
            for index in Set([Int(block.height) % max(1, count), count - 1]) where index < count {
                guard index >= 0 else { continue }
                let hash = block.transactions[index]
                let place = TransactionLocation(height: block.height, index: index)
                check(
                    "transaction \(index)",
                    try locate(hash, in: store) == (isKept ? place : nil))
            }
        }
        #expect(wrong.isEmpty)
    }

    /// Looks a transaction up as a node does: the whole hash is compared with the block.
    func locate(_ hash: Hash32, in store: HistoryStore) throws -> TransactionLocation? {
        try store.locate(transaction: hash) { place in
            let block = blocks[Int(place.height - blocks[0].height)]
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
