import Ledger
import TestSupport

@testable import Storage

let checkpointIdentity = StoreIdentity(chainID: 3355, genesisHash: Hash32(1, 2, 3, 4))

/// A state of so many entries made from a seed, and the plain answers about it.
struct CheckpointModel {
    /// The object that lists the heights of blocks to be kept, and what every model's has.
    static let listKey: [UInt8] = [3]
    static let keptHeight: UInt64 = 7

    let memory = MemoryStore()
    let store: StateStore
    let block: BlockRecord
    /// All entries in the order of their keys.
    private(set) var entries: [(key: [UInt8], value: [UInt8])] = []

    init(count: Int, seed: UInt64 = 1, height: UInt64 = 40) throws {
        var generator = SeededNumbers(seed: seed)
        var changes = StateChanges()
        var list = ByteWriter()
        list.write(Self.keptHeight)
        changes.objects.append(ObjectChange(key: Self.listKey, value: list.bytes))
        entries.append((Self.listKey, list.bytes))
        var keys: Set<[UInt8]> = [Self.listKey]
        while keys.count < count {
            let key: [UInt8]
            // Every hundredth is an object, some of them without a value.
            if keys.count % 100 == 1 {
                key = [2] + (0..<8).map { _ in UInt8.random(in: 0...255, using: &generator) }
                let value = (0..<Int.random(in: 0...200, using: &generator)).map { UInt8($0) }
                guard keys.insert(key).inserted else { continue }
                changes.objects.append(ObjectChange(key: key, value: value))
                entries.append((key, value))
            } else {
                let cell = CellKey(
                    space: UInt32.random(in: 0...3, using: &generator),
                    address: Address(
                        high: generator.next(), middle: generator.next(),
                        low: UInt32.random(in: 0 ... .max, using: &generator)))
                let value = Cell(
                    amount: UInt128(generator.next()) << 20, aux: UInt64(keys.count), touched: 7)
                key = cell.bytes
                guard keys.insert(key).inserted else { continue }
                changes.cells.append(CellChange(key: cell, cell: value, previous: 0))
                var writer = ByteWriter()
                writer.write(value.amount)
                writer.write(value.aux)
                writer.write(value.touched)
                entries.append((key, writer.bytes))
            }
        }
        entries.sort { $0.key.lexicographicallyPrecedes($1.key) }
        block = TestBlock.record(height: height)
        store = try StateStore(over: memory, identity: checkpointIdentity)
        try store.apply(changes, meta: try TestBlock.meta(block))
    }

    /// The root over all leaves, made as one tree.
    var root: Hash32 {
        MerkleTree.root(
            of: entries.map { key, value in
                var writer = ByteWriter()
                writer.write(counted: key)
                writer.write(raw: value)
                return MerkleTree.leaf(writer.bytes)
            })
    }

    /// Writes the checkpoint into a folder.
    func checkpoint(in folder: CheckpointFolder) throws -> Checkpoint {
        let manifest = try folder.write(try store.snapshot(), CheckpointControl(share: 100))!
        return try folder.checkpoint(at: manifest.meta.height)!
    }
}

/// Blocks whose parts fit their headers.
enum TestBlock {
    static func record(height: UInt64, certificate: [UInt8]? = [1, 2, 3]) -> BlockRecord {
        let bytes = stored(height: height)
        let block = try! StoredBlock(decoding: bytes)
        return BlockRecord(
            height: height, hash: block.hash, transactions: [], logItems: [1, 2], bytes: bytes,
            certificate: certificate)
    }

    static func meta(_ block: BlockRecord) throws -> StateMeta {
        let header = try StoredBlock(decoding: block.bytes).header
        return StateMeta(
            height: block.height, headerHash: block.hash, stateHash: header.stateHash)
    }

    static func stored(
        height: UInt64, changes: StateChanges = StateChanges(),
        change: (inout Header) -> Void = { _ in }
    ) -> [UInt8] {
        let body = Body.encode(
            version: 1, height: height, parent: Hash32(height, 1, 1, 1), timeMillis: 1000,
            leader: .zero,
            transactions: [])
        var records = ByteWriter()
        Record.write(.done, gasUsed: 0, feePayer: nil, output: [], effects: [], to: &records)
        var header = Header(
            height: height, parent: Hash32(height, 2, 2, 2), body: SHA256.hash(body),
            timeMillis: 1000, leader: .zero, transactionCount: 0,
            transactionsRoot: MerkleTree.emptyRoot,
            recordsRoot: MerkleTree.root(of: [MerkleTree.leaf(records.bytes)]),
            changesRoot: changes.merkleRoot(), stateHash: Hash32(height, 3, 3, 3), gasUsed: 0,
            gasLimit: 1, gasPrice: 1, banks: .zero)
        change(&header)
        return StoredBlock.encode(
            header: header, body: body, records: records.bytes,
            recordEnds: [records.bytes.count], changes: changes)
    }
}

extension StateSnapshot {
    /// All entries, in order.
    func entries() throws -> [[[UInt8]]] {
        var entries: [[[UInt8]]] = []
        try scan { key, value in
            entries.append([Array(key), Array(value)])
            return true
        }
        return entries
    }
}
