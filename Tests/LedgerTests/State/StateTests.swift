import Testing

@testable import Ledger

/// A store of state in two dictionaries, which counts what is read from it.
final class DictionarySource: StateSource {
    var cells: [CellKey: Cell] = [:]
    var objects: [[UInt8]: [UInt8]] = [:]
    var cellReads = 0
    var fault: String?

    func cell(_ key: CellKey) -> Cell? {
        cellReads += 1
        return cells[key]
    }

    func object(_ key: [UInt8]) -> [UInt8]? { objects[key] }

    func scan(prefix: [UInt8], _ body: ([UInt8], [UInt8]) -> Bool) {
        for (key, value) in objects.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) })
        where key.starts(with: prefix) {
            guard body(key, value) else { return }
        }
    }

    func write(_ changes: StateChanges) {
        for change in changes.cells { cells[change.key] = change.cell }
        for change in changes.objects { objects[change.key] = change.value }
    }
}

private func key(_ number: UInt64, space: UInt32 = 0) -> CellKey {
    CellKey(space: space, address: Address(high: number, middle: 0, low: 0))
}

struct StateTests {
    private let source = DictionarySource()

    private func begun(_ height: UInt64 = 1, cellLimit: Int = 1 << 20) -> State {
        let state = State(source: source, cellLimit: cellLimit)
        state.beginBlock(BlockContext(height: height))
        return state
    }

    @Test func `a cell that was never written is zero`() {
        let state = begun()
        #expect(state.cell(key(1)) == Cell())
        #expect(state.endBlock().cells.isEmpty)
    }

    @Test func `a stored cell is read once`() {
        source.cells[key(1)] = Cell(amount: 5, aux: 6, touched: 0)
        let state = begun()
        #expect(state.cell(key(1)).amount == 5)
        #expect(state.cell(key(1)).aux == 6)
        #expect(source.cellReads == 1)
    }

    @Test func `a rollback restores cells, objects and effects and lists no change`() {
        source.cells[key(1)] = Cell(amount: 5, aux: 6, touched: 0)
        source.objects[[2]] = [7]
        let state = begun()
        let mark = state.mark()
        state.write(key(1), amount: 8, aux: 9)
        state.write(key(2), amount: 1, aux: 0)
        state.setObject([2], nil)
        state.setObject([3], [1])
        state.record(0x10) { $0.write(UInt32(7)) }
        #expect(state.cell(key(1)).touched == 1)
        state.rollback(to: mark)
        #expect(state.cell(key(1)) == Cell(amount: 5, aux: 6, touched: 0))
        #expect(state.cell(key(2)) == Cell())
        #expect(state.object([2]) == [7])
        #expect(state.object([3]) == nil)
        #expect(state.effects.bytes.isEmpty)
        let changes = state.endBlock()
        #expect(changes.cells.isEmpty && changes.objects.isEmpty)
        #expect(state.uncollectedCount == 0)
    }

    @Test func `marks nest and are undone from the inside out`() {
        let state = begun()
        state.write(key(1), amount: 1, aux: 0)
        let outer = state.mark()
        state.write(key(1), amount: 2, aux: 0)
        let inner = state.mark()
        state.write(key(1), amount: 3, aux: 0)
        state.write(key(2), amount: 3, aux: 0)
        state.rollback(to: inner)
        #expect(state.cell(key(1)).amount == 2)
        #expect(state.cell(key(2)).amount == 0)
        state.rollback(to: inner)
        #expect(state.cell(key(1)).amount == 2)
        state.rollback(to: outer)
        #expect(state.cell(key(1)).amount == 1)
        #expect(state.endBlock().cells.map(\.key) == [key(1)])
    }

    @Test func `an effect is framed by tag and length`() {
        let state = begun()
        state.record(0x41) { $0.write(raw: [1, 2, 3]) }
        state.record(0x42) { _ in }
        #expect(state.effects.bytes == [0x41, 0, 0, 0, 3, 1, 2, 3, 0x42, 0, 0, 0, 0])
    }

