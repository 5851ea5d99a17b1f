import Dispatch
import Foundation
import Ledger
import Synchronization
import TestSupport
import Testing

@testable import Storage

struct HistoryStoreTests {
    private let folder = TemporaryFolder()

    @Test func `an empty history has no tip and finds nothing`() throws {
        let store = try HistoryStore(path: folder.path, identity: historyIdentity)
        #expect(store.tip == nil)
        #expect(store.tipHash == nil)
        #expect(store.first == nil)
        #expect(try store.block(at: 0) == nil)
        #expect(try store.hash(at: 0) == nil)
        #expect(try store.height(ofBlock: .zero) == nil)
        #expect(try store.locate(transaction: .zero) { _ in true } == nil)
        #expect(try store.blocks(matching: [], in: 0...100, limit: 10).isEmpty)
        try store.append([], sync: true)
        try store.prune(below: 100)
        #expect(store.tip == nil)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `all blocks are found by everything, before and after reopening`(seed: UInt64) throws {
        var model = HistoryModel(seed: seed)
        for round in 0..<4 {
            let store = try HistoryStore(
                blocks: LevelDB(path: folder.file("blocks")),
                index: LevelDB(path: folder.file("index")), identity: historyIdentity, .small)
            if round > 0 { try model.check(store) }
            for _ in 0..<40 {
                let blocks = (0..<model.random(1...4)).map { _ in model.grow() }
                try store.append(blocks, sync: model.random(0...4) == 0)
            }
            try model.check(store)
            #expect(try model.locate(model.randomHash(), in: store) == nil)
            #expect(try store.height(ofBlock: model.randomHash()) == nil)
        }
    }

