import Foundation

/// The folder in which one node keeps everything: made if missing, and held by one process at a time.
///
/// ```
/// node.lock      held while a node runs, or a backup is restored; holds the process id
/// genesis.json   the genesis file that the ledger was made with
/// state/         StateStore
/// history/       HistoryStore
/// checkpoints/   CheckpointFolder
/// log/           the log of consensus
/// diverged       there where the banks certified another result: why the node serves no more
/// ```
public final class DataFolder: Sendable {
    /// Where it is, as given.
    public let path: String
    private let lock: Int32

    /// Takes a folder for this process until nothing refers to the result any more.
    ///
    /// Missing folders, parents included, are made for their owner's eyes only (mode 0700). An exchange
    /// of the stores that was decided for before the process ended is carried to its end.
    ///
    /// - Parameter path: the folder.
    /// - Throws: ``StoreFault/Kind/locked`` with the other's process id if a node, or a restoration, uses it,
    ///   ``StoreFault/Kind/corrupt`` where a backup was not restored to its end.
    public init(path: String) throws(StoreFault) {
        self.path = path
        try Files.makeFolder(path)
        lock = try Self.takeLock(path)
        // With the lock, which a restoration has too: what it is about to put there is not looked for too early.
        try Backup.checkRestored(path)
        try StoreSwap(folder: path).finish()
        for folder in [path + "/state", path + "/history", path + "/log"] {
            try Files.makeFolder(folder)
        }
    }

    deinit {
        // The file stays: were it deleted, a waiting node could lock the old one while a third locks
        // the new one. Closing ends the lock, and so does the end of the process, however it ends.
        close(lock)
    }

    /// The file that whoever uses a folder has locked.
    static let lockName = "node.lock"

    /// Takes a folder for this process until the descriptor is closed.
    static func takeLock(_ folder: String) throws(StoreFault) -> Int32 {
        let file = folder + "/" + lockName
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Files.fault("lock", file) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            defer { close(descriptor) }
            guard reason == EWOULDBLOCK else { throw Files.fault("lock", file, reason) }
            let holder = (try? Files.read(file, atMost: 32)).map {
                String(decoding: $0, as: UTF8.self)
            }
            let number = (holder ?? "").prefix { $0.isNumber }
            throw StoreFault(
                .locked, operation: "use", path: folder,
                message: number.isEmpty
                    ? "another process is using it" : "the process with id \(number) is using it")
        }
        // For people; the lock itself is the kernel's.
        let owner = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0,
            pwrite(descriptor, owner, owner.count, 0) == owner.count
        else {
            let fault = Files.fault("write", file)
            close(descriptor)
            throw fault
        }
        return descriptor
    }

    // MARK: What is where

    /// Where the state is kept; see ``StateStore``.
    public var statePath: String { path + "/state" }
    /// Where blocks are kept; see ``HistoryStore``.
    public var historyPath: String { path + "/history" }
    /// Where checkpoints are kept; see ``CheckpointFolder``.
    public var checkpointsPath: String { StoreSwap.checkpoints(in: path) }
    /// Where consensus keeps its log.
    public var logPath: String { path + "/log" }
    /// Where the copy of the genesis file is.
    public var genesisPath: String { path + "/genesis.json" }

    /// The kept genesis file, nil if none was kept yet.
    public func genesis() throws(StoreFault) -> [UInt8]? {
        guard access(genesisPath, F_OK) == 0 else { return nil }
        return try Files.read(genesisPath, atMost: 1 << 30)
    }

    /// Keeps a copy of the genesis file; durable when it returns.
    public func keep(genesis bytes: [UInt8]) throws(StoreFault) {
        try Files.replace(genesisPath, with: bytes)
    }

    /// Why the node must not serve what is here, nil if nothing is known against it.
    ///
    /// - Throws: ``StoreFault`` also where it cannot be told whether anything is.
    public func divergence() throws(StoreFault) -> String? {
        guard access(divergencePath, F_OK) == 0 || errno != ENOENT else { return nil }
        return String(decoding: try Files.read(divergencePath, atMost: 1 << 16), as: UTF8.self)
    }

    /// Keeps why the node must not serve what is here; durable when it returns.
    public func keep(divergence why: String) throws(StoreFault) {
        try Files.replace(divergencePath, with: Array(why.utf8))
    }

    private var divergencePath: String { path + "/diverged" }

    /// Puts the stores that an import has built in place of the node's own.
    ///
    /// After a crash the old ones or the new ones are there, whole. History then begins with the block
    /// of the checkpoint; what was kept of older blocks is what the import's target says.
    ///
    /// - Parameter height: that of an import whose ``CheckpointImport/build(identity:keptHeights:)`` answered true.
    ///   State and history of this folder must be closed: nothing may refer to them.
    /// - Throws: ``StoreFault``; the stores must then stay closed until another call, or another opening
    ///   of the folder, has carried the exchange to its end.
    public func install(importOf height: UInt64) throws(StoreFault) {
        let checkpoints = try CheckpointFolder(path: checkpointsPath)
        try StoreSwap(folder: path).perform(
            importPath: checkpoints.path(of: height, CheckpointFolder.imported), height: height)
    }

    // MARK: Room

    /// What is written beside a node's work looks whether it may go on: a node halts where its reserve is
    /// touched, so that as much again has to be left.
    ///
    /// - Parameter reserve: the node's.
    /// - Returns: what throws ``StoreFault/Kind/diskFull`` where less is free.
    public func room(beyond reserve: UInt64) -> @Sendable () throws(StoreFault) -> Void {
        { [self] () throws(StoreFault) in
            let free = try freeBytes()
            guard free < 2 * reserve else { return }
            throw StoreFault(
                .diskFull, operation: "write beside the node in", path: path,
                message: "\(free >> 20) MiB are free, \(reserve >> 20) MiB are kept in reserve "
                    + "for the node, and as much again for what is written beside it")
        }
    }

    /// Whether a file or folder is on this folder's disk; false also where there is none.
    public func sharesDisk(with path: String) -> Bool {
        var (here, there) = (stat(), stat())
        return stat(self.path, &here) == 0 && stat(path, &there) == 0
            && here.st_dev == there.st_dev
    }

    /// Bytes that this process may still write on the folder's disk.
    public func freeBytes() throws(StoreFault) -> UInt64 {
        var system = statvfs()
        guard statvfs(path, &system) == 0 else { throw Files.fault("ask for the room of", path) }
        return UInt64(system.f_bavail) * UInt64(system.f_frsize)
    }

    /// Checks that a reserve is left, so that a node can stop cleanly before the disk is full.
    ///
    /// - Parameter reserve: bytes that must be free; enough for what is already promised: the log's
    ///   next blocks, one batch of state, a compaction.
    /// - Throws: ``StoreFault/Kind/diskFull`` if less is free.
    public func checkRoom(reserve: UInt64) throws(StoreFault) {
        let free = try freeBytes()
        guard free >= reserve else {
            throw StoreFault(
                .diskFull, operation: "go on writing to", path: path,
                message: "\(free >> 20) MiB are free, \(reserve >> 20) MiB are kept in reserve")
        }
    }
}
