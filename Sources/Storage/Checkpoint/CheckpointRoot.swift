import Ledger

/// What a checkpoint comes to: the height of its state, and the root over it.
///
/// Half an interval of blocks after a checkpoint's, a header names its root. A node whose state is from between
/// can no longer work it out, and has to know it to go on.
public struct CheckpointRoot: Equatable, Sendable {
    /// After which block the state is.
    public let height: UInt64
    /// The root over all entries of that state.
    public let root: Hash32

    /// Names both.
    public init(height: UInt64, root: Hash32) {
        self.height = height
        self.root = root
    }
}

extension CheckpointFolder {
    static let rooted = ".root"

    /// Keeps the root of a checkpoint that is not here itself; durable when it returns.
    ///
    /// - Throws: ``StoreFault``.
    func keep(_ root: CheckpointRoot) throws(StoreFault) {
        try Files.replace(
            path(of: root.height, Self.rooted),
            with: root.root.bytes + SHA256.hash(root.root.bytes).bytes)
    }

    /// The roots of all checkpoints that are here, wholly or by their root alone, rising.
    ///
    /// - Throws: ``StoreFault/Kind/corrupt`` if one is damaged.
    public func roots() throws(StoreFault) -> [CheckpointRoot] {
        var roots: [CheckpointRoot] = []
        for height in try heights(ending: Self.rooted) {
            let file = path(of: height, Self.rooted)
            let bytes = try Files.read(file, atMost: 64)
            guard let root = Hash32(bytes.prefix(32)),
                Array(bytes.dropFirst(32)) == SHA256.hash(root.bytes).bytes
            else {
                throw StoreFault(
                    .corrupt, operation: "read", path: file, message: "it is not what was written")
            }
            roots.append(CheckpointRoot(height: height, root: root))
        }
        for height in try heights() {
            guard let checkpoint = try checkpoint(at: height) else { continue }
            roots.append(CheckpointRoot(height: height, root: checkpoint.manifest.root))
        }
        return roots.sorted { $0.height < $1.height }
    }
}
