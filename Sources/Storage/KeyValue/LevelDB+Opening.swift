import CLevelDB
import Synchronization
import Threads

extension LevelDB {
    /// Whether LevelDB's own thread runs, one for all databases of a process.
    private static let hasThread = Atomic(false)

    /// Opens a database, and has LevelDB begin its thread, which writes and merges tables, if it has none yet.
    ///
    /// LevelDB begins it once there is something to merge, from the thread that meets it: that may be one that only
    /// reads and keeps to one processor. The new thread would keep to it too, for all merging there is, and bear
    /// the other's name. So a thread of its own opens the first database; it is started by a node's first thread,
    /// before there are any that keep to a processor.
    ///
    /// - Returns: the database, nil where it cannot be opened, and LevelDB's message then.
    static func open(
        _ path: String, _ options: OpaquePointer
    ) -> (database: OpaquePointer?, message: UnsafeMutablePointer<CChar>?) {
        // Unsafe: where another thread uses them, this one waits for it.
        nonisolated(unsafe) let options = options
        nonisolated(unsafe) var message: UnsafeMutablePointer<CChar>?
        nonisolated(unsafe) var database: OpaquePointer?
        if hasThread.load(ordering: .relaxed) {
            database = leveldb_open(options, path, &message)
        } else {
            SystemThread(named: "leveldb") {
                database = leveldb_open(options, path, &message)
                // No key is below the empty one: this hands an empty buffer of writes over, and waits for a merge
                // that the opening itself may have asked for.
                if let database { leveldb_compact_range(database, "", 0, "", 0) }
            }.join()
            if database != nil { hasThread.store(true, ordering: .relaxed) }
        }
        return (database, message)
    }
}
