import Ledger

/// A whole checkpoint, open for reading by any thread.
public final class Checkpoint: Sendable {
    static let dataName = "data"
    static let manifestName = "manifest"
    /// Room for the manifest of the largest checkpoint; it is ours, but a damaged file can be anything.
    private static let manifestBytesMax = 1 << 30

    /// What it consists of.
    public let manifest: CheckpointManifest
    private let data: FileReader

    init(path: String) throws(StoreFault) {
        let file = path + "/" + Self.manifestName
        let bytes = try Files.read(file, atMost: Self.manifestBytesMax)
        do throws(DecodingFault) {
            manifest = try CheckpointManifest(decoding: bytes)
        } catch {
            throw StoreFault(.corrupt, operation: "open", path: file, message: error.description)
        }
        data = try FileReader(path: path + "/" + Self.dataName)
        guard data.size == manifest.byteCount else {
            throw StoreFault(
                .corrupt, operation: "open", path: data.path,
                message: "it has \(data.size) bytes instead of \(manifest.byteCount)")
        }
    }

    /// Reads a chunk and checks it against its root: what this node hands on is what it wrote.
    ///
    /// - Parameter index: the chunk, one of the manifest's.
    /// - Returns: the chunk's bytes.
    /// - Throws: ``StoreFault/Kind/corrupt`` if the disk changed it.
    public func chunk(_ index: Int) throws(StoreFault) -> [UInt8] { try read(index).bytes }

    /// Some bytes of a chunk as they are on the disk, for those few chunks that are sent in pieces.
    ///
    /// - Parameters:
    ///   - index: the chunk, one of the manifest's.
    ///   - offset: where in the chunk.
    ///   - limit: how many at most.
    /// - Returns: nothing at the chunk's end and beyond.
    /// - Throws: ``StoreFault``.
    public func piece(
        ofChunk index: Int, from offset: UInt64, atMost limit: Int
    ) throws(StoreFault) -> [UInt8] {
        let chunk = manifest.chunks[index]
        guard offset < chunk.byteCount, limit > 0 else { return [] }
        let count = min(UInt64(limit), chunk.byteCount - offset)
        return try data.read(Int(count), at: chunk.offset + offset)
    }

    /// Lends every entry to `body` in the order of keys, each chunk checked before.
    public func forEachEntry(
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer)
            throws(StoreFault) -> Void
    ) throws(StoreFault) {
        for index in manifest.chunks.indices { try forEachEntry(ofChunk: index, body) }
    }

    /// Lends the entries of one chunk to `body` in the order of keys; the chunk is checked before.
    public func forEachEntry(
        ofChunk index: Int,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer)
            throws(StoreFault) -> Void
    ) throws(StoreFault) {
        try Self.forEachEntry(of: try chunk(index), path: data.path, body)
    }

    /// Lends the entries of a chunk's bytes, which were checked.
    static func forEachEntry(
        of bytes: [UInt8], path: String,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer)
            throws(StoreFault) -> Void
    ) throws(StoreFault) {
        let fault = bytes.withUnsafeBytes { bytes -> StoreFault? in
            var reader = EntryReader(bytes)
            do throws(StoreFault) {
                while let entry = try? reader.next() { try body(entry.key, entry.value) }
            } catch {
                return error
            }
            guard reader.position == bytes.count else {
                return StoreFault(
                    .corrupt, operation: "read", path: path,
                    message: "a chunk ends in the middle of an entry")
            }
            return nil
        }
        if let fault { throw fault }
    }

    private func read(_ index: Int) throws(StoreFault) -> (bytes: [UInt8], leaves: [Hash32]) {
        let chunk = manifest.chunks[index]
        let bytes = try data.read(Int(chunk.byteCount), at: chunk.offset)
        var hasher = ChunkHasher()
        var reason: DecodingFault?
        var root: Hash32?
        bytes.withUnsafeBytes { bytes in
            do throws(DecodingFault) {
                try hasher.absorb(bytes)
                root = try hasher.finish()
            } catch {
                reason = error
            }
        }
        guard root == chunk.root else {
            throw StoreFault(
                .corrupt, operation: "read", path: data.path,
                message: "chunk \(index) is not what was written"
                    + (reason.map { ": \($0)" } ?? ""))
        }
        return (bytes, hasher.leaves)
    }

    // MARK: For others

    /// What a peer gets first.
    ///
    /// - Throws: ``StoreFault``: some twenty chunks are read.
    public func outline() throws(StoreFault) -> CheckpointOutline {
        var witnesses: [CheckpointOutline.Witness] = []
        for index in CheckpointOutline.witnessed(chunkCount: manifest.chunks.count) {
            let (bytes, leaves) = try read(index)
            let first = bytes.withUnsafeBytes { bytes in
                var reader = EntryReader(bytes)
                return (try? reader.next()).map { Array($0.leaf) }
            }
            guard let first, let path = MerkleTree.proof(of: 0, in: leaves) else {
                preconditionFailure("a chunk that was just read has no entry")
            }
            witnesses.append(CheckpointOutline.Witness(leaf: first, path: path))
        }
        return CheckpointOutline(
            height: manifest.meta.height, roots: manifest.chunks.map(\.root),
            witnesses: witnesses)
    }

    /// Finds an entry and the way from it to the root.
    ///
    /// - Parameter key: the stored key; of a cell ``CellKey/bytes``.
    /// - Returns: nil if the state has no such entry.
    /// - Throws: ``StoreFault``.
    public func entry(forKey key: [UInt8]) throws(StoreFault) -> CheckpointEntry? {
        var (low, high) = (0, manifest.chunks.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if key.lexicographicallyPrecedes(manifest.chunks[middle].firstKey) {
                high = middle
            } else {
                low = middle
            }
        }
        let (bytes, leaves) = try read(low)
        let found = bytes.withUnsafeBytes { bytes -> (place: Int, value: [UInt8])? in
            var reader = EntryReader(bytes)
            var place = 0
            while let entry = try? reader.next() {
                if entry.key.elementsEqual(key) { return (place, Array(entry.value)) }
                place += 1
            }
            return nil
        }
        guard let found, let inside = MerkleTree.proof(of: found.place, in: leaves),
            let above = MerkleTree.proof(of: low, in: manifest.chunks.map(\.root))
        else { return nil }
        return CheckpointEntry(
            key: key, value: found.value,
            index: UInt64(low) * UInt64(ChunkFormat.leavesPerChunk) + UInt64(found.place),
            leafCount: manifest.leafCount, path: inside + above)
    }
}

/// One entry of a checkpoint with the way from it to the root: a proof.
public struct CheckpointEntry: Equatable, Sendable {
    /// The stored key.
    public let key: [UInt8]
    /// The stored value.
    public let value: [UInt8]
    /// The place of its leaf among all, from 0.
    public let index: UInt64
    /// How many leaves there are.
    public let leafCount: UInt64
    /// The siblings from the leaf to the root, lowest first, as `MerkleTree.verify` wants them.
    public let path: [Hash32]

    /// The leaf that is hashed: the key behind its length, then the value.
    public var leaf: [UInt8] {
        var writer = ByteWriter(capacity: 4 + key.count + value.count)
        writer.write(counted: key)
        writer.write(raw: value)
        return writer.bytes
    }
}
