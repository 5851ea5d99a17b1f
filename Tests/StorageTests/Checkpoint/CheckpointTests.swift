import Foundation
import Ledger
import TestSupport
import Testing

@testable import Storage

struct CheckpointTests {
    private let temporary = TemporaryFolder()

    private func folder() throws -> CheckpointFolder {
        try CheckpointFolder(path: temporary.file("checkpoints"))
    }

    @Test(arguments: [1, 2, 3, 4095, 4096, 4097, 8192, 8193, 12_289, 20_000])
    func `a checkpoint has the root of one tree over all entries`(count: Int) throws {
        let model = try CheckpointModel(count: count)
        let checkpoint = try model.checkpoint(in: try folder())
        let manifest = checkpoint.manifest
        #expect(manifest.root == model.root)
        #expect(manifest.leafCount == UInt64(count))
        #expect(manifest.meta == model.store.meta)
        #expect(try model.store.snapshot().stateRoot() == model.root)
        var entries: [(key: [UInt8], value: [UInt8])] = []
        try checkpoint.forEachEntry { entries.append((Array($0), Array($1))) }
        #expect(entries.elementsEqual(model.entries) { $0.key == $1.key && $0.value == $1.value })
        // What came later is not in it.
        #expect(try folder().heights() == [40])
    }

    @Test(arguments: [1, 4096, 8193, 13_000])
    func `every entry is proved against the root, and no other`(count: Int) throws {
        let model = try CheckpointModel(count: count)
        let checkpoint = try model.checkpoint(in: try folder())
        for place in stride(from: 0, to: count, by: max(1, count / 40)) + [count - 1] {
            let (key, value) = model.entries[place]
            let entry = try #require(try checkpoint.entry(forKey: key))
            #expect(entry.value == value)
            #expect(entry.index == UInt64(place))
            func holds(_ leaf: [UInt8]) -> Bool {
                MerkleTree.verify(
                    leaf: MerkleTree.leaf(leaf), index: Int(entry.index),
                    count: Int(entry.leafCount), path: entry.path, root: model.root)
            }
            #expect(holds(entry.leaf))
            #expect(!holds(entry.leaf + [0]))
        }
        #expect(try checkpoint.entry(forKey: [1]) == nil)
        #expect(try checkpoint.entry(forKey: [0xFF]) == nil)
        #expect(try checkpoint.entry(forKey: model.entries[0].key + [0]) == nil)
    }

    @Test func `bytes are those of the format`() throws {
        let memory = MemoryStore()
        let store = try StateStore(over: memory, identity: checkpointIdentity)
        let key = CellKey(space: 1, address: Address(high: 2, middle: 3, low: 4))
        try store.apply(
            StateChanges(
                cells: [
                    CellChange(
                        key: key, cell: Cell(amount: 5, aux: 6, touched: 7), previous: 0)
                ], objects: [ObjectChange(key: [2, 9], value: [8])]),
            meta: StateMeta(
                height: 10_000, headerHash: Hash32(1, 1, 1, 1), stateHash: Hash32(2, 2, 2, 2)))
        let folder = try folder()
        let manifest = try #require(try folder.write(try store.snapshot()))
        let checkpoint = try #require(try folder.checkpoint(at: 10_000))
        let cell =
            "0000003d" + "00000019" + "0100000001" + "0000000000000002000000000000000300000004"
            + "00000000000000000000000000000005" + "0000000000000006" + "0000000000000007"
        let object = "00000007" + "00000002" + "0209" + "08"
        #expect(Hex.encode(try checkpoint.chunk(0)) == cell + object)
        let first = MerkleTree.leaf(try #require(Hex.decode(cell.dropFirst(8))))
        let second = MerkleTree.leaf(try #require(Hex.decode(object.dropFirst(8))))
        let root = MerkleTree.node(first, second)
        #expect(manifest.root == root)
        let path = temporary.file("checkpoints/00000000000000010000/")
        #expect(try Files.read(path + "data", atMost: 999) == Hex.decode(cell + object))
        let head =
            "4449504e43484b31" + "0000000000002710"
            + String(repeating: "0000000000000001", count: 4)
            + String(repeating: "0000000000000002", count: 4) + "0000000000000002"
            + Hex.encode(root.bytes) + "00000001" + Hex.encode(root.bytes) + "0000000000000000"
            + "000000000000004c" + "00000019" + Hex.encode(key.bytes)
        let bytes = try #require(Hex.decode(head))
        #expect(
            try Files.read(path + "manifest", atMost: 999)
                == bytes + SHA256.hash(bytes).bytes)
        #expect(
            Hex.encode(try checkpoint.outline().bytes)
                == "01" + "0000000000002710" + "00000001" + Hex.encode(root.bytes) + "01"
                + "0000003d" + cell.dropFirst(8) + "01" + Hex.encode(second.bytes))
    }

