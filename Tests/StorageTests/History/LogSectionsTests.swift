import Ledger
import Testing

@testable import Storage

struct LogSectionsTests {
    @Test(arguments: UInt64(1)...6)
    func `no matching block is left out and none is given for nothing`(seed: UInt64) throws {
        let memory = MemoryHistory()
        var store = try memory.open()
        var model = HistoryModel(seed: seed)
        for _ in 0..<120 {
            let blocks = (0..<model.random(1...3)).map { _ in model.grow() }
            try store.append(blocks, sync: false)
            if model.random(0...20) == 0 {
                store = try memory.open()
            }
        }
        let last = model.next
        for _ in 0..<200 {
            let groups = (0..<model.random(1...3)).map { _ in
                (0..<model.random(1...5)).map { _ in
                    UInt64(model.random(0...410)) * (model.random(0...1) == 0 ? 1 : 7919)
                }
            }
            let low = UInt64(model.random(0...Int(last)))
            let range = low...(low + UInt64(model.random(0...Int(last))))
            let expected = model.heights(matching: groups, in: range)
            #expect(try store.blocks(matching: groups, in: range, limit: 1000) == expected)
            #expect(
                try store.blocks(matching: groups, in: range, limit: 3)
                    == Array(expected.prefix(3)))
        }
    }

    @Test func `with no group all blocks match, with an empty one none`() throws {
        let store = try MemoryHistory().open()
        var model = HistoryModel(seed: 7)
        for _ in 0..<40 { try store.append([model.grow()], sync: false) }
        #expect(try store.blocks(matching: [], in: 5...90, limit: 4) == [5, 6, 7, 8])
        #expect(try store.blocks(matching: [], in: 38...(.max), limit: 4) == [38, 39])
        #expect(try store.blocks(matching: [[]], in: 0...90, limit: 4).isEmpty)
        #expect(try store.blocks(matching: [[1], []], in: 0...90, limit: 4).isEmpty)
        #expect(try store.blocks(matching: [], in: 0...90, limit: 0).isEmpty)
        #expect(try store.blocks(matching: [[1]], in: 50...90, limit: 9).isEmpty)
    }

    @Test func `one block with very many items is a section of its own`() throws {
        let store = try MemoryHistory().open(.init())
        let items = (0..<UInt64(300_000)).map { $0 &* 0x1234_5678_9ABC_DEF1 }
        for height in UInt64(0)..<3 {
            try store.append(
                [
                    BlockRecord(
                        height: height, hash: Hash32(height, 1, 1, 1), transactions: [],
                        logItems: height == 1 ? items : [1, 2], bytes: [])
                ], sync: false)
        }
        for item in [items[0], items[150_000], items[299_999]] {
            #expect(try store.blocks(matching: [[item]], in: 0...9, limit: 9) == [1])
        }
        #expect(try store.blocks(matching: [[2]], in: 0...9, limit: 9) == [0, 2])
        #expect(try store.blocks(matching: [[2], [items[5]]], in: 0...9, limit: 9).isEmpty)
    }

    @Test func `an item that comes again is kept once`() {
        let items = (0..<200).map { UInt64(5 + $0 % 2) }
        #expect(LogSections.stored(items).count == 2 * LogSections.storedCount)
        #expect(LogSections.stored([]).isEmpty)
    }

    @Test func `kept bits of small numbers differ`() {
        #expect(Set((0..<UInt64(10_000)).map(LogSections.kept)).count == 10_000)
        #expect((0..<UInt64(1000)).allSatisfy { LogSections.kept($0) < 1 << 48 })
    }

    @Test func `damaged sections are not taken for sections`() {
        func section(_ key: [UInt8], _ value: [UInt8]) -> LogSections.Section? {
            key.withUnsafeBytes { key in
                value.withUnsafeBytes { LogSections.Section(key: key, value: $0) }
            }
        }
        let whole = LogSections.Section(first: 3, last: 9, itemCount: 5000)
        let key = HistoryKey.logSection(last: 9)
        #expect(section(key, whole.bytes) == whole)
        #expect(whole.bucketBits == 3)
        #expect(section(Array(key.dropLast()), whole.bytes) == nil)
        #expect(section(key, Array(whole.bytes.dropLast())) == nil)
        #expect(section(key, Array(whole.bytes.dropLast()) + [13]) == nil)
        #expect(section(HistoryKey.logSection(last: 2), whole.bytes) == nil)
        #expect(section(HistoryKey.logSection(last: 5000), whole.bytes) == nil)
    }
}
