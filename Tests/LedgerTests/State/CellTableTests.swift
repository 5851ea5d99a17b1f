import TestSupport
import Testing

@testable import Ledger

struct CellTableTests {
    private func key(_ number: UInt64, space: UInt32 = 0) -> CellKey {
        CellKey(
            space: space,
            address: Address(high: number &* 0x9E37_79B9_7F4A_7C15, middle: ~number, low: 1))
    }

    /// Keys whose places in an index of 4,096 lie in a narrow stretch that runs over its end.
    private func crowdedKeys(_ count: Int, _ table: borrowing CellTable) -> [CellKey] {
        var keys: [CellKey] = []
        var number: UInt64 = 0
        while keys.count < count {
            let candidate = key(number)
            let home = Int(truncatingIfNeeded: table.hash(candidate)) & 4095
            if home >= 4088 || home < 4 { keys.append(candidate) }
            number += 1
        }
        return keys
    }

    @Test func `a record lies in one line of the cache, and to expect one does not add it`() {
        var table = CellTable(seed: 1)
        let slots = (0..<100 as Range<UInt64>).map { table.insert(key($0), Cell(amount: 1)) }
        for slot in slots { #expect(Int(bitPattern: table[slot]).isMultiple(of: 64)) }
        #expect(MemoryLayout<CellTable.Record>.stride == 64)
        table.prefetch(ContiguousArray((0..<200 as Range<UInt64>).map { key($0) }))
        #expect(table.count == 100)
        #expect(table.find(key(150)) == nil)
    }

    @Test func `keys are told apart by space and by every part of the address`() {
        var table = CellTable(seed: 1)
        let address = Address(high: 1, middle: 2, low: 3)
        let keys = [
            CellKey(space: 0, address: address),
            CellKey(space: 1, address: address),
            CellKey(space: 0x8000_0000, address: address),
            CellKey(space: 0, address: Address(high: 9, middle: 2, low: 3)),
            CellKey(space: 0, address: Address(high: 1, middle: 9, low: 3)),
            CellKey(space: 0, address: Address(high: 1, middle: 2, low: 9)),
            CellKey(space: 3, address: Address(high: 1, middle: 2, low: 0)),
        ]
        for (number, key) in keys.enumerated() {
            #expect(table.find(key) == nil)
            _ = table.insert(key, Cell(amount: UInt128(number)))
        }
        for (number, key) in keys.enumerated() {
            let slot = table.find(key)
            #expect(slot.map { table[$0].pointee.cell.amount } == UInt128(number))
        }
    }

    @Test func `slots stay while the table grows over several slabs`() {
        var table = CellTable(seed: 2)
        let count: UInt64 = 150_000
        var slots: [UInt32] = []
        for number in 0..<count {
            slots.append(table.insert(key(number), Cell(amount: UInt128(number))))
        }
        #expect(table.count == Int(count))
        var isRight = true
        for number in 0..<count {
            let slot = table.find(key(number))
            isRight = isRight && slot == slots[Int(number)]
            isRight = isRight && table[slots[Int(number)]].pointee.cell.amount == UInt128(number)
        }
        #expect(isRight)
        #expect(table.find(key(count)) == nil)
    }

    @Test(arguments: UInt64(1)...20)
    func `crowded keys are found after any of them are gone`(seed: UInt64) {
        var table = CellTable(seed: seed)
        var generator = SeededNumbers(seed: seed)
        let keys = crowdedKeys(60, table)
        var present: Set<CellKey> = []
        for _ in 0..<40 {
            for key in keys.shuffled(using: &generator).prefix(30) where !present.contains(key) {
                _ = table.insert(key, Cell(amount: UInt128(key.address.middle)))
                present.insert(key)
            }
            // Those that are to stay look as if they waited to be written.
            let leaving = Set(present.shuffled(using: &generator).prefix(present.count / 2))
            for key in present {
                let slot = table.find(key)
                guard let slot else {
                    Issue.record("\(key) is lost")
                    return
                }
                table[slot].pointee.cell.touched = leaving.contains(key) ? 1 : 2
            }
            table.evict(limit: 0, writtenUpTo: 1)
            present.subtract(leaving)
            #expect(table.count == present.count)
            for key in keys {
                let slot = table.find(key)
                #expect((slot != nil) == present.contains(key))
                if let slot {
                    #expect(table[slot].pointee.cell.amount == UInt128(key.address.middle))
                }
            }
        }
    }

    @Test func `what was read lately outlives what was not`() {
        var table = CellTable(seed: 3)
        for number in 0..<UInt64(100) { _ = table.insert(key(number), Cell()) }
        // The first pass makes everybody old.
        table.evict(limit: 99, writtenUpTo: 0)
        let survivors = (0..<UInt64(100)).filter { table.find(key($0)) != nil }
        #expect(survivors.count == 99)
        for number in survivors.prefix(50) {
            if let slot = table.find(key(number)) { table[slot].pointee.use = 3 }
        }
        table.evict(limit: 50, writtenUpTo: 0)
        #expect(survivors.prefix(50).allSatisfy { table.find(key($0)) != nil })
        #expect(table.count == 50)
    }

    @Test func `what waits to be written is never dropped`() {
        var table = CellTable(seed: 4)
        for number in 0..<UInt64(100) {
            _ = table.insert(key(number), Cell(touched: number))
        }
        table.evict(limit: 0, writtenUpTo: 59)
        #expect(table.count == 40)
        for number in 0..<UInt64(100) {
            #expect((table.find(key(number)) != nil) == (number >= 60))
        }
        // Free slots are used again.
        let end = table.slotsEnd
        for number in 100..<UInt64(160) { _ = table.insert(key(number), Cell()) }
        #expect(table.slotsEnd == end)
    }
}