    @Test func `changes of a block are sorted, each key once, with the height before`() {
        let state = begun(3)
        state.write(key(9, space: 1), amount: 1, aux: 0)
        state.write(key(5), amount: 1, aux: 0)
        state.write(key(7), amount: 1, aux: 0)
        state.write(key(5), amount: 2, aux: 0)
        state.setObject([3, 1], [1])
        state.setObject([3], [2])
        state.setObject([3], nil)
        _ = state.endBlock()
        state.beginBlock(BlockContext(height: 4))
        state.write(key(5), amount: 3, aux: 0)
        state.write(key(4), amount: 1, aux: 0)
        let changes = state.endBlock()
        #expect(changes.cells.map(\.key) == [key(4), key(5)])
        #expect(changes.cells.map(\.previous) == [0, 3])
        #expect(changes.cells.map(\.cell.touched) == [4, 4])
        #expect(changes.cells.map(\.cell.amount) == [1, 3])
    }

    @Test func `an object written and removed is listed as removed`() {
        let state = begun()
        state.setObject([3], [2])
        state.setObject([3], nil)
        state.setObject([2], [1])
        let changes = state.endBlock()
        #expect(changes.objects.map(\.key) == [[2], [3]])
        #expect(changes.objects.map(\.value) == [[1], nil])
    }

    @Test func `genesis lists each key once`() {
        let state = State(source: source)
        state.beginBlock(BlockContext(height: 0))
        for amount in 1...3 {
            state.write(key(1), amount: UInt128(amount), aux: 0)
            state.setObject([2], [UInt8(amount)])
        }
        let changes = state.endBlock()
        #expect(changes.cells.map(\.cell.amount) == [3])
        #expect(changes.objects.map(\.value) == [[3]])
    }

    @Test func `changes of several blocks are collected once, each with its last value`() {
        let state = begun(1)
        state.write(key(1), amount: 1, aux: 0)
        _ = state.endBlock()
        state.beginBlock(BlockContext(height: 2))
        state.write(key(1), amount: 2, aux: 0)
        state.write(key(2), amount: 2, aux: 0)
        state.setObject([2], [2])
        _ = state.endBlock()
        #expect(state.uncollectedCount == 3)
        let collected = state.collectChanges()
        #expect(collected.cells.map(\.key) == [key(1), key(2)])
        #expect(collected.cells.map(\.cell) == [2, 2].map { Cell(amount: $0, aux: 0, touched: 2) })
        #expect(collected.objects.map(\.key) == [[2]])
        #expect(state.uncollectedCount == 0)
        let again = state.collectChanges()
        #expect(again.cells.isEmpty && again.objects.isEmpty)
        state.beginBlock(BlockContext(height: 3))
        state.write(key(1), amount: 3, aux: 0)
        _ = state.endBlock()
        #expect(state.collectChanges().cells.map(\.key) == [key(1)])
    }

