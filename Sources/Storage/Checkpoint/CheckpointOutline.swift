import Ledger

/// The chunks' roots of a checkpoint, as a peer gets them, with all that it takes to check them against
/// the one root that banks have certified.
///
/// A root does not say how many leaves it stands for: a list in which a node of the tree poses as a
/// chunk, or half a chunk as a whole one, has the same root, and nobody could ever deliver that chunk.
/// So the outline shows that chunks are chunks. Of the list's tree every sub-tree to the left of the way
/// to the last chunk is complete, hence all its leaves are equally deep; one leaf shown twelve levels
/// below its chunk settles it for the whole sub-tree. The last chunk shows its first leaf. With that one
/// list fits a certified root and no other, and whoever sends a chunk that does not fit it is at fault.
public struct CheckpointOutline: Equatable, Sendable {
    /// The first leaf of a chunk and the way from it to the chunk's root.
    public struct Witness: Equatable, Sendable {
        /// Key behind its length, then the value.
        public let leaf: [UInt8]
        /// The siblings, lowest first.
        public let path: [Hash32]
    }

    /// The height of the block whose state it is.
    public let height: UInt64
    /// The roots of the chunks in the order of their keys.
    public let roots: [Hash32]
    /// For the first chunk of each complete sub-tree, from the left, and for the last chunk.
    public let witnesses: [Witness]

    /// The chunks that need a witness in a list of so many.
    ///
    /// What is left of the last chunk falls into complete sub-trees as the bits of its number say.
    static func witnessed(chunkCount: Int) -> [Int] {
        guard chunkCount > 0 else { return [] }
        let left = chunkCount - 1
        var first = 0
        var chunks: [Int] = []
        for bit in (0..<left.bitWidth - 1).reversed() where left >> bit & 1 == 1 {
            chunks.append(first)
            first += 1 << bit
        }
        return chunks + [left]
    }

    /// Checks the outline against the root that was certified for its height.
    ///
    /// - Throws: ``DecodingFault``: whoever sent it is at fault.
    public func check(against root: Hash32) throws(DecodingFault) {
        guard MerkleTree.root(of: roots) == root else {
            throw DecodingFault("the chunks' roots do not make the certified root")
        }
        let witnessed = Self.witnessed(chunkCount: roots.count)
        guard witnessed.count == witnesses.count, !roots.isEmpty else {
            throw DecodingFault("there are not as many witnesses as are needed")
        }
        for (chunk, witness) in zip(witnessed, witnesses) {
            let isLast = chunk == roots.count - 1
            let isDeepEnough =
                isLast
                ? witness.path.count <= ChunkFormat.levels
                : witness.path.count == ChunkFormat.levels
            let top = witness.path.reduce(MerkleTree.leaf(witness.leaf)) { MerkleTree.node($0, $1) }
            guard isDeepEnough, top == roots[chunk] else {
                throw DecodingFault("chunk \(chunk) is not shown to be a chunk")
            }
        }
    }
}

extension CheckpointOutline {
    /// The encoded outline.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 64 + roots.count * 32 + witnesses.count * 512)
        writer.write(byte: 1)
        writer.write(height)
        writer.write(UInt32(roots.count))
        for root in roots { writer.write(root) }
        writer.write(byte: UInt8(witnesses.count))
        for witness in witnesses {
            writer.write(counted: witness.leaf)
            writer.write(byte: UInt8(witness.path.count))
            for hash in witness.path { writer.write(hash) }
        }
        return writer.bytes
    }

    /// Decodes an outline; it must still be checked.
    ///
    /// - Source: `docs/formats/checkpoint.md`.
    public init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        guard try reader.read(UInt8.self) == 1 else {
            throw DecodingFault("an outline of a format that is not known")
        }
        height = try reader.read()
        let count = Int(try reader.read(UInt32.self))
        guard count <= ChunkFormat.chunksMax, count <= reader.remaining / 32 else {
            throw DecodingFault("\(count) chunks cannot be in here", at: reader.offset)
        }
        var roots: [Hash32] = []
        roots.reserveCapacity(count)
        for _ in 0..<count { roots.append(try reader.readHash()) }
        self.roots = roots
        var witnesses: [Witness] = []
        for _ in 0..<(try reader.read(UInt8.self)) {
            let leaf = Array(try reader.readCounted())
            var path: [Hash32] = []
            for _ in 0..<(try reader.read(UInt8.self)) { path.append(try reader.readHash()) }
            witnesses.append(Witness(leaf: leaf, path: path))
        }
        self.witnesses = witnesses
        try reader.finish()
    }
}