    @Test func `segments are merged and stay few`() throws {
        let store = try MemoryHistory().open()
        var model = HistoryModel(seed: 4)
        var most = 0
        var deepest = 0
        for _ in 0..<1300 {
            try store.append([model.grow(transactions: 40...80)], sync: false)
            let index = store.writer.withLock { $0.index }
            deepest = max(deepest, index.levels.count)
            for level in index.levels {
                most = max(most, level.segments.count + (level.merge?.inputs.count ?? 0))
            }
        }
        #expect(deepest == 4)
        #expect(most <= 2 * HashIndex.fanIn)
        for block in model.blocks.shuffled().prefix(300) {
            let hash = block.transactions[0]
            #expect(
                try model.locate(hash, in: store)
                    == TransactionLocation(height: block.height, index: 0))
        }
    }

    @Test func `hashes that share eight bytes are told apart`() throws {
        let store = try MemoryHistory().open()
        var model = HistoryModel(seed: 5)
        // One in the tail at a time, the others already in segments or on their way up.
        for number in UInt64(0)..<30 {
            var block = model.grow(transactions: 30...40)
            block.transactions[7] = Hash32(0xABCD, 0, 0, number)
            block.hash = Hash32(0xABCD, 1, 0, number)
            model.blocks[model.blocks.count - 1] = block
            try store.append([block], sync: false)
        }
        try model.check(store)
        #expect(try model.locate(Hash32(0xABCD, 0, 0, 30), in: store) == nil)
        var seen: [UInt64] = []
        _ = try store.locate(transaction: Hash32(0xABCD, 9, 9, 9)) {
            seen.append($0.height)
            return false
        }
        #expect(seen == Array((0..<30).reversed()))
    }

    @Test func `what is appended again changes nothing`() throws {
        let memory = MemoryHistory()
        let store = try memory.open()
        var model = HistoryModel(seed: 6)
        let blocks = (0..<50).map { _ in model.grow() }
        try store.append(blocks, sync: false)
        let keys = memory.blocks.keyCount
        let writes = memory.blocks.writeCount
        try store.append(Array(blocks[10...20]), sync: false)
        #expect(memory.blocks.writeCount == writes)
        // Half known, half new.
        try store.append(Array(blocks[45...]) + [model.grow()], sync: false)
        try model.check(store)
        #expect(memory.blocks.keyCount <= keys + 5)
    }

    @Test func `a known block appended with sync becomes durable`() throws {
        let memory = MemoryHistory()
        let store = try memory.open()
        var model = HistoryModel(seed: 7)
        let block = model.grow()
        try store.append([block], sync: false)
        #expect(memory.blocks.unsyncedCount == 1)
        try store.append([block], sync: true)
        #expect(memory.blocks.unsyncedCount == 0)
    }

    @Test func `another block at a height is a conflict`() throws {
        let store = try MemoryHistory().open()
        var model = HistoryModel(seed: 8)
        try store.append([model.grow(), model.grow()], sync: false)
        var other = model.blocks[1]
        other.hash = Hash32(6, 6, 6, 6)
        let third = model.grow()
        let fault = #expect(throws: StoreFault.self) {
            try store.append([other, third], sync: false)
        }
        #expect(fault?.kind == .conflict)
        #expect(fault?.message.contains(other.hash.hex) == true)
        #expect(store.tip == 1)
    }

    @Test func `a gap is a conflict and nothing of the call is stored`() throws {
        let store = try MemoryHistory().open()
        var model = HistoryModel(seed: 9)
        try store.append([model.grow()], sync: false)
        let (second, _, fourth) = (model.grow(), model.grow(), model.grow())
        for blocks in [[fourth], [second, fourth]] {
            let fault = #expect(throws: StoreFault.self) { try store.append(blocks, sync: false) }
            #expect(fault?.kind == .conflict)
        }
        #expect(store.tip == 0)
        #expect(try store.block(at: 1) == nil)
    }

    @Test func `a history may begin at any height`() throws {
        let store = try MemoryHistory().open()
        var model = HistoryModel(seed: 10)
        for _ in 0..<20 { _ = model.grow() }
        model.blocks.removeFirst(10)
        try store.append(model.blocks, sync: false)
        #expect(store.first == 10)
        try model.check(store, first: 10)
    }

    @Test func `certificates come later and only to blocks that are there`() throws {
        let store = try MemoryHistory().open()
        var model = HistoryModel(seed: 11)
        try store.store(certificates: [(0, [9])], sync: false)
        try store.append([model.grow(), model.grow()], sync: false)
        try store.store(certificates: [(1, [1, 2]), (2, [3])], sync: true)
        #expect(try store.certificate(at: 0) == nil)
        #expect(try store.certificate(at: 1) == [1, 2])
        #expect(try store.certificate(at: 2) == nil)
    }

    @Test(arguments: UInt64(20)..<26)
    func `after a power cut the history is a shorter one and goes on`(seed: UInt64) throws {
        let memory = MemoryHistory()
        var model = HistoryModel(seed: seed)
        var chain: [BlockRecord] = []
        for _ in 0..<8 {
            let store = try memory.open()
            // Whatever was synced is there; the rest is appended again, as after re-execution.
            let tip = store.tip.map { Int($0) } ?? -1
            model.blocks = Array(chain.prefix(tip + 1))
            try model.check(store)
            var synced = tip
            for _ in 0..<model.random(1...40) {
                let count = model.random(1...5)
                let sync = model.random(0...3) == 0
                let next = Int(store.tip.map { $0 + 1 } ?? 0)
                model.blocks = chain
                while chain.count < next + count { chain.append(model.grow()) }
                try store.append(Array(chain[next..<(next + count)]), sync: sync)
                if sync { synced = next + count - 1 }
            }
            memory.blocks.cutPower(kept: model.random(0...memory.blocks.unsyncedCount))
            memory.index.cutPower(kept: model.random(0...memory.index.unsyncedCount))
            let reopened = try memory.open()
            #expect((reopened.tip.map { Int($0) } ?? -1) >= synced)
        }
    }

    @Test func `a failed write is reported and the blocks are not there`() throws {
        let memory = MemoryHistory()
        let store = try memory.open()
        var model = HistoryModel(seed: 12)
        try store.append([model.grow()], sync: true)
        memory.blocks.fail(writes: .diskFull)
        let next = model.grow()
        let fault = #expect(throws: StoreFault.self) { try store.append([next], sync: true) }
        #expect(fault?.kind == .diskFull)
        #expect(store.tip == 0)
        memory.blocks.fail()
        model.blocks.removeLast()
        try model.check(try memory.open())
    }

    @Test func `failed reads are faults, not absences`() throws {
        let memory = MemoryHistory()
        let store = try memory.open()
        var model = HistoryModel(seed: 13)
        try store.append([model.grow()], sync: true)
        memory.index.fail(reads: .corrupt)
        #expect(throws: StoreFault.self) { try store.height(ofBlock: .zero) }
        memory.blocks.fail(reads: .corrupt)
        #expect(throws: StoreFault.self) { try store.block(at: 0) }
        #expect(throws: StoreFault.self) { try store.hash(at: 0) }
        #expect(throws: StoreFault.self) { try store.height(ofBlock: model.blocks[0].hash) }
    }

    @Test(arguments: [
        HistoryKey.identity, HistoryKey.block(29, .hash), HistoryKey.block(29, .hashPrefixes),
    ])
    func `damaged records of blocks are reported when the store is opened`(key: [UInt8]) throws {
        let memory = MemoryHistory()
        let store = try memory.open()
        var model = HistoryModel(seed: 14)
        for _ in 0..<30 { try store.append([model.grow(transactions: 9...9)], sync: false) }
        #expect(try memory.blocks.value(key) != nil)
        // Without its hash, the last block is one that a power cut took.
        let damages: [[UInt8]?] = key == HistoryKey.block(29, .hash) ? [[], [1]] : [[], [1], nil]
        for damage in damages {
            memory.blocks.overwrite(key, damage)
            let fault = #expect(throws: StoreFault.self) { try memory.open() }
            #expect(fault?.kind == .corrupt)
        }
    }

    @Test(arguments: [HistoryKey.identity, HistoryKey.progress, HistoryKey.hashIndex])
    func `damaged records of the index are reported when the store is opened`(
        key: [UInt8]
    ) throws {
        let memory = MemoryHistory()
        let store = try memory.open()
        var model = HistoryModel(seed: 14)
        for _ in 0..<30 { try store.append([model.grow(transactions: 9...9)], sync: false) }
        #expect(try memory.index.value(key) != nil)
        for damage in [[], [1, 2, 3]] as [[UInt8]] {
            memory.index.overwrite(key, damage)
            let fault = #expect(throws: StoreFault.self) { try memory.open() }
            #expect(fault?.kind == .corrupt)
        }
    }

    @Test func `an index that is gone is made again from the blocks`() throws {
        let memory = MemoryHistory()
        var model = HistoryModel(seed: 16)
        do {
            let store = try memory.open()
            for _ in 0..<150 { try store.append([model.grow()], sync: false) }
            try store.prune(below: 20)
        }
        let store = try HistoryStore(
            blocks: memory.blocks, index: MemoryStore(), identity: historyIdentity, .small)
        try model.check(store, first: 20)
        let items: [[UInt64]] = [[1, 2, 3, 7919, 15838]]
        #expect(
            try store.blocks(matching: items, in: 0...200, limit: 999)
                == model.heights(matching: items, in: 20...200))
        // Its tail goes on as if nothing had happened.
        for _ in 0..<50 { try store.append([model.grow()], sync: false) }
        try model.check(store, first: 20)
    }

    @Test func `an index that knows more than there is belongs to other blocks`() throws {
        let memory = MemoryHistory()
        var model = HistoryModel(seed: 17)
        let store = try memory.open()
        for _ in 0..<100 { try store.append([model.grow()], sync: false) }
        let others = MemoryStore()
        _ = try HistoryStore(
            blocks: others, index: MemoryStore(), identity: historyIdentity, .small
        ).append([model.blocks[0]], sync: false)
        let fault = #expect(throws: StoreFault.self) {
            try HistoryStore(
                blocks: others, index: memory.index, identity: historyIdentity, .small)
        }
        #expect(fault?.kind == .corrupt)
        #expect(fault?.path == memory.index.path)
    }

    @Test(arguments: [true, false])
    func `another ledger's history is refused`(blocksAreOther: Bool) throws {
        let memory = MemoryHistory()
        let other = MemoryHistory()
        _ = try memory.open()
        _ = try HistoryStore(
            blocks: other.blocks, index: other.index,
            identity: StoreIdentity(chainID: 1, genesisHash: .zero))
        let fault = #expect(throws: StoreFault.self) {
            try HistoryStore(
                blocks: blocksAreOther ? other.blocks : memory.blocks,
                index: blocksAreOther ? memory.index : other.index, identity: historyIdentity)
        }
        #expect(fault?.kind == .foreign)
    }

    @Test func `readers beside the writer find whatever was appended`() throws {
        let store = try HistoryStore(
            blocks: LevelDB(path: folder.file("blocks")),
            index: LevelDB(path: folder.file("index")), identity: historyIdentity, .small)
        var model = HistoryModel(seed: 15)
        let blocks = (0..<400).map { _ in model.grow(transactions: 5...30) }
        final class Progress: Sendable { let count = Atomic(0) }
        let progress = Progress()
        let readers = DispatchGroup()
        for reader in 0..<2 {
            DispatchQueue.global().async(group: readers) {
                var generator = SeededNumbers(seed: UInt64(reader) + 50)
                var count = 0
                while count < blocks.count {
                    count = progress.count.load(ordering: .acquiring)
                    guard count > 0 else { continue }
                    let block = blocks[Int.random(in: 0..<count, using: &generator)]
                    let index = Int.random(in: 0..<block.transactions.count, using: &generator)
                    let place = try? store.locate(transaction: block.transactions[index]) {
                        $0 == TransactionLocation(height: block.height, index: index)
                    }
                    #expect(place != nil)
                    #expect((try? store.height(ofBlock: block.hash)) == block.height)
                    if let item = block.logItems.first {
                        let found = try? store.blocks(
                            matching: [[item]], in: block.height...block.height, limit: 1)
                        #expect(found == [block.height])
                    }
                }
            }
        }
        defer { readers.wait() }
        defer { progress.count.store(blocks.count, ordering: .releasing) }
        for block in blocks {
            try store.append([block], sync: false)
            progress.count.store(Int(block.height) + 1, ordering: .releasing)
        }
    }
}

