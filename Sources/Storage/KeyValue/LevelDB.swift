import CLevelDB
import Foundation
import Synchronization

/// One LevelDB database in a folder, for any thread to use.
///
/// It is closed when nothing refers to it any more, so that no read can meet a closed database.
final class LevelDB: KeyValueStore, @unchecked Sendable {
    // `@unchecked`: LevelDB does its own locking, and nothing here changes after `init`.

    /// How a database is tuned.
    struct Options: Sendable {
        /// Bytes of decoded blocks kept in memory.
        var cacheBytes = 64 << 20
        /// Bytes of writes gathered in memory before they become a file; twice this may be in use.
        var writeBufferBytes = 32 << 20
        /// Bytes of a file; more means fewer files and longer single compactions.
        var fileBytes = 8 << 20
        /// Bytes of a block, the unit of reading and caching.
        var blockBytes = 4096
        /// Files held open, each with its index and filter in memory.
        var openFiles = 1000
        /// Whether blocks are compressed with Snappy.
        var compressed = true
        /// Bits of Bloom filter a key; 0 for none, where no key that is absent is ever asked for.
        var filterBitsPerKey = 10
    }

    let path: String
    private let database: OpaquePointer
    private let options: OpaquePointer
    private let cache: OpaquePointer
    private let filter: OpaquePointer?
    private let readOptions: OpaquePointer
    private let scanOptions: OpaquePointer
    private let plainWrite: OpaquePointer
    private let syncedWrite: OpaquePointer
    private let failedWrite = Mutex<StoreFault?>(nil)
    /// Whether something was written without a sync since the last one.
    private let hasUnsynced = Atomic(false)

    /// Opens the database in a folder, made if it is missing (its parent must be there).
    ///
    /// - Throws: ``StoreFault/Kind/locked`` if the folder is in use, ``StoreFault/Kind/corrupt`` if
    ///   what is there is damaged: it is never repaired or made anew behind the operator's back.
    init(path: String, _ tuning: Options = Options()) throws(StoreFault) {
        try Self.refuseHeadless(path)
        self.path = path
        options = leveldb_options_create()
        cache = leveldb_cache_create_lru(tuning.cacheBytes)
        filter =
            tuning.filterBitsPerKey > 0
            ? leveldb_filterpolicy_create_bloom(Int32(tuning.filterBitsPerKey)) : nil
        leveldb_options_set_create_if_missing(options, 1)
        // Without this a damaged log of writes would lose a batch in the middle and go on.
        leveldb_options_set_paranoid_checks(options, 1)
        leveldb_options_set_cache(options, cache)
        if let filter { leveldb_options_set_filter_policy(options, filter) }
        leveldb_options_set_write_buffer_size(options, tuning.writeBufferBytes)
        leveldb_options_set_max_file_size(options, tuning.fileBytes)
        leveldb_options_set_block_size(options, tuning.blockBytes)
        leveldb_options_set_max_open_files(options, Int32(tuning.openFiles))
        leveldb_options_set_compression(
            options,
            Int32(tuning.compressed ? leveldb_snappy_compression : leveldb_no_compression))

        readOptions = leveldb_readoptions_create()
        leveldb_readoptions_set_verify_checksums(readOptions, 1)
        scanOptions = leveldb_readoptions_create()
        leveldb_readoptions_set_verify_checksums(scanOptions, 1)
        leveldb_readoptions_set_fill_cache(scanOptions, 0)
        plainWrite = leveldb_writeoptions_create()
        syncedWrite = leveldb_writeoptions_create()
        leveldb_writeoptions_set_sync(syncedWrite, 1)

        let (opened, message) = Self.open(path, options)
        guard let opened else {
            let fault = Self.fault(message, "open", path)
            Self.release(
                options, cache, filter, [readOptions, scanOptions], [plainWrite, syncedWrite])
            throw fault
        }
        database = opened
    }

