import Ledger

/// How the entries of a state are cut into chunks, and what bounds them; `docs/formats/checkpoint.md`.
public enum ChunkFormat {
    /// Entries of a chunk; the last one may have fewer.
    ///
    /// A power of two: a chunk is then a complete sub-tree of the state's Merkle tree.
    public static let leavesPerChunk = 4096
    /// The most bytes of one leaf: far more than any record of state can have.
    public static let leafBytesMax = 64 << 20
    /// The most bytes of one chunk; all but a few are below a megabyte.
    public static let chunkBytesMax: UInt64 = 4 << 30
    /// The most chunks of a checkpoint: two thousand million entries.
    public static let chunksMax = 1 << 19

    /// The levels of the Merkle tree inside a complete chunk.
    static let levels = 12
}

/// An entry as it stands in a chunk: the leaf's length (4), the key's length (4), key, value.
struct EntryEncoder {
    private var bytes: [UInt8] = []

    /// Encodes an entry and lends it to `body`, and within it the leaf that is hashed.
    mutating func encode<Result>(
        _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer,
        _ body: (_ entry: UnsafeRawBufferPointer, _ leaf: UnsafeRawBufferPointer) -> Result
    ) -> Result {
        bytes.removeAll(keepingCapacity: true)
        write(UInt32(4 + key.count + value.count))
        write(UInt32(key.count))
        bytes.append(contentsOf: key)
        bytes.append(contentsOf: value)
        return bytes.withUnsafeBytes { body($0, UnsafeRawBufferPointer(rebasing: $0[4...])) }
    }

    private mutating func write(_ number: UInt32) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}

/// Goes through the entries in the bytes of a chunk, which may come from anybody.
struct EntryReader {
    /// A stored key and value, and the leaf that they are hashed as.
    struct Entry {
        let key: UnsafeRawBufferPointer
        let value: UnsafeRawBufferPointer
        let leaf: UnsafeRawBufferPointer
    }

    private let bytes: UnsafeRawBufferPointer
    /// Where the next entry begins.
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next entry.
    /// - Returns: nil where the bytes end, be it in the middle of an entry; ``position`` tells.
    /// - Throws: ``DecodingFault`` for lengths that no entry has, and for keys of the store's own.
    mutating func next() throws(DecodingFault) -> Entry? {
        guard bytes.count - position >= 4 else { return nil }
        let length = number(at: position)
        guard length >= 5, length <= ChunkFormat.leafBytesMax else {
            throw DecodingFault("no entry has \(length) bytes", at: position)
        }
        guard bytes.count - position - 4 >= length else { return nil }
        let start = position + 4
        let keyCount = number(at: start)
        guard keyCount >= 1, keyCount <= length - 4 else {
            throw DecodingFault("a key of \(keyCount) bytes in \(length)", at: start)
        }
        // Keys below are the store's own records.
        guard bytes[start + 4] >= StateKey.cells else {
            throw DecodingFault("a key that is not of the state", at: start + 4)
        }
        position = start + length
        return Entry(
            key: part(start + 4, keyCount),
            value: part(start + 4 + keyCount, length - 4 - keyCount), leaf: part(start, length))
    }

    private func number(at offset: Int) -> Int {
        Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }

    private func part(_ start: Int, _ count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[start..<(start + count)])
    }
}

/// Hashes a chunk's bytes as they come, piece by piece, and checks their form.
package struct ChunkHasher {
    /// The hashes of the leaves so far.
    private(set) var leaves: [Hash32] = []
    /// How many bytes came so far.
    private(set) var byteCount: UInt64 = 0
    /// The beginning of an entry whose end did not come yet; it must not be copied for each piece.
    private(set) var rest: [UInt8] = []

    package init() {}

    /// Takes the next bytes.
    /// - Throws: ``DecodingFault`` as soon as they can be no chunk.
    package mutating func absorb(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) {
        byteCount += UInt64(bytes.count)
        guard byteCount <= ChunkFormat.chunkBytesMax else {
            throw DecodingFault("a chunk of more than \(ChunkFormat.chunkBytesMax) bytes")
        }
        let used: Int
        guard !isInside(rest, with: bytes.count) else {
            // What came so far is not gone through again for each piece of a large entry.
            rest.append(contentsOf: bytes)
            return
        }
        if rest.isEmpty {
            used = try read(bytes)
            rest = Array(bytes[used...])
        } else {
            rest.append(contentsOf: bytes)
            let joined = rest
            rest = []
            var outcome: Swift.Result<Int, DecodingFault> = .success(0)
            joined.withUnsafeBytes { joined in
                do throws(DecodingFault) {
                    outcome = .success(try read(joined))
                } catch {
                    outcome = .failure(error)
                }
            }
            rest = Array(joined[(try outcome.get())...])
        }
    }

    /// Whether an entry that has begun does not end within so many more bytes.
    private func isInside(_ entry: [UInt8], with count: Int) -> Bool {
        guard entry.count >= 4 else { return false }
        // Of this length an entry may be: it was looked at when its four bytes were there.
        let length = entry.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        return entry.count + count < 4 + length
    }

    private mutating func read(_ bytes: UnsafeRawBufferPointer) throws(DecodingFault) -> Int {
        var reader = EntryReader(bytes)
        while let entry = try reader.next() {
            guard leaves.count < ChunkFormat.leavesPerChunk else {
                throw DecodingFault("more than \(ChunkFormat.leavesPerChunk) entries in a chunk")
            }
            leaves.append(MerkleTree.leaf(entry.leaf))
        }
        return reader.position
    }

    /// The chunk's root.
    /// - Throws: ``DecodingFault`` if the last entry is cut off, or there is none.
    package func finish() throws(DecodingFault) -> Hash32 {
        guard rest.isEmpty, !leaves.isEmpty else {
            throw DecodingFault("the chunk ends in the middle of an entry", at: Int(byteCount))
        }
        return MerkleTree.root(of: leaves)
    }
}