    @Test func `what is not yet written stays in memory beyond the limit`() {
        let state = begun(1, cellLimit: 4)
        for number in 0..<UInt64(20) { state.write(key(number), amount: 1, aux: 0) }
        _ = state.endBlock()
        #expect(state.cellCount == 20)
        let collected = state.collectChanges()
        state.beginBlock(BlockContext(height: 2))
        _ = state.endBlock()
        #expect(state.cellCount == 20)
        source.write(collected)
        state.written(upTo: 1)
        state.beginBlock(BlockContext(height: 3))
        _ = state.endBlock()
        #expect(state.cellCount == 4)
        state.beginBlock(BlockContext(height: 4))
        for number in 0..<UInt64(20) { #expect(state.cell(key(number)).amount == 1) }
    }

    @Test func `a genesis larger than the limit is not evicted before it is written`() {
        let state = State(source: source, cellLimit: 4, objectLimit: 4)
        state.beginBlock(BlockContext(height: 0))
        for number in 0..<UInt64(20) {
            state.write(key(number), amount: UInt128(number + 1), aux: 0)
            state.setObject([2, UInt8(number)], [UInt8(number)])
        }
        #expect(state.endBlock().cells.count == 20)
        #expect(state.cellCount == 20)
        let collected = state.collectChanges()
        #expect(Set(collected.cells.map(\.key)) == Set((0..<20).map { key($0) }))
        state.beginBlock(BlockContext(height: 1))
        _ = state.endBlock()
        for number in 0..<UInt64(20) {
            #expect(state.cell(key(number)).amount == UInt128(number + 1))
            #expect(state.object([2, UInt8(number)]) == [UInt8(number)])
        }
        source.write(collected)
        state.written(upTo: 0)
        state.trim()
        #expect(state.cellCount == 4)
        for number in 0..<UInt64(20) {
            #expect(state.cell(key(number)).amount == UInt128(number + 1))
        }
    }

    @Test func `objects are kept by their bytes, too`() {
        let state = State(source: source, objectByteLimit: 1_000)
        func block(_ height: UInt64, _ write: (Int) -> [UInt8]?) {
            state.beginBlock(BlockContext(height: height))
            for number in 0..<20 { state.setObject([2, UInt8(number)], write(number)) }
            _ = state.endBlock()
        }
        block(1) { Array(repeating: UInt8($0), count: 100) }
        // None of it is stored yet.
        #expect(state.objectBytes == 2_000)
        source.write(state.collectChanges())
        state.written(upTo: 1)
        state.trim()
        #expect(state.objectBytes <= 500)
        for number in 0..<20 {
            #expect(state.object([2, UInt8(number)])?.count == 100)
        }
        #expect(state.objectBytes == 2_000)
        // What is undone and what is removed is counted, too.
        let mark = state.mark()
        state.setObject([2, 0], Array(repeating: 0, count: 7))
        state.setObject([3, 0], [1])
        #expect(state.objectBytes == 2_000 - 93 + 1)
        state.rollback(to: mark)
        #expect(state.objectBytes == 2_000)
        state.trim()
        block(2) { $0 < 10 ? nil : [1] }
        source.write(state.collectChanges())
        #expect(state.objectBytes <= 500 + 10)
        for number in 0..<20 {
            #expect(state.object([2, UInt8(number)]) == (number < 10 ? nil : [1]))
        }
        #expect(state.objectBytes == 10)
    }

    @Test func `a participant undoes in reverse and writes when the block ends`() {
        final class Book: DraftParticipant {
            var log: [String] = []
            weak var state: State?
            func undo(_ number: Int) { log.append("undo \(number)") }
            func adopted() { log.append("adopted") }
            func blockEnds() {
                log.append("ends")
                state?.setObject([9], [1])
            }
        }
        let state = begun()
        let book = Book()
        book.state = state
        let number = state.join(book)
        state.journal(participant: number, undo: 1)
        let mark = state.mark()
        state.journal(participant: number, undo: 2)
        state.journal(participant: number, undo: 3)
        state.rollback(to: mark)
        #expect(book.log == ["undo 3", "undo 2"])
        #expect(state.endBlock().objects.map(\.key) == [[9]])
        #expect(book.log == ["undo 3", "undo 2", "ends", "adopted"])
    }

    @Test func `a fault of the source is the state's`() {
        let state = begun()
        #expect(state.fault == nil)
        source.fault = "disk"
        #expect(state.fault == "disk")
    }

    @Test func `a scan gives stored objects in order until told to stop`() {
        source.objects = [[2, 1]: [1], [2, 2]: [2], [3]: [3]]
        let state = begun()
        var seen: [[UInt8]] = []
        state.scan(prefix: [2]) { key, _ in
            seen.append(key)
            return seen.count < 2
        }
        #expect(seen == [[2, 1], [2, 2]])
    }
}
