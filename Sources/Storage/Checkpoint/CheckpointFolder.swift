import Ledger

/// The checkpoints of a node: a folder of folders, each named for its height in 20 digits.
///
/// ```
/// 00000000000000010000/data       the entries, chunk behind chunk
/// 00000000000000010000/manifest   CheckpointManifest
/// 00000000000000020000.new/       is being made; means nothing
/// 00000000000000020000.import/    is being fetched from peers; see CheckpointImport
/// 00000000000000030000.root       the root alone, of a backup; see CheckpointRoot
/// ```
///
/// One thread writes and removes checkpoints, others may read them meanwhile.
public final class CheckpointFolder: Sendable {
    /// Where it is.
    public let path: String

    /// Opens the folder, made if it is missing, and removes what a crash left unfinished.
    public init(path: String) throws(StoreFault) {
        self.path = path
        try Files.makeFolder(path)
        for name in try Files.names(in: path) where name.hasSuffix(Self.unfinished) {
            try Files.removeAll(path + "/" + name)
        }
    }

    /// Ends the names of what means nothing yet or any more.
    static let unfinished = Files.unfinished
    static let imported = ".import"

    func path(of height: UInt64, _ suffix: String = "") -> String {
        let digits = String(height)
        return path + "/" + String(repeating: "0", count: 20 - digits.count) + digits + suffix
    }

    /// The heights of all whole checkpoints, rising.
    public func heights() throws(StoreFault) -> [UInt64] { try heights(ending: "") }

    /// The heights for which an import was begun, rising.
    public func importedHeights() throws(StoreFault) -> [UInt64] {
        try heights(ending: Self.imported)
    }

    func heights(ending suffix: String) throws(StoreFault) -> [UInt64] {
        try Files.names(in: path).compactMap { name in
            guard name.hasSuffix(suffix), name.utf8.count == 20 + suffix.utf8.count else {
                return nil
            }
            return UInt64(name.dropLast(suffix.count))
        }
    }

    /// Opens the checkpoint of a height.
    ///
    /// - Returns: nil if there is none.
    /// - Throws: ``StoreFault/Kind/corrupt`` if it is damaged.
    public func checkpoint(at height: UInt64) throws(StoreFault) -> Checkpoint? {
        let folder = path(of: height)
        guard Files.exists(folder) else { return nil }
        let checkpoint = try Checkpoint(path: folder)
        guard checkpoint.manifest.meta.height == height else {
            throw StoreFault(
                .corrupt, operation: "open", path: folder,
                message: "it is the checkpoint of height \(checkpoint.manifest.meta.height)")
        }
        return checkpoint
    }

    /// Makes the checkpoint of the state that a snapshot shows.
    ///
    /// Takes as long as reading the state does; memory is constant. After a crash the checkpoint is
    /// there wholly or not at all. One that is there already is kept as it is.
    ///
    /// - Parameters:
    ///   - snapshot: the state after a block; genesis was applied.
    ///   - control: cancels the work or lets it go faster.
    /// - Returns: the manifest; nil if the work was cancelled.
    /// - Throws: ``StoreFault``; nothing is left of the attempt once the folder is opened again.
    public func write(
        _ snapshot: StateSnapshot, _ control: CheckpointControl = CheckpointControl()
    ) throws(StoreFault) -> CheckpointManifest? {
        guard let meta = snapshot.meta else {
            preconditionFailure("a checkpoint is of a state that some block left")
        }
        if let known = try checkpoint(at: meta.height) { return known.manifest }
        let draft = path(of: meta.height, Self.unfinished)
        let manifest: CheckpointManifest?
        do throws(StoreFault) {
            manifest = try Self.write(snapshot, meta, to: draft, control)
        } catch {
            // Where the disk is full this is what made it so.
            try? Files.removeAll(draft)
            throw error
        }
        guard let manifest else {
            try Files.removeAll(draft)
            return nil
        }
        try Files.move(draft, to: path(of: meta.height))
        return manifest
    }

    /// Writes a checkpoint's two files into a folder that is not in use yet; durable when it returns.
    static func write(
        _ snapshot: StateSnapshot, _ meta: StateMeta, to folder: String,
        _ control: CheckpointControl
    ) throws(StoreFault) -> CheckpointManifest? {
        try Files.removeAll(folder)
        try Files.makeFolder(folder)
        var data = try FileWriter(path: folder + "/" + Checkpoint.dataName)
        let cut = try snapshot.cutIntoChunks(control) { entry throws(StoreFault) in
            try data.append(entry)
        }
        guard let cut else { return nil }
        try data.sync()
        let manifest = CheckpointManifest(
            meta: meta, leafCount: cut.leafCount, chunks: cut.chunks)
        try Files.replace(folder + "/" + Checkpoint.manifestName, with: manifest.bytes)
        return manifest
    }

    /// Removes old checkpoints.
    ///
    /// - Parameters:
    ///   - certified: the newest height whose root banks have certified. The two newest checkpoints up
    ///     to it are kept, and all above it.
    ///   - count: how many certified ones are kept instead of two, at least one.
    ///   - offered: the height of one that is kept besides, nil for none.
    /// - Throws: ``StoreFault``.
    public func removeOld(
        certified: UInt64, keeping count: Int = 2, besides offered: UInt64? = nil
    ) throws(StoreFault) {
        let old = try heights().filter { $0 <= certified }.dropLast(max(count, 1))
        for height in old where height != offered { try Files.discard(path(of: height)) }
        for height in try heights(ending: Self.rooted) where height <= certified {
            try Files.removeAll(path(of: height, Self.rooted))
        }
    }

    /// Gives up an import.
    public func removeImport(at height: UInt64) throws(StoreFault) {
        try Files.discard(path(of: height, Self.imported))
    }
}