    /// LevelDB takes a folder without the file CURRENT for a new database, deletes what it finds there
    /// and starts at nothing.
    private static func refuseHeadless(_ path: String) throws(StoreFault) {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        guard !files.contains("CURRENT"),
            let lost = files.first(where: { [".ldb", ".sst", ".log"].contains($0.suffix(4)) })
        else { return }
        throw StoreFault(
            .corrupt, operation: "open", path: path,
            message: "the file CURRENT is missing, though there are data such as \(lost)")
    }

    deinit {
        leveldb_close(database)
        Self.release(
            options, cache, filter, [readOptions, scanOptions], [plainWrite, syncedWrite])
    }

    private static func release(
        _ options: OpaquePointer, _ cache: OpaquePointer, _ filter: OpaquePointer?,
        _ reads: [OpaquePointer], _ writes: [OpaquePointer]
    ) {
        for read in reads { leveldb_readoptions_destroy(read) }
        for write in writes { leveldb_writeoptions_destroy(write) }
        leveldb_options_destroy(options)
        leveldb_cache_destroy(cache)
        if let filter { leveldb_filterpolicy_destroy(filter) }
    }

    /// Takes over LevelDB's message, which must be freed by us.
    private static func fault(
        _ message: UnsafeMutablePointer<CChar>?, _ operation: String, _ path: String
    ) -> StoreFault {
        guard let message else {
            return StoreFault(
                .inputOutput, operation: operation, path: path, message: "no reason was given")
        }
        defer { leveldb_free(message) }
        return StoreFault(leveldb: String(cString: message), operation: operation, path: path)
    }

    // MARK: Reading and writing

    func get(
        _ key: UnsafeRawBufferPointer, _ body: (_ value: UnsafeRawBufferPointer) -> Void
    ) throws(StoreFault) -> Bool {
        try get(key, readOptions, body)
    }

    fileprivate func get(
        _ key: UnsafeRawBufferPointer, _ options: OpaquePointer,
        _ body: (_ value: UnsafeRawBufferPointer) -> Void
    ) throws(StoreFault) -> Bool {
        var message: UnsafeMutablePointer<CChar>?
        var count = 0
        let value = leveldb_get(database, options, key.characters, key.count, &count, &message)
        if let message { throw Self.fault(message, "read from", path) }
        guard let value else { return false }
        defer { leveldb_free(value) }
        body(UnsafeRawBufferPointer(start: value, count: count))
        return true
    }

    func write(_ batch: borrowing WriteBatch, sync: Bool) throws(StoreFault) {
        // A batch that reached the log of writes in part makes what is written behind it unreadable,
        // and LevelDB itself would go on. So the first failed write is the last one.
        if let failed = failedWrite.withLock({ $0 }) { throw failed }
        if !sync {
            hasUnsynced.store(true, ordering: .relaxed)
        } else if hasUnsynced.exchange(false, ordering: .relaxed) {
            try syncLogs()
        }
        var message: UnsafeMutablePointer<CChar>?
        leveldb_write(database, sync ? syncedWrite : plainWrite, batch.raw, &message)
        guard let message else { return }
        let fault = Self.fault(message, "write a batch to", path)
        failedWrite.withLock { if $0 == nil { $0 = fault } }
        throw fault
    }

    /// Makes the logs of earlier writes durable.
    ///
    /// LevelDB begins another log whenever its buffer of writes is full, and a synced write syncs the
    /// present one only: of the one before, whose writes may be in no table yet, a power cut could take the
    /// end, and leave what was written after it.
    private func syncLogs() throws(StoreFault) {
        for name in try Files.names(in: path) where name.hasSuffix(".log") {
            do throws(StoreFault) {
                try Files.sync(path + "/" + name)
            } catch {
                // It was removed meanwhile, since its writes are in a table now.
                guard Files.exists(path + "/" + name) else { continue }
                failedWrite.withLock { if $0 == nil { $0 = error } }
                throw error
            }
        }
    }

    func scan(
        from start: [UInt8], to end: [UInt8]?,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) throws(StoreFault) {
        try scan(from: start, to: end, scanOptions, body)
    }

