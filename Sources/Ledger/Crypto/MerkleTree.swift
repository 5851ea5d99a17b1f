/// Merkle trees of RFC 6962 over SHA-256: a leaf is hashed behind 0x00 and a node behind 0x01, so that
/// neither can stand for the other.
///
/// A tree of n leaves splits at the largest power of two below n. That is the tree one gets by pairing
/// neighbours level by level and carrying an odd last one up as it is, which needs no recursion.
public enum MerkleTree {
    /// The root of no leaves: the SHA-256 of nothing.
    public static let emptyRoot = SHA256.hash([])

    /// The hash of a leaf.
    @inlinable
    public static func leaf(_ bytes: UnsafeRawBufferPointer) -> Hash32 {
        SHA256.hash(tag: 0, bytes)
    }

    /// The hash of a leaf.
    @inlinable
    public static func leaf(_ bytes: [UInt8]) -> Hash32 { bytes.withUnsafeBytes { leaf($0) } }

    /// The hash of a leaf.
    @inlinable
    public static func leaf(_ bytes: ArraySlice<UInt8>) -> Hash32 {
        bytes.withUnsafeBytes { leaf($0) }
    }

    /// The hash of a leaf that is one word.
    @inlinable
    public static func leaf(_ word: Hash32) -> Hash32 {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { buffer in
            word.store(into: buffer)
            return leaf(UnsafeRawBufferPointer(buffer))
        }
    }

    /// The hash of the node over two sub-trees.
    @inlinable
    public static func node(_ left: Hash32, _ right: Hash32) -> Hash32 {
        SHA256.hash(tag: 1, left, right)
    }

    /// The root over leaves.
    ///
    /// - Parameter leaves: the leaves' hashes, each made by `leaf(_:)`; consumed as the scratch memory.
    /// - Returns: ``emptyRoot`` for no leaves, the leaf itself for one.
    public static func root(of leaves: consuming [Hash32]) -> Hash32 {
        guard !leaves.isEmpty else { return emptyRoot }
        var level = leaves
        var count = level.count
        while count > 1 {
            count = ascend(&level, count)
        }
        return level[0]
    }

    /// The path from one leaf to the root, lowest sibling first.
    ///
    /// - Returns: nil when there is no such leaf; no hashes for the only leaf.
    public static func proof(of index: Int, in leaves: consuming [Hash32]) -> [Hash32]? {
        guard index >= 0, index < leaves.count else { return nil }
        var level = leaves
        var count = level.count
        var position = index
        var path: [Hash32] = []
        while count > 1 {
            let sibling = position ^ 1
            if sibling < count { path.append(level[sibling]) }
            count = ascend(&level, count)
            position >>= 1
        }
        return path
    }

    /// Whether a path leads from a leaf to a root.
    ///
    /// - Parameters:
    ///   - leaf: the leaf's hash.
    ///   - index: the leaf's place, from 0.
    ///   - count: how many leaves the tree has; the root alone does not bind it, so it must come from
    ///     what is proved against.
    ///   - path: the siblings, lowest first; exactly as many as the place needs.
    ///   - root: the root.
    /// - Returns: false also for a place outside the tree and for a path of another length.
    public static func verify(
        leaf: Hash32, index: Int, count: Int, path: some Sequence<Hash32>, root: Hash32
    ) -> Bool {
        guard index >= 0, index < count else { return false }
        var position = index
        var last = count - 1
        var hash = leaf
        for sibling in path {
            // An odd last one has no sibling until a level where it is a right child.
            while position == last, position & 1 == 0, last > 0 {
                position >>= 1
                last >>= 1
            }
            guard last > 0 else { return false }
            hash = position & 1 == 1 ? node(sibling, hash) : node(hash, sibling)
            position >>= 1
            last >>= 1
        }
        while position == last, position & 1 == 0, last > 0 {
            position >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    /// Replaces a level by the one above it, in place.
    /// - Returns: how many hashes the level above has.
    private static func ascend(_ level: inout [Hash32], _ count: Int) -> Int {
        level.withUnsafeMutableBufferPointer { level in
            for pair in 0..<(count / 2) {
                level[pair] = node(level[2 * pair], level[2 * pair + 1])
            }
            if count & 1 == 1 { level[count / 2] = level[count - 1] }
        }
        return (count + 1) / 2
    }
}
