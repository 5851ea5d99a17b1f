import Ledger

/// The keys of the two databases of history; `docs/formats/store.md` lists them.
enum HistoryKey {
    // MARK: Both

    static let identity: [UInt8] = [0x00, 0x00]

    // MARK: Blocks

    /// No block is as high: the index has five bytes for it.
    static let heightLimit: UInt64 = 1 << 40

    /// The first block that was not pruned; written by pruning only.
    static let first: [UInt8] = [0x00, 0x01]

    /// What is kept of a block, each under a key of its own.
    enum Part: UInt8, CaseIterable {
        /// What the caller gave.
        case bytes = 0
        case hash = 1
        /// The first eight bytes of the hashes of the block itself and of its transactions.
        case hashPrefixes = 2
        /// What its logs can be found by.
        case logItems = 3
        case certificate = 4
    }

    /// Height before part: every new key is greater than all before it.
    static func block(_ height: UInt64, _ part: Part) -> [UInt8] {
        var writer = ByteWriter(capacity: 10)
        writer.write(byte: 0x10)
        writer.write(height)
        writer.write(byte: part.rawValue)
        return writer.bytes
    }

    /// The first key that is no block's.
    static let blocksEnd: [UInt8] = [0x11]

    /// The height in a block's key, nil if it is no such key.
    static func blockHeight(_ key: [UInt8]) -> UInt64? {
        guard key.count == 10, key[0] == 0x10 else { return nil }
        return key[1..<9].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The first byte of blocks that pruning leaves.
    static let kept: UInt8 = 0x12

    /// One part of a block that pruning leaves.
    static func kept(_ height: UInt64, _ part: Part) -> [UInt8] {
        var key = block(height, part)
        key[0] = kept
        return key
    }

    /// Whether a key is of a block, kept for ever or not.
    static func isOfBlocks(_ key: [UInt8]) -> Bool {
        key.count == 10 && (key[0] == 0x10 || key[0] == kept) && Part(rawValue: key[9]) != nil
    }

    // MARK: Index

    static let progress: [UInt8] = [0x00, 0x01]
    static let hashIndex: [UInt8] = [0x00, 0x02]

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

    /// A section of the log index, by the height of its last block.
    static func logSection(last: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 9)
        writer.write(byte: 0x41)
        writer.write(last)
        return writer.bytes
    }

    /// The first key that is no section's.
    static let logSectionsEnd: [UInt8] = [0x42]
}

/// How far the indexes have come.
struct IndexProgress: Equatable, Sendable {
    /// The first block whose hashes are in no segment.
    var hashesFrom: UInt64
    /// The first block whose log items are in no section.
    var logsFrom: UInt64

    init(from height: UInt64) {
        hashesFrom = height
        logsFrom = height
    }

    /// 16 bytes: the two heights.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 16)
        writer.write(hashesFrom)
        writer.write(logsFrom)
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        hashesFrom = try reader.read()
        logsFrom = try reader.read()
        try reader.finish()
    }
}