    fileprivate func scan(
        from start: [UInt8], to end: [UInt8]?, _ options: OpaquePointer,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) throws(StoreFault) {
        let iterator = leveldb_create_iterator(database, options)
        defer { leveldb_iter_destroy(iterator) }
        start.withUnsafeBytes { leveldb_iter_seek(iterator, $0.characters, $0.count) }
        while leveldb_iter_valid(iterator) != 0 {
            var count = 0
            let keyStart = leveldb_iter_key(iterator, &count)
            let key = UnsafeRawBufferPointer(start: keyStart, count: count)
            if let end, !key.lexicographicallyPrecedes(end) { break }
            let valueStart = leveldb_iter_value(iterator, &count)
            guard body(key, UnsafeRawBufferPointer(start: valueStart, count: count)) else { break }
            leveldb_iter_next(iterator)
        }
        var message: UnsafeMutablePointer<CChar>?
        leveldb_iter_get_error(iterator, &message)
        if let message { throw Self.fault(message, "scan", path) }
    }

    func lastKey(before end: [UInt8]) throws(StoreFault) -> [UInt8]? {
        try lastKey(before: end, scanOptions)
    }

    fileprivate func lastKey(
        before end: [UInt8], _ options: OpaquePointer
    ) throws(StoreFault) -> [UInt8]? {
        let iterator = leveldb_create_iterator(database, options)
        defer { leveldb_iter_destroy(iterator) }
        end.withUnsafeBytes { leveldb_iter_seek(iterator, $0.characters, $0.count) }
        if leveldb_iter_valid(iterator) != 0 {
            leveldb_iter_prev(iterator)
        } else {
            leveldb_iter_seek_to_last(iterator)
        }
        var key: [UInt8]?
        if leveldb_iter_valid(iterator) != 0 {
            var count = 0
            let start = leveldb_iter_key(iterator, &count)
            key = Array(UnsafeRawBufferPointer(start: start, count: count))
        }
        var message: UnsafeMutablePointer<CChar>?
        leveldb_iter_get_error(iterator, &message)
        if let message { throw Self.fault(message, "scan", path) }
        return key
    }

    func snapshot() -> any KeyValueReader { Snapshot(of: self) }

    /// A fixed view, released when nothing refers to it any more.
    private final class Snapshot: KeyValueReader, @unchecked Sendable {
        // `@unchecked`: as the database itself.
        private let store: LevelDB
        private let raw: OpaquePointer
        private let options: OpaquePointer

        init(of store: LevelDB) {
            self.store = store
            raw = leveldb_create_snapshot(store.database)
            options = leveldb_readoptions_create()
            leveldb_readoptions_set_verify_checksums(options, 1)
            leveldb_readoptions_set_fill_cache(options, 0)
            leveldb_readoptions_set_snapshot(options, raw)
        }

        deinit {
            leveldb_readoptions_destroy(options)
            leveldb_release_snapshot(store.database, raw)
        }

        func get(
            _ key: UnsafeRawBufferPointer, _ body: (_ value: UnsafeRawBufferPointer) -> Void
        ) throws(StoreFault) -> Bool {
            try store.get(key, options, body)
        }

        func scan(
            from start: [UInt8], to end: [UInt8]?,
            _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
        ) throws(StoreFault) {
            try store.scan(from: start, to: end, options, body)
        }

        func lastKey(before end: [UInt8]) throws(StoreFault) -> [UInt8]? {
            try store.lastKey(before: end, options)
        }
    }

    // MARK: Care

    func approximateBytes(from start: [UInt8], to end: [UInt8]) -> UInt64 {
        var size: UInt64 = 0
        start.withUnsafeBytes { start in
            end.withUnsafeBytes { end in
                var (from, to) = (Optional(start.characters), Optional(end.characters))
                var (fromCount, toCount) = (start.count, end.count)
                leveldb_approximate_sizes(
                    database, 1, &from, &fromCount, &to, &toCount, &size)
            }
        }
        return size
    }

    func compact(from start: [UInt8], to end: [UInt8]) {
        start.withUnsafeBytes { start in
            end.withUnsafeBytes { end in
                leveldb_compact_range(
                    database, start.characters, start.count, end.characters, end.count)
            }
        }
    }

    /// Rewrites everything into its final files; takes as long as that takes.
    func compact() { leveldb_compact_range(database, nil, 0, nil, 0) }
}
