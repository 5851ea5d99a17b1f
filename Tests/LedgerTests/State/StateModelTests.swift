import TestSupport
import Testing

@testable import Ledger

/// Random histories on a state and on plain dictionaries that are copied for every mark.
struct StateModelTests {
    private struct Model {
        var cells: [CellKey: Cell] = [:]
        var objects: [[UInt8]: [UInt8]] = [:]
    }

    private func key(_ number: Int) -> CellKey {
        CellKey(
            space: UInt32(number % 3), address: Address(high: UInt64(number), middle: 0, low: 0))
    }

    /// - Returns: every block's changes, for comparing runs with different limits.
    private func play(seed: UInt64, limit: Int, tableSeed: UInt64) throws -> [StateChanges] {
        let source = DictionarySource()
        var state = State(source: source, cellLimit: limit, objectLimit: limit, seed: tableSeed)
        var generator = SeededNumbers(seed: seed)
        var model = Model()
        var given: [StateChanges] = []
        var waiting: (changes: StateChanges, height: UInt64)?
        for height in UInt64(0)..<60 {
            let before = model
            state.beginBlock(BlockContext(height: height))
            for _ in 0..<Int.random(in: 0...15, using: &generator) {
                transaction(state, &model, height, &generator)
            }
            let changes = state.endBlock()
            given.append(changes)
            check(changes, before, model)
            // The store writes what was collected while later blocks are executed.
            switch Int.random(in: 0...5, using: &generator) {
            case 0, 1:
                if let (changes, height) = waiting {
                    source.write(changes)
                    state.written(upTo: height)
                }
                waiting = (state.collectChanges(), height)
            case 2:
                if let (changes, height) = waiting {
                    source.write(changes)
                    state.written(upTo: height)
                    waiting = nil
                }
            case 3 where Int.random(in: 0...3, using: &generator) == 0:
                if let waiting { source.write(waiting.changes) }
                source.write(state.collectChanges())
                waiting = nil
                // Everything is stored: a node may start again from here.
                state = State(
                    source: source, height: height, cellLimit: limit, objectLimit: limit,
                    seed: tableSeed)
            default: break
            }
        }
        if let waiting { source.write(waiting.changes) }
        source.write(state.collectChanges())
        #expect(source.cells == model.cells)
        #expect(source.objects == model.objects)
        return given
    }

    private func transaction(
        _ state: State, _ model: inout Model, _ height: UInt64,
        _ generator: inout SeededNumbers
    ) {
        var marks: [(Mark, Model)] = [(state.mark(), model)]
        for _ in 0..<Int.random(in: 1...12, using: &generator) {
            let number = Int.random(in: 0..<40, using: &generator)
            switch Int.random(in: 0...7, using: &generator) {
            case 0...2:
                let cell = Cell(
                    amount: UInt128(generator.next()), aux: generator.next(), touched: height)
                state.write(key(number), amount: cell.amount, aux: cell.aux)
                model.cells[key(number)] = cell
            case 3:
                #expect(state.cell(key(number)) == model.cells[key(number)] ?? Cell())
            case 4:
                let value: [UInt8]? =
                    Bool.random(using: &generator) ? nil : [UInt8(number), UInt8(height)]
                state.setObject([2, UInt8(number)], value)
                model.objects[[2, UInt8(number)]] = value
            case 5:
                #expect(state.object([2, UInt8(number)]) == model.objects[[2, UInt8(number)]])
            case 6:
                marks.append((state.mark(), model))
            default:
                let index = Int.random(in: 0..<marks.count, using: &generator)
                state.rollback(to: marks[index].0)
                model = marks[index].1
                marks.removeLast(marks.count - index - 1)
            }
        }
        if Bool.random(using: &generator) {
            state.rollback(to: marks[0].0)
            model = marks[0].1
        }
        state.adopt()
    }

    private func check(_ changes: StateChanges, _ before: Model, _ after: Model) {
        let keys = changes.cells.map(\.key)
        #expect(keys == Set(keys).sorted())
        let objectKeys = changes.objects.map(\.key)
        #expect(objectKeys == Set(objectKeys).sorted { $0.lexicographicallyPrecedes($1) })
        for change in changes.cells {
            #expect(change.cell == after.cells[change.key])
            #expect(change.previous == before.cells[change.key]?.touched ?? 0)
        }
        for change in changes.objects { #expect(change.value == after.objects[change.key]) }
        // Everything that differs is listed; what was written back to its old value may be, too.
        let listed = Set(keys)
        #expect(after.cells.allSatisfy { before.cells[$0] == $1 || listed.contains($0) })
        let listedObjects = Set(objectKeys)
        let all = Set(before.objects.keys).union(after.objects.keys)
        #expect(
            all.allSatisfy {
                before.objects[$0] == after.objects[$0] || listedObjects.contains($0)
            })
    }

    @Test(arguments: UInt64(1)...40)
    func `limits of memory and the table's seed reach no result`(seed: UInt64) throws {
        let large = try play(seed: seed, limit: 1 << 16, tableSeed: 0)
        let small = try play(seed: seed, limit: 3, tableSeed: seed)
        #expect(large.count == small.count)
        for (one, other) in zip(large, small) {
            #expect(one.cells.map(\.key) == other.cells.map(\.key))
            #expect(one.cells.map(\.cell) == other.cells.map(\.cell))
            #expect(one.cells.map(\.previous) == other.cells.map(\.previous))
            #expect(one.objects.map(\.key) == other.objects.map(\.key))
            #expect(one.objects.map(\.value) == other.objects.map(\.value))
        }
    }
}
