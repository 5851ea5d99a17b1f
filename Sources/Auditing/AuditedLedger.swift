import Foundation
import Ledger
import Storage

/// What is audited: the data folder of a node that does not run, or a backup.
public protocol AuditedLedger: Sendable {
    /// Where it is, for messages.
    var path: String { get }
    /// Of which ledger it is.
    var identity: StoreIdentity { get }
    /// What the stored state stands for.
    var meta: StateMeta { get }
    /// The first block that is there.
    var first: UInt64 { get }
    /// The last block that is there; the state's, or a later one.
    var tip: UInt64 { get }
    /// The blocks from a height on, in order.
    func blocks(from height: UInt64) throws(StoreFault) -> any BlockSequence
    /// The blocks that are kept beside the others.
    func kept() throws(StoreFault) -> [KeptBlock]
    /// The chunks that a checkpoint of the stored state has.
    func stateChunks() throws(StoreFault) -> [CheckpointManifest.Chunk]
    /// The stored state's entries from a key on, at most so many.
    func stateEntries(
        from key: [UInt8], limit: Int
    ) throws(StoreFault) -> [(key: [UInt8], value: [UInt8])]
    /// The heights of the whole checkpoints that are there, rising.
    func checkpointHeights() throws(StoreFault) -> [UInt64]
    /// A checkpoint, nil if there is none of that height.
    func checkpoint(at height: UInt64) throws(StoreFault) -> Checkpoint?
}

/// Blocks, one after another.
public protocol BlockSequence {
    /// The next block, nil after the last one.
    mutating func next() throws(StoreFault) -> ArchivedBlock?
}

extension BackupBlocks: BlockSequence {}

/// The data folder of a node that does not run; locked for as long as this exists.
public final class FolderLedger: AuditedLedger {
    /// Where it is.
    public let path: String
    /// Of which ledger it is.
    public let identity: StoreIdentity
    /// What the stored state stands for.
    public let meta: StateMeta
    /// The first block that is there.
    public let first: UInt64
    /// The last block that is there.
    public let tip: UInt64
    private let folder: DataFolder
    private let state: StateSnapshot
    private let history: HistoryStore
    private let checkpoints: CheckpointFolder

    /// Opens a folder.
    ///
    /// Its databases have no way of being opened for reading only: opening them tidies up what a crash
    /// left, as a node's start would, and changes nothing that they say.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - identity: the ledger that it must be of.
    /// - Throws: ``StoreFault``, of kind `locked` if a node runs on it.
    public init(path: String, identity: StoreIdentity) throws(StoreFault) {
        guard FileManager.default.fileExists(atPath: path + "/state/CURRENT") else {
            throw StoreFault(
                .denied, operation: "read", path: path,
                message: "there is no node's data in it, and no backup")
        }
        self.path = path
        self.identity = identity
        folder = try DataFolder(path: path)
        let store = try StateStore(path: folder.statePath, identity: identity)
        history = try HistoryStore(path: folder.historyPath, identity: identity)
        checkpoints = try CheckpointFolder(path: folder.checkpointsPath)
        state = try store.snapshot()
        guard let meta = state.meta, let first = history.first, let tip = history.tip else {
            throw StoreFault(
                .corrupt, operation: "audit", path: path, message: "it holds no block")
        }
        self.meta = meta
        self.first = first
        self.tip = tip
    }

    /// The blocks from a height on, in order.
    public func blocks(from height: UInt64) -> any BlockSequence {
        StoredBlocks(history: history, height: height)
    }

    /// The blocks that are kept beside the others.
    public func kept() throws(StoreFault) -> [KeptBlock] {
        var kept: [KeptBlock] = []
        for height in try history.keptHeights() {
            if let block = try history.kept(at: height) { kept.append(block) }
        }
        return kept
    }

    /// The chunks that a checkpoint of the stored state has.
    public func stateChunks() throws(StoreFault) -> [CheckpointManifest.Chunk] {
        try state.chunks().chunks
    }

    /// The stored state's entries from a key on, at most so many.
    public func stateEntries(
        from key: [UInt8], limit: Int
    ) throws(StoreFault) -> [(key: [UInt8], value: [UInt8])] {
        try state.entries(from: key, limit: limit)
    }

    /// The heights of the whole checkpoints that are there, rising.
    public func checkpointHeights() throws(StoreFault) -> [UInt64] { try checkpoints.heights() }

    /// A checkpoint, nil if there is none of that height.
    public func checkpoint(at height: UInt64) throws(StoreFault) -> Checkpoint? {
        try checkpoints.checkpoint(at: height)
    }
}

/// The blocks of a history store, one after another.
private struct StoredBlocks: BlockSequence {
    let history: HistoryStore
    /// Of the next block.
    var height: UInt64

    mutating func next() throws(StoreFault) -> ArchivedBlock? {
        guard let tip = history.tip, height <= tip else { return nil }
        guard let bytes = try history.block(at: height) else {
            throw StoreFault(
                .corrupt, operation: "read the blocks of", path: "history",
                message: "block \(height) is missing")
        }
        defer { height += 1 }
        return ArchivedBlock(
            height: height, hash: try history.hash(at: height), bytes: bytes,
            certificate: try history.certificate(at: height))
    }
}

/// A backup, whose files were verified.
public final class BackupLedger: AuditedLedger {
    private let backup: Backup

    /// Takes a backup.
    public init(_ backup: Backup) { self.backup = backup }

    /// Where it is.
    public var path: String { backup.path }
    /// Of which ledger it is.
    public var identity: StoreIdentity { backup.manifest.identity }
    /// What the stored state stands for.
    public var meta: StateMeta { backup.manifest.meta }
    /// The first block that is there.
    public var first: UInt64 { backup.manifest.first }
    /// The last block that is there: the state's.
    public var tip: UInt64 { backup.manifest.meta.height }

    /// The blocks from a height on, in order.
    public func blocks(from height: UInt64) throws(StoreFault) -> any BlockSequence {
        var blocks = backup.blocks
        try blocks.skip(below: height)
        return blocks
    }

    /// The blocks that are kept beside the others.
    public func kept() throws(StoreFault) -> [KeptBlock] { try backup.kept() }

    /// The chunks of the state.
    public func stateChunks() -> [CheckpointManifest.Chunk] { backup.state.manifest.chunks }

    /// The state's entries from the first key of a chunk on, at most so many.
    public func stateEntries(
        from key: [UInt8], limit: Int
    ) throws(StoreFault) -> [(key: [UInt8], value: [UInt8])] {
        var entries: [(key: [UInt8], value: [UInt8])] = []
        guard let index = stateChunks().firstIndex(where: { $0.firstKey == key }) else { return [] }
        try backup.state.forEachEntry(ofChunk: index) { key, value throws(StoreFault) in
            entries.append((Array(key), Array(value)))
        }
        return Array(entries.prefix(limit))
    }

    /// None: a backup's state is of its last block, which no later header certifies.
    public func checkpointHeights() -> [UInt64] { [] }

    /// None.
    public func checkpoint(at height: UInt64) -> Checkpoint? { nil }
}
