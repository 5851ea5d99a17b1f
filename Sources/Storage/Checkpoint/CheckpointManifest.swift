import Ledger

/// What a checkpoint in a folder consists of, and what it stands for.
///
/// Written by this node for itself; a peer gets a ``CheckpointOutline``, of which it can check all.
public struct CheckpointManifest: Equatable, Sendable {
    /// One chunk of the entries.
    public struct Chunk: Equatable, Sendable {
        /// The root over the chunk's leaves.
        public let root: Hash32
        /// Where the chunk begins in the file of entries.
        public let offset: UInt64
        /// How many bytes it has there.
        public let byteCount: UInt64
        /// The stored key of its first entry.
        public let firstKey: [UInt8]
    }

    /// After which block, by whose header, with which chained state hash.
    public let meta: StateMeta
    /// How many entries there are.
    public let leafCount: UInt64
    /// The chunks in the order of their keys; at least one.
    public let chunks: [Chunk]
    /// The root over the chunks' roots, which is the root over all leaves.
    public let root: Hash32

    init(meta: StateMeta, leafCount: UInt64, chunks: [Chunk]) {
        self.meta = meta
        self.leafCount = leafCount
        self.chunks = chunks
        root = MerkleTree.root(of: chunks.map(\.root))
    }

    /// The size of the file of entries.
    public var byteCount: UInt64 { chunks.last.map { $0.offset + $0.byteCount } ?? 0 }
}

extension CheckpointManifest {
    package static let magic: UInt64 = 0x4449_504e_4348_4b31  // "DIPNCHK1"

    /// The file, its checksum included.
    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 160 + chunks.count * 80)
        writer.write(Self.magic)
        writer.write(raw: meta.bytes)
        writer.write(leafCount)
        writer.write(root)
        writer.write(UInt32(chunks.count))
        for chunk in chunks {
            writer.write(chunk.root)
            writer.write(chunk.offset)
            writer.write(chunk.byteCount)
            writer.write(counted: chunk.firstKey)
        }
        writer.write(SHA256.hash(writer.bytes))
        return writer.bytes
    }

    /// Reads the file.
    /// - Throws: ``DecodingFault`` for any file that was not written like that.
    package init(decoding bytes: [UInt8]) throws(DecodingFault) {
        guard bytes.count >= 32, SHA256.hash(bytes.dropLast(32)) == Hash32(bytes.suffix(32)) else {
            throw DecodingFault("the checksum is wrong")
        }
        var reader = ByteReader(bytes.dropLast(32))
        guard try reader.read(UInt64.self) == Self.magic else {
            throw DecodingFault("no manifest of a checkpoint in a format that is known")
        }
        let meta = try StateMeta(decoding: Array(try reader.readRaw(72)))
        let leafCount: UInt64 = try reader.read()
        let root = try reader.readHash()
        let count = Int(try reader.read(UInt32.self))
        guard count <= reader.remaining / 52 else { throw DecodingFault("too many chunks") }
        var chunks: [Chunk] = []
        chunks.reserveCapacity(count)
        var end: UInt64 = 0
        for _ in 0..<count {
            let chunk = Chunk(
                root: try reader.readHash(), offset: try reader.read(),
                byteCount: try reader.read(), firstKey: Array(try reader.readCounted()))
            // The checksum keeps out damage and nobody's hand: no sum of these may be beyond a number.
            guard chunk.offset == end, chunk.byteCount <= ChunkFormat.chunkBytesMax else {
                throw DecodingFault("a chunk does not begin where the one before it ends")
            }
            end += chunk.byteCount
            chunks.append(chunk)
        }
        try reader.finish()
        self.init(meta: meta, leafCount: leafCount, chunks: chunks)
        let perChunk = UInt64(ChunkFormat.leavesPerChunk)
        guard self.root == root, let last = UInt64(exactly: chunks.count - 1),
            leafCount > last * perChunk, leafCount - last * perChunk <= perChunk
        else { throw DecodingFault("the manifest does not agree with itself") }
    }
}
