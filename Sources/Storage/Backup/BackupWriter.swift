import Foundation
import Ledger

/// What a backup is made of.
public struct BackupSource: Sendable {
    /// Of which ledger the node is.
    public var identity: StoreIdentity
    /// The node's number.
    public var nodeID: UInt64
    /// The present term of consensus, read after or with the snapshots and never lower than they are old.
    public var term: UInt64
    /// The time, milliseconds since 1970.
    public var timeMillis: UInt64
    /// The genesis file.
    public var genesis: [UInt8]
    /// The state after a block.
    public var state: StateSnapshot
    /// The blocks, taken after the state, so that the state's own block is there.
    public var history: HistorySnapshot
    /// The root of an older checkpoint that a block after the state's will certify, if there is one.
    public var pending: CheckpointRoot?

    /// Names the parts.
    public init(
        identity: StoreIdentity, nodeID: UInt64, term: UInt64, timeMillis: UInt64,
        genesis: [UInt8], state: StateSnapshot, history: HistorySnapshot,
        pending: CheckpointRoot? = nil
    ) {
        self.identity = identity
        self.nodeID = nodeID
        self.term = term
        self.timeMillis = timeMillis
        self.genesis = genesis
        self.state = state
        self.history = history
        self.pending = pending
    }
}

/// Writes backups: a folder with state, history up to the same block, and genesis; no keys of any kind.
///
/// ```
/// manifest         BackupManifest
/// genesis.json     the genesis file
/// state/           a checkpoint
/// history-000000…  records of history, about 64 MiB each
/// ```
public enum BackupWriter {
    private static let sectionBytes: UInt64 = 64 << 20

    /// Writes a backup into a new folder; there is all of it or, but for a folder of that name with
    /// `.new`, nothing.
    ///
    /// - Parameters:
    ///   - source: what it is made of; genesis was applied.
    ///   - path: the folder to make; its parent must be there.
    ///   - control: cancels the work or lets it go faster.
    /// - Returns: the manifest; nil if it was cancelled.
    /// - Throws: ``StoreFault``; of kind ``StoreFault/Kind/occupied`` if something has that name.
    public static func write(
        _ source: BackupSource, to path: String, _ control: CheckpointControl = CheckpointControl()
    ) throws(StoreFault) -> BackupManifest? {
        guard !Files.exists(path) else {
            throw StoreFault(
                .occupied, operation: "write a backup to", path: path,
                message: "it is there already")
        }
        guard let meta = source.state.meta else {
            throw StoreFault(
                .conflict, operation: "write a backup to", path: path,
                message: "the node has no state yet")
        }
        guard let first = source.history.first, first <= meta.height,
            try source.history.hash(at: meta.height) == meta.headerHash
        else {
            throw StoreFault(
                .corrupt, operation: "back up", path: source.history.path,
                message: "block \(meta.height), on which the stored state stands, is missing")
        }
        let draft = path + Files.unfinished
        try Files.removeAll(draft)
        do throws(StoreFault) {
            if let manifest = try write(source, meta, from: first, to: draft, control) {
                try Files.move(draft, to: path)
                return manifest
            }
        } catch {
            // Where the disk is full this is what made it so.
            try? Files.removeAll(draft)
            throw error
        }
        try Files.removeAll(draft)
        return nil
    }

    private static func write(
        _ source: BackupSource, _ meta: StateMeta, from first: UInt64, to draft: String,
        _ control: CheckpointControl
    ) throws(StoreFault) -> BackupManifest? {
        try Files.makeFolder(draft)
        try Files.replace(draft + "/" + Backup.genesisName, with: source.genesis)
        let state = try CheckpointFolder.write(
            source.state, meta, to: draft + "/" + Backup.stateName, control)
        guard let state else { return nil }
        let sections = try writeHistory(source.history, through: meta.height, to: draft, control)
        guard !control.isCancelled else { return nil }
        let manifest = BackupManifest(
            identity: source.identity, nodeID: source.nodeID, term: source.term,
            timeMillis: source.timeMillis, meta: meta, first: first, root: state.root,
            pending: source.pending, genesisFile: SHA256.hash(source.genesis), sections: sections)
        try Files.replace(draft + "/" + Backup.manifestName, with: manifest.bytes)
        return manifest
    }

    private static func writeHistory(
        _ history: HistorySnapshot, through height: UInt64, to folder: String,
        _ control: CheckpointControl
    ) throws(StoreFault) -> [BackupManifest.Section] {
        var sections: [BackupManifest.Section] = []
        var file = try RecordWriter(path: folder + "/" + Backup.sectionName(0))
        var fault: StoreFault?
        var started = CheckpointControl.now
        var bytes = 0
        try history.scan(through: height) { key, value in
            do throws(StoreFault) {
                try file.append(key, value)
                if file.byteCount >= sectionBytes {
                    sections.append(try file.finish())
                    file = try RecordWriter(
                        path: folder + "/" + Backup.sectionName(sections.count))
                }
            } catch {
                fault = error
            }
            bytes += value.count
            if bytes >= 1 << 18 {
                bytes = 0
                do throws(StoreFault) { try control.rest(since: started) } catch { fault = error }
                started = CheckpointControl.now
            }
            return fault == nil && !control.isCancelled
        }
        if let fault { throw fault }
        sections.append(try file.finish())
        return sections
    }
}
