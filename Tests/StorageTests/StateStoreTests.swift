import Dispatch
import Ledger
import Synchronization
import TestSupport
import Testing

@testable import Storage

private let identity = StoreIdentity(chainID: 3355, genesisHash: Hash32(1, 2, 3, 4))

private func meta(_ height: UInt64) -> StateMeta {
    StateMeta(
        height: height, headerHash: Hash32(height, 0, 0, 1), stateHash: Hash32(height, 0, 0, 2))
}

private func key(_ number: UInt64, space: UInt32 = 0) -> CellKey {
    CellKey(
        space: space,
        address: Address(high: number &* 0x9E37_79B9_7F4A_7C15, middle: number, low: 7))
}

private func change(_ key: CellKey, amount: UInt128, touched: UInt64 = 0) -> CellChange {
    CellChange(key: key, cell: Cell(amount: amount, aux: 9, touched: touched), previous: 0)
}

struct StateStoreTests {
    private let folder = TemporaryFolder()

    @Test func `cells and objects are as applied, before and after reopening`() throws {
        let large = Cell(amount: .max - 5, aux: .max, touched: 17)
        func check(_ store: StateStore) {
            #expect(store.meta == meta(17))
            #expect(store.cell(key(1)) == large)
            #expect(store.cell(key(2))?.amount == 2)
            #expect(store.cell(key(1, space: 1)) == nil)
            #expect(store.object([2, 1]) == [42])
            #expect(store.object([2, 2]) == [])
            #expect(store.object([2, 3]) == nil)
            #expect(store.fault == nil)
        }
        do {
            let store = try StateStore(path: folder.path, identity: identity)
            #expect(store.meta == nil)
            #expect(store.cell(key(1)) == nil)
            try store.apply(
                StateChanges(
                    cells: [change(key(2), amount: 2)],
                    objects: [ObjectChange(key: [2, 3], value: [1])]), meta: meta(0))
            try store.apply(
                StateChanges(
                    cells: [CellChange(key: key(1), cell: large, previous: 0)],
                    objects: [
                        ObjectChange(key: [2, 3], value: nil),
                        ObjectChange(key: [2, 2], value: []),
                        ObjectChange(key: [2, 1], value: [42]),
                    ]), meta: meta(17))
            check(store)
        }
        check(try StateStore(path: folder.path, identity: identity))
    }

