import Ledger
import Testing

@testable import Storage

struct PruningTests {
    @Test(arguments: [UInt64(1), 2])
    func `pruned blocks are gone and the others are found`(seed: UInt64) throws {
        let memory = MemoryHistory()
        var store = try memory.open()
        var model = HistoryModel(seed: seed)
        var first: UInt64 = 0
        for round in 0..<12 {
            for _ in 0..<30 { try store.append([model.grow()], sync: false) }
            if round % 3 == 2 {
                first = UInt64(model.random(Int(first)...Int(model.next - 1)))
                try store.prune(below: first)
                #expect(store.first == first)
            }
            if round % 4 == 3 {
                store = try memory.open()
            }
            try model.check(store, first: first)
            let all = model.heights(matching: [[1, 2, 3, 7919]], in: first...model.next)
            #expect(
                try store.blocks(matching: [[1, 2, 3, 7919]], in: 0...model.next, limit: 999)
                    == all)
        }
    }

    @Test func `the last block is never pruned`() throws {
        let store = try MemoryHistory().open()
        var model = HistoryModel(seed: 3)
        for _ in 0..<30 { try store.append([model.grow()], sync: false) }
        try store.prune(below: .max)
        #expect(store.first == 29)
        try model.check(store, first: 29)
        try store.append([model.grow()], sync: false)
        try model.check(store, first: 29)
        // Backwards is nowhere.
        try store.prune(below: 3)
        #expect(store.first == 29)
    }

    @Test func `the bytes of blocks are told without reading them`() throws {
        let memory = MemoryHistory()
        let store = try memory.open()
        var model = HistoryModel(seed: 6)
        for _ in 0..<40 { try store.append([model.grow()], sync: false) }
        let (all, half) = (store.approximateBytes(of: 0..<40), store.approximateBytes(of: 0..<20))
        #expect(half > 0 && half + store.approximateBytes(of: 20..<40) == all)
        #expect(store.approximateBytes(of: 40..<50) == 0)
        try store.prune(below: 20)
        #expect(store.approximateBytes(of: 0..<40) == all - half)
    }

    @Test func `pruning gives the keys back`() throws {
        let memory = MemoryHistory()
        let store = try memory.open()
        var model = HistoryModel(seed: 4)
        for _ in 0..<600 { try store.append([model.grow()], sync: false) }
        func keys() -> Int { memory.blocks.keyCount + memory.index.keyCount }
        let before = keys()
        try store.prune(below: 590)
        #expect(keys() < before / 5)
    }

    @Test func `a crash between the batches of a pruning leaves a whole history`() throws {
        for kept in 0..<10 {
            let memory = MemoryHistory()
            var model = HistoryModel(seed: 5)
            do {
                let store = try memory.open()
                for _ in 0..<200 { try store.append([model.grow()], sync: false) }
                try store.append([model.grow()], sync: true)
                let (blocks, index) = (memory.blocks.unsyncedCount, memory.index.unsyncedCount)
                try store.prune(below: 150)
                // The blocks' batches come first, and without a sync either may be lost alone.
                memory.blocks.cutPower(kept: blocks + kept % 2)
                memory.index.cutPower(kept: index + kept / 2)
            }
            let store = try memory.open()
            try model.check(store, first: try #require(store.first))
            try store.prune(below: 150)
            try model.check(store, first: 150)
        }
    }
}

struct KeptBlockTests {
    @Test func `what is to be kept outlives pruning, a power cut and reopening`() throws {
        let memory = MemoryHistory()
        var model = HistoryModel(seed: 6)
        do {
            let store = try memory.open()
            for _ in 0..<50 { try store.append([model.grow()], sync: false) }
            try store.store(certificates: [(height: 20, bytes: [2, 0])], sync: false)
            try store.prune(below: 30, keeping: [0, 20, 29, 30, 99])
            // Once kept, a block is not looked for among those that are gone.
            try store.prune(below: 40, keeping: [0, 20, 29, 30])
            memory.blocks.cutPower()
            memory.index.cutPower()
        }
        let store = try memory.open()
        try model.check(store, first: try #require(store.first))
        #expect(try store.keptHeights() == [0, 20, 29, 30])
        for height in [0, 20, 29, 30] as [UInt64] {
            let kept = try #require(try store.kept(at: height))
            #expect(kept.bytes == model.blocks[Int(height)].bytes)
            #expect(kept.certificate == (height == 20 ? [2, 0] : nil))
        }
        #expect(try store.kept(at: 21) == nil)
        #expect(store.tip == 49)
    }
}
