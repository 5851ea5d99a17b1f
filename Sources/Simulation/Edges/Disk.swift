import Consensus
import Ledger
import Storage

/// All that a node keeps: its log's folder and the databases of state, blocks and index.
final class Disk {
    /// What a bank keeps elsewhere for the day on which it loses a disk.
    struct Backup {
        fileprivate let state: MemoryStore
        fileprivate let blocks: MemoryStore
        fileprivate let index: MemoryStore
        fileprivate let roots: [UInt64: Hash32]
        fileprivate let term: Term
    }

    /// The log's folder; another one after each crash.
    private(set) var log: MemoryFiles
    private(set) var state = MemoryStore(path: "state")
    private(set) var blocks = MemoryStore(path: "blocks")
    private(set) var index = MemoryStore(path: "index")

    /// How long a sync takes, microseconds: at least, and up to how much more.
    var latency: (base: UInt64, jitter: UInt64)
    /// Times in a thousand that a sync takes up to a third of a second.
    var stallsPerMille: UInt64
    private(set) var isFull = false
    /// Whether no sync of the log succeeds.
    private(set) var failsToSync = false
    /// The roots of checkpoints, by height; each is synced when it is there.
    var roots: [UInt64: Hash32] = [:]
    /// Proofs that a bank signed two headers, kept for good.
    var evidence: [(bank: UInt64, height: UInt64, bytes: [UInt8])] = []

    init(name: String, latency: (base: UInt64, jitter: UInt64), stallsPerMille: UInt64) {
        log = MemoryFiles(path: name)
        self.latency = latency
        self.stallsPerMille = stallsPerMille
    }

    private var stores: [MemoryStore] { [state, blocks, index] }

    /// How long the next sync takes, microseconds.
    func syncTime(_ chance: inout Chance) -> UInt64 {
        let time = latency.base + chance.below(latency.jitter + 1)
        return chance.happens(stallsPerMille) ? time + chance.below(300_000) : time
    }

    /// What the power cut leaves: all that was synced, and by chance some of the rest.
    func losePower(_ chance: inout Chance) {
        log = log.afterCrash(using: &chance)
        for store in stores {
            store.cutPower(kept: Int(chance.below(UInt64(store.unsyncedCount) + 1)))
        }
        if isFull { fill() }
        if failsToSync { failSyncs() }
    }

    /// Whether a node that stops for the sake of its disk may do so.
    var isRefusing: Bool { isFull || failsToSync }

    /// Lets syncs of the log fail, each of which leaves in the system's cache what it did not write.
    func failSyncs() {
        failsToSync = true
        log.setFailure { operation, _ in operation == "fdatasync" ? 5 : nil }
    }

    // MARK: Room

    /// Leaves no room for anything more.
    func fill() {
        isFull = true
        log.setCapacity(0)
        for store in stores { store.fail(writes: .diskFull) }
    }

    /// Gives the room back, and lets syncs succeed.
    func free() {
        isFull = false
        failsToSync = false
        log.setCapacity(.max)
        log.setFailure(nil)
        for store in stores { store.fail() }
    }

    // MARK: Backups

    /// Copies what a backup holds: state, blocks and their index, of one moment, and the log's term.
    func backup(in term: Term) throws(StoreFault) -> Backup {
        let state = state.copy()
        try StateStore.forgetLogIndex(in: state)
        return Backup(
            state: state, blocks: blocks.copy(), index: index.copy(), roots: roots,
            term: term)
    }

    /// Puts a new disk in, with what a backup has; the log begins empty, marked as restored.
    func replace(with backup: Backup) throws(LogFault) {
        log = MemoryFiles(path: log.path)
        (state, blocks, index) = (backup.state.copy(), backup.blocks.copy(), backup.index.copy())
        roots = backup.roots
        let file = try log.create(Self.restoredName)
        let outcome = ByteWriter.number(backup.term).withUnsafeBytes { bytes in
            Result { () throws(LogFault) in try file.write(bytes, at: 0) }
        }
        try outcome.get()
        try file.sync()
        try log.syncFolder()
    }

    /// As `BackupRestore` names it.
    private static let restoredName = "restored"
}

extension ByteWriter {
    /// The eight bytes of a number.
    static func number(_ value: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 8)
        writer.write(value)
        return writer.bytes
    }
}
