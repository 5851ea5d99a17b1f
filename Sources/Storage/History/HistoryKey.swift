import Ledger

/// The keys of the history store; `docs/formats/store.md` lists them.
enum HistoryKey {
    static let identity: [UInt8] = [0x00, 0x00]
    static let meta: [UInt8] = [0x00, 0x01]
    static let hashIndex: [UInt8] = [0x00, 0x02]

    /// Families of keys that go on with a height.
    enum Family: UInt8 {
        case block = 0x10
        case certificate = 0x11
        case blockHash = 0x12
        /// Entries of the hash index that are in no segment yet.
        case pendingHashes = 0x20
        /// Items of the log index that are in no section yet.
        case pendingLogs = 0x21
        /// By the height of the section's last block.
        case logSection = 0x41
    }

    static func make(_ family: Family, _ height: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 9)
        writer.write(byte: family.rawValue)
        writer.write(height)
        return writer.bytes
    }

    /// The height in a key of some family, nil if it is no such key.
    static func height(_ key: UnsafeRawBufferPointer) -> UInt64? {
        guard key.count == 9 else { return nil }
        return UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
    }

    /// One bucket of one segment of the hash index.
    static func hashBucket(level: Int, segment: UInt64, bucket: UInt32) -> [UInt8] {
        var writer = ByteWriter(capacity: 14)
        writer.write(byte: 0x30)
        writer.write(byte: UInt8(level))
        writer.write(segment)
        writer.write(bucket)
        return writer.bytes
    }

    /// One bucket of the section of the log index that begins at a height.
    static func logBucket(first: UInt64, bucket: UInt16) -> [UInt8] {
        var writer = ByteWriter(capacity: 11)
        writer.write(byte: 0x40)
        writer.write(first)
        writer.write(bucket)
        return writer.bytes
    }
}

/// What the history store holds, and how far its indexes have come.
struct HistoryMeta: Equatable, Sendable {
    /// The last block.
    var tip: UInt64
    /// The hash of the last block's header.
    var tipHash: Hash32
    /// The first block that was not pruned.
    var first: UInt64
    /// The first block whose hashes are in no segment.
    var hashesFrom: UInt64
    /// The first block whose log items are in no section.
    var logsFrom: UInt64

    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.write(tip)
        writer.write(tipHash)
        writer.write(first)
        writer.write(hashesFrom)
        writer.write(logsFrom)
        return writer.bytes
    }

    init(firstBlock: BlockRecord) {
        tip = firstBlock.height
        tipHash = firstBlock.hash
        first = firstBlock.height
        hashesFrom = firstBlock.height
        logsFrom = firstBlock.height
    }

    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        tip = try reader.read()
        tipHash = try reader.readHash()
        first = try reader.read()
        hashesFrom = try reader.read()
        logsFrom = try reader.read()
        try reader.finish()
        guard tip < 1 << 40, first <= tip, hashesFrom <= tip + 1, logsFrom <= tip + 1 else {
            throw DecodingFault("heights contradict each other")
        }
    }
}