    @Test func `a cancelled checkpoint leaves nothing, and what a crash left is removed`() throws {
        let model = try CheckpointModel(count: 9000)
        let control = CheckpointControl()
        control.cancel()
        let folder = try folder()
        #expect(try folder.write(try model.store.snapshot(), control) == nil)
        #expect(try Files.names(in: folder.path) == [])
        try Files.makeFolder(folder.path + "/00000000000000000040.new")
        #expect(try self.folder().heights() == [])
        #expect(try Files.names(in: folder.path) == [])
        // A second one is not made again.
        _ = try model.checkpoint(in: folder)
        #expect(try folder.write(try model.store.snapshot(), control)?.root == model.root)
    }

    @Test func `the two newest certified checkpoints stay`() throws {
        let folder = try folder()
        for height in 1...5 as ClosedRange<UInt64> {
            _ = try CheckpointModel(count: 3, height: height * 10).checkpoint(in: folder)
        }
        try folder.removeOld(certified: 9)
        #expect(try folder.heights() == [10, 20, 30, 40, 50])
        try folder.removeOld(certified: 40)
        #expect(try folder.heights() == [30, 40, 50])
        try folder.removeOld(certified: 40)
        #expect(try folder.heights() == [30, 40, 50])
        try folder.removeOld(certified: .max, keeping: 0, besides: 30)
        #expect(try folder.heights() == [30, 50])
        try folder.removeOld(certified: .max, keeping: 0)
        #expect(try folder.heights() == [50])
    }

    @Test func `a manifest that somebody sealed again has no sum beyond a number`() throws {
        let folder = try folder()
        let whole = try CheckpointModel(count: 5_000).checkpoint(in: folder).manifest.bytes
        func sealed(_ edit: (inout [UInt8]) -> Void) -> [UInt8] {
            var bytes = Array(whole.dropLast(32))
            edit(&bytes)
            return bytes + SHA256.hash(bytes).bytes
        }
        _ = try CheckpointManifest(decoding: sealed { _ in })
        // The number of entries; then the first chunk's place and size, and the second one's place.
        for place in [80, 156, 164] {
            for high in [0xFF, 0x7F, 0x01] as [UInt8] {
                let forged = sealed { $0[place] = high }
                #expect(throws: DecodingFault.self) { try CheckpointManifest(decoding: forged) }
            }
        }
    }

    @Test func `damage to either file is reported, whichever byte it is`() throws {
        let folder = try folder()
        let model = try CheckpointModel(count: 50)
        _ = try model.checkpoint(in: folder)
        let path = folder.path + "/00000000000000000040/"
        for (name, step) in [("manifest", 1), ("data", 7)] {
            let whole = try Files.read(path + name, atMost: 1 << 20)
            for offset in stride(from: 0, to: whole.count, by: step) {
                var bytes = whole
                bytes[offset] ^= 1
                try Data(bytes).write(to: URL(fileURLWithPath: path + name))
                let fault = #expect(throws: StoreFault.self) {
                    _ = try folder.checkpoint(at: 40)?.chunk(0)
                }
                #expect(fault?.kind == .corrupt)
            }
            try Data(whole.dropLast()).write(to: URL(fileURLWithPath: path + name))
            #expect(throws: StoreFault.self) { try folder.checkpoint(at: 40) }
            try Data(whole).write(to: URL(fileURLWithPath: path + name))
        }
        #expect(try folder.checkpoint(at: 40)?.manifest.root == model.root)
    }
}
