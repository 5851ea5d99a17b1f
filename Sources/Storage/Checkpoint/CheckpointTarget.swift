import Ledger

/// The checkpoint that a node fetches, on the word of certificates that its caller has checked.
public struct CheckpointTarget: Equatable, Sendable {
    /// The root of the state, from a certified header.
    public let root: Hash32
    /// The block whose state it is, with its certificate: history will begin with it.
    ///
    /// Its hash is that of a certified header; everything else of it is checked here.
    public let block: BlockRecord
    /// The blocks by which the set of banks changed; they are kept beside the others.
    public let kept: [KeptBlock]

    /// Describes a checkpoint.
    public init(root: Hash32, block: BlockRecord, kept: [KeptBlock]) {
        self.root = root
        self.block = block
        self.kept = kept
    }

    /// Checks that the block is the one that its hash names.
    func check() throws(DecodingFault) {
        let stored = try StoredBlock(decoding: block.bytes)
        guard stored.hash == block.hash, stored.header.height == block.height else {
            throw DecodingFault("block \(block.height) has not the certified hash")
        }
        try stored.check()
        let hashes = stored.transactions.indices.map { Keccak256.hash(stored.transaction($0)) }
        guard block.transactions == hashes else {
            throw DecodingFault("block \(block.height) has other transactions")
        }
    }

    /// What the fetched state stands for.
    var meta: StateMeta {
        guard let stored = try? StoredBlock(decoding: block.bytes) else {
            preconditionFailure("the block of a target was checked before")
        }
        return StateMeta(
            height: block.height, headerHash: block.hash, stateHash: stored.header.stateHash)
    }
}

/// What an import needs to go on after the process has ended: its own file, checksummed.
package struct Plan: Equatable, Sendable {
    package static let magic: UInt64 = 0x4449_504e_494d_5031  // "DIPNIMP1"

    let target: CheckpointTarget
    let outline: CheckpointOutline

    init(target: CheckpointTarget, outline: CheckpointOutline) {
        self.target = target
        self.outline = outline
    }

    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: target.block.bytes.count + outline.roots.count * 32)
        writer.write(Self.magic)
        writer.write(target.root)
        let block = target.block
        writer.write(block.height)
        writer.write(block.hash)
        writer.write(UInt32(block.transactions.count))
        for hash in block.transactions { writer.write(hash) }
        writer.write(UInt32(block.logItems.count))
        for item in block.logItems { writer.write(item) }
        writer.write(counted: block.bytes)
        writer.write(counted: block.certificate ?? [])
        writer.write(UInt32(target.kept.count))
        for kept in target.kept {
            writer.write(kept.height)
            writer.write(counted: kept.bytes)
            writer.write(counted: kept.certificate ?? [])
        }
        writer.write(counted: outline.bytes)
        writer.write(SHA256.hash(writer.bytes))
        return writer.bytes
    }

    package init(decoding bytes: [UInt8]) throws(DecodingFault) {
        guard bytes.count >= 32, SHA256.hash(bytes.dropLast(32)) == Hash32(bytes.suffix(32)) else {
            throw DecodingFault("the checksum is wrong")
        }
        var reader = ByteReader(bytes.dropLast(32))
        guard try reader.read(UInt64.self) == Self.magic else {
            throw DecodingFault("no plan of an import in a format that is known")
        }
        func certificate() throws(DecodingFault) -> [UInt8]? {
            let bytes = Array(try reader.readCounted())
            return bytes.isEmpty ? nil : bytes
        }
        let root = try reader.readHash()
        var block = BlockRecord(
            height: try reader.read(), hash: try reader.readHash(), transactions: [],
            logItems: [], bytes: [])
        for _ in 0..<(try reader.read(UInt32.self)) {
            block.transactions.append(try reader.readHash())
        }
        for _ in 0..<(try reader.read(UInt32.self)) { block.logItems.append(try reader.read()) }
        block.bytes = Array(try reader.readCounted())
        block.certificate = try certificate()
        var kept: [KeptBlock] = []
        for _ in 0..<(try reader.read(UInt32.self)) {
            kept.append(
                KeptBlock(
                    height: try reader.read(), bytes: Array(try reader.readCounted()),
                    certificate: try certificate()))
        }
        target = CheckpointTarget(root: root, block: block, kept: kept)
        outline = try CheckpointOutline(decoding: Array(try reader.readCounted()))
        try reader.finish()
    }
}
