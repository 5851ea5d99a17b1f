import Ledger
import TestSupport
import Testing

@testable import Storage

/// The ledger's working state on the real store, with so little memory that it reads all the time.
struct StateOverStoreTests {
    private let folder = TemporaryFolder()
    private let identity = StoreIdentity(chainID: 3355, genesisHash: .zero)

    @Test(arguments: [UInt64(1), 2, 3])
    func `a node that stops at random starts from the height that its store stands for`(
        seed: UInt64
    ) throws {
        var generator = SeededNumbers(seed: seed)
        // What the ledger was after each height: a restart takes it back to the stored one.
        var past: [[CellKey: Cell]] = [[:]]
        var pastObjects: [[[UInt8]: [UInt8]]] = [[:]]
        for _ in 0..<6 {
            let store = try StateStore(path: folder.path, identity: identity)
            var height = store.meta?.height ?? 0
            past.removeLast(past.count - Int(height) - 1)
            pastObjects.removeLast(pastObjects.count - Int(height) - 1)
            let state = State(source: store, height: height, cellLimit: 5, objectLimit: 5)
            for _ in 0..<Int.random(in: 5...30, using: &generator) {
                height += 1
                var cells = past[Int(height) - 1]
                var objects = pastObjects[Int(height) - 1]
                state.beginBlock(BlockContext(height: height))
                for _ in 0..<20 {
                    let number = UInt64.random(in: 0..<50, using: &generator)
                    let key = CellKey(
                        space: UInt32(number % 2),
                        address: Address(high: number << 56, middle: 1, low: 2))
                    #expect(state.cell(key) == cells[key] ?? Cell())
                    let cell = Cell(
                        amount: UInt128(generator.next()) << 40, aux: number, touched: height)
                    state.write(key, amount: cell.amount, aux: cell.aux)
                    cells[key] = cell
                    let name: [UInt8] = [2, UInt8(number)]
                    #expect(state.object(name) == objects[name])
                    let value: [UInt8]? = Bool.random(using: &generator) ? nil : [UInt8(number)]
                    state.setObject(name, value)
                    objects[name] = value
                }
                _ = state.endBlock()
                past.append(cells)
                pastObjects.append(objects)
                guard Int.random(in: 0...3, using: &generator) == 0 else { continue }
                let meta = StateMeta(height: height, headerHash: .zero, stateHash: .zero)
                try store.apply(state.collectChanges(), meta: meta)
                state.written(upTo: height)
            }
            #expect(state.fault == nil)
        }
        let store = try StateStore(path: folder.path, identity: identity)
        let height = Int(store.meta?.height ?? 0)
        #expect(height > 0)
        var (cellCount, objectCount) = (0, 0)
        try store.snapshot().scan { key, _ in
            if key[0] == StateKey.cells { cellCount += 1 } else { objectCount += 1 }
            return true
        }
        #expect(cellCount == past[height].count)
        #expect(objectCount == pastObjects[height].count)
        for (key, cell) in past[height] { #expect(store.cell(key) == cell) }
        for (key, value) in pastObjects[height] { #expect(store.object(key) == value) }
    }
}