    @Test func `the bytes on disk are those of the format`() throws {
        let memory = MemoryStore()
        let store = try StateStore(over: memory, identity: identity)
        let key = CellKey(
            space: 0x8000_0001,
            address: Address(
                high: 0x0102_0304_0506_0708, middle: 0x090A_0B0C_0D0E_0F10, low: 0x1112_1314))
        let cell = Cell(amount: 1 << 64 | 2, aux: 3, touched: 4)
        try store.apply(
            StateChanges(cells: [CellChange(key: key, cell: cell, previous: 0)]), meta: meta(5))
        let stored = try #require(try memory.value(key.bytes))
        #expect(
            Hex.encode(stored)
                == "00000000000000010000000000000002" + "0000000000000003" + "0000000000000004")
        #expect(
            Hex.encode(key.bytes) == "01" + "80000001" + "0102030405060708090a0b0c0d0e0f1011121314")
        #expect(
            Hex.encode(try #require(try memory.value([0, 0]))) == "00000001" + "0000000000000d1b"
                + "0000000000000001000000000000000200000000000000030000000000000004")
        #expect(
            Hex.encode(try #require(try memory.value([0, 1]))) == "0000000000000005"
                + "0000000000000005000000000000000000000000000000000000000000000001"
                + "0000000000000005000000000000000000000000000000000000000000000002")
    }

    @Test func `batches are sorted by key`() throws {
        var generator = SeededNumbers(seed: 3)
        var batch = WriteBatch()
        // Addresses that share their first four bytes as well as such that do not.
        let cells = (0..<2000).map { number in
            change(
                CellKey(
                    space: UInt32.random(in: 0...3, using: &generator),
                    address: Address(
                        high: UInt64.random(in: 0...3, using: &generator) << 32
                            | UInt64.random(in: 0...9, using: &generator),
                        middle: generator.next(), low: 0)), amount: UInt128(number))
        }
        batch.putSorted(cells)
        let keys = batch.changes.map(\.key)
        #expect(keys == keys.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(Set(keys) == Set(cells.map(\.key.bytes)))
        for (key, value) in batch.changes {
            let change = try #require(cells.first { $0.key.bytes == key })
            #expect(value?.withUnsafeBytes { Cell(stored: $0) } == change.cell)
        }
    }

    @Test func `another ledger's folder is refused and both are named`() throws {
        do { _ = try StateStore(path: folder.path, identity: identity) }
        let other = StoreIdentity(chainID: 1, genesisHash: Hash32(9, 9, 9, 9))
        let fault = #expect(throws: StoreFault.self) {
            try StateStore(path: folder.path, identity: other)
        }
        #expect(fault?.kind == .foreign)
        let text = try #require(fault?.description)
        for part in ["3355", identity.genesisHash.hex, "chain 1 ", other.genesisHash.hex] {
            #expect(text.contains(part))
        }
        let sameChain = StoreIdentity(chainID: 3355, genesisHash: Hash32(9, 9, 9, 9))
        #expect(throws: StoreFault.self) {
            try StateStore(path: folder.path, identity: sameChain)
        }
        #expect(try StateStore(path: folder.path, identity: identity).meta == nil)
    }

    @Test func `another format is refused, whatever follows its version`() throws {
        let memory = MemoryStore()
        memory.overwrite([0, 0], [0, 0, 0, 2, 7])
        let fault = #expect(throws: StoreFault.self) {
            try StateStore(over: memory, identity: identity)
        }
        #expect(fault?.kind == .unsupported)
    }

    @Test func `data without the record of their ledger are refused`() throws {
        let memory = MemoryStore()
        memory.overwrite([1, 2, 3], [1])
        let fault = #expect(throws: StoreFault.self) {
            try StateStore(over: memory, identity: identity)
        }
        #expect(fault?.kind == .corrupt)
        #expect(try memory.value([0, 0]) == nil)
    }

    @Test(arguments: [[UInt8](), [1, 2, 3], Array(repeating: 0, count: 71)])
    func `damaged records of the ledger and of the height are refused`(bytes: [UInt8]) throws {
        let memory = MemoryStore()
        _ = try StateStore(over: memory, identity: identity)
        memory.overwrite([0, 1], bytes)
        var fault = #expect(throws: StoreFault.self) {
            try StateStore(over: memory, identity: identity)
        }
        #expect(fault?.kind == .corrupt)
        memory.overwrite([0, 0], [0, 0, 0, 1] + bytes)
        fault = #expect(throws: StoreFault.self) {
            try StateStore(over: memory, identity: identity)
        }
        #expect(fault?.kind == .corrupt)
    }

    @Test func `a cell of another size is a fault, not a balance`() throws {
        let memory = MemoryStore()
        let store = try StateStore(over: memory, identity: identity)
        memory.overwrite(key(1).bytes, [1, 2, 3])
        #expect(store.cell(key(1)) == nil)
        #expect(store.storeFault?.kind == .corrupt)
        #expect(store.fault?.contains("3 bytes instead of 32") == true)
    }

    @Test func `the first fault of a read is kept`() throws {
        let memory = MemoryStore()
        let store = try StateStore(over: memory, identity: identity)
        memory.fail(reads: .inputOutput)
        #expect(store.object([2]) == nil)
        memory.fail(reads: .corrupt)
        #expect(store.cell(key(1)) == nil)
        store.scan(prefix: [2]) { _, _ in true }
        memory.fail()
        #expect(store.object([2]) == nil)
        #expect(store.storeFault?.kind == .inputOutput)
    }

    @Test(arguments: [StoreFault.Kind.diskFull, .inputOutput])
    func `a batch that fails leaves height and cells as they were`(kind: StoreFault.Kind) throws {
        let memory = MemoryStore()
        let store = try StateStore(over: memory, identity: identity)
        try store.apply(StateChanges(cells: [change(key(1), amount: 1)]), meta: meta(1))
        memory.fail(writes: kind)
        let fault = #expect(throws: StoreFault.self) {
            try store.apply(StateChanges(cells: [change(key(1), amount: 2)]), meta: meta(2))
        }
        #expect(fault?.kind == kind)
        #expect(store.meta == meta(1))
        #expect(store.cell(key(1))?.amount == 1)
    }

    @Test func `what was applied survives a power cut`() throws {
        let memory = MemoryStore()
        do {
            let store = try StateStore(over: memory, identity: identity)
            try store.apply(StateChanges(cells: [change(key(1), amount: 1)]), meta: meta(1))
            #expect(memory.unsyncedCount == 0)
        }
        memory.cutPower()
        let store = try StateStore(over: memory, identity: identity)
        #expect(store.meta == meta(1))
        #expect(store.cell(key(1))?.amount == 1)
    }

    @Test func `a snapshot stands at one height while blocks go on`() throws {
        let store = try StateStore(path: folder.path, identity: identity)
        try store.apply(
            StateChanges(
                cells: [change(key(1), amount: 1)], objects: [ObjectChange(key: [2], value: [1])]),
            meta: meta(1))
        let snapshot = try store.snapshot()
        try store.apply(
            StateChanges(
                cells: [change(key(2), amount: 2)], objects: [ObjectChange(key: [2], value: nil)]),
            meta: meta(2))
        #expect(snapshot.meta == meta(1))
        var keys: [[UInt8]] = []
        try snapshot.scan { key, _ in
            keys.append(Array(key))
            return true
        }
        #expect(keys == [key(1).bytes, [2]])
    }

    @Test func `readers beside the writer see each cell before or after a batch`() throws {
        let store = try StateStore(path: folder.path, identity: identity)
        let cells = 200
        let blocks: UInt64 = 60
        func changes(_ height: UInt64) -> StateChanges {
            StateChanges(
                cells: (0..<UInt64(cells)).map {
                    change(key($0), amount: UInt128(height), touched: height)
                })
        }
        try store.apply(changes(0), meta: meta(0))
        final class Progress: Sendable { let isDone = Atomic(false) }
        let progress = Progress()
        // Threads, not tasks: readers that never wait would keep the writer's task from starting.
        let readers = DispatchGroup()
        for reader in 0..<3 {
            DispatchQueue.global().async(group: readers) {
                var last = Array(repeating: UInt64(0), count: cells)
                var generator = SeededNumbers(seed: UInt64(reader) + 5)
                repeat {
                    let number = Int.random(in: 0..<cells, using: &generator)
                    let cell = store.cell(key(UInt64(number))) ?? Cell(amount: .max)
                    #expect(cell.amount == UInt128(cell.touched))
                    #expect(cell.touched >= last[number])
                    last[number] = cell.touched
                } while !progress.isDone.load(ordering: .relaxed)
            }
        }
        defer { readers.wait() }
        defer { progress.isDone.store(true, ordering: .relaxed) }
        for height in 1...blocks { try store.apply(changes(height), meta: meta(height)) }
        #expect(store.meta == meta(blocks))
        #expect(store.fault == nil)
    }

    @Test func `one store at a time, and the refusal names the folder`() throws {
        let store = try StateStore(path: folder.path, identity: identity)
        let fault = #expect(throws: StoreFault.self) {
            try StateStore(path: folder.path, identity: identity)
        }
        #expect(fault?.kind == .locked)
        #expect(fault?.path == folder.path)
        #expect(store.meta == nil)
    }
}