/// What LevelDB can leave of writes that were not synced: they are in two logs, each of which may lose its
/// end.
struct TornHistoryTests {
    /// Indexes that never say what is durable.
    private let unindexed = HistoryStore.Tuning()

    private func lose(_ height: UInt64, _ parts: [HistoryKey.Part], of memory: MemoryHistory) {
        for part in parts { memory.blocks.overwrite(HistoryKey.block(height, part), nil) }
    }

    @Test(arguments: [UInt64(0), 7])
    func `what follows a block that a power cut took is appended again`(first: UInt64) throws {
        let memory = MemoryHistory()
        var model = HistoryModel(seed: 8)
        do {
            let store = try memory.open(unindexed)
            for _ in 0..<40 {
                let block = model.grow()
                if block.height >= first { try store.append([block], sync: false) }
            }
            try store.store(certificates: [(height: 38, bytes: [1])], sync: false)
        }
        lose(33, HistoryKey.Part.allCases, of: memory)
        let store = try memory.open(unindexed)
        #expect(store.tip == 32 && store.first == first)
        #expect(try store.certificate(at: 38) == nil)
        try store.append(Array(model.blocks[30...]), sync: true)
        try model.check(store, first: first)
    }

    @Test func `a certificate whose block was taken does not keep a node from starting`() throws {
        let memory = MemoryHistory()
        var model = HistoryModel(seed: 9)
        do {
            let store = try memory.open(unindexed)
            for _ in 0..<9 { try store.append([model.grow()], sync: false) }
            try store.store(certificates: [(height: 8, bytes: [1])], sync: false)
        }
        lose(8, [.bytes, .hash, .hashPrefixes, .logItems], of: memory)
        let store = try memory.open(unindexed)
        #expect(store.tip == 7)
        try store.append([model.blocks[8]], sync: true)
        try model.check(store)
    }

    @Test func `a block that is missing although it was synced is a fault`() throws {
        let memory = MemoryHistory()
        var model = HistoryModel(seed: 10)
        do {
            let store = try memory.open()
            for _ in 0..<200 { try store.append([model.grow()], sync: false) }
        }
        // The index knows it, so it was durable.
        lose(20, HistoryKey.Part.allCases, of: memory)
        let store = try memory.open()
        #expect(store.tip == 199)
        let fault = #expect(throws: StoreFault.self) {
            try store.append(Array(model.blocks[15...25]), sync: true)
        }
        #expect(fault?.kind == .corrupt)
    }

    @Test func `the index never outlives a part of itself`() throws {
        let memory = MemoryHistory()
        var model = HistoryModel(seed: 11)
        let store = try memory.open()
        for _ in 0..<300 { try store.append([model.grow()], sync: false) }
        #expect(memory.index.unsyncedCount == 0)
    }
}
