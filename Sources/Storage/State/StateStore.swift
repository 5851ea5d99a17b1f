import Ledger
import Synchronization

/// The stored state of the ledger, at the height of its last batch.
///
/// One thread applies changes while others read. A reader sees each batch wholly or not at all only
/// key by key: whoever needs one height throughout takes a ``snapshot()``.
public final class StateStore: StateSource, Sendable {
    /// How much memory it may use.
    public struct Limits: Sendable {
        /// Bytes of stored blocks kept in memory for reading.
        public var cacheBytes: Int
        /// Bytes of writes gathered in memory; twice this may be in use, more during a larger batch.
        public var writeBufferBytes: Int

        /// Sets limits; what is given here suits a node with millions of accounts.
        public init(cacheBytes: Int = 64 << 20, writeBufferBytes: Int = 64 << 20) {
            self.cacheBytes = cacheBytes
            self.writeBufferBytes = writeBufferBytes
        }

        /// These limits, and no compression: half of a cell is an address, which does not get smaller, and
        /// all of them are written again whenever files are merged.
        var options: LevelDB.Options {
            var options = LevelDB.Options()
            options.cacheBytes = cacheBytes
            options.writeBufferBytes = writeBufferBytes
            options.compressed = false
            return options
        }
    }

    let store: any KeyValueStore
    private let current: Mutex<StateMeta?>
    /// The last entry of the node's log that was in the state when the store was opened; nil if none is known,
    /// as in one that was restored or fetched.
    public let logIndex: UInt64?
    private let firstFault = Mutex<StoreFault?>(nil)

    /// Opens the store in a folder, made if it is missing.
    ///
    /// - Parameters:
    ///   - path: the folder; its parent must be there.
    ///   - identity: whose state it must be; a new store is marked with it.
    ///   - limits: bounds of memory.
    /// - Throws: ``StoreFault`` that says whether the folder is in use, damaged, of another ledger or of
    ///   another format. Nothing is ever repaired or emptied.
    public convenience init(
        path: String, identity: StoreIdentity, limits: Limits = Limits()
    ) throws(StoreFault) {
        try self.init(over: try LevelDB(path: path, limits.options), identity: identity)
    }

    /// Opens the state in whatever keeps it.
    package init(over store: any KeyValueStore, identity: StoreIdentity) throws(StoreFault) {
        self.store = store
        try identity.check(store, key: StateKey.identity)
        current = Mutex(try Self.readMeta(store, path: store.path))
        logIndex = try Self.readLogIndex(store, path: store.path)
    }

    private static func readMeta(
        _ reader: any KeyValueReader, path: String
    ) throws(StoreFault) -> StateMeta? {
        guard let bytes = try reader.value(StateKey.meta) else { return nil }
        do throws(DecodingFault) {
            return try StateMeta(decoding: bytes)
        } catch {
            throw StoreFault(
                .corrupt, operation: "open", path: path,
                message: "the record of its height is damaged: \(error)")
        }
    }

    private static func readLogIndex(
        _ reader: any KeyValueReader, path: String
    ) throws(StoreFault) -> UInt64? {
        guard let bytes = try reader.value(StateKey.logIndex) else { return nil }
        var bytesLeft = ByteReader(bytes)
        guard let index = try? bytesLeft.read(UInt64.self), bytesLeft.remaining == 0 else {
            throw StoreFault(
                .corrupt, operation: "open", path: path,
                message: "the record of its place in the log has \(bytes.count) bytes instead of 8")
        }
        return index
    }

    /// Makes a stored state one that goes with another log: as a backup's, it knows no place in one.
    package static func forgetLogIndex(in store: any KeyValueStore) throws(StoreFault) {
        var batch = WriteBatch()
        batch.delete(StateKey.logIndex)
        try store.write(batch, sync: true)
    }

    /// What the store stands for; nil until genesis was applied.
    public var meta: StateMeta? { current.withLock { $0 } }

    /// The first fault that a read met; sticky, because what was read since cannot be trusted.
    public var storeFault: StoreFault? { firstFault.withLock { $0 } }

    /// The first fault that a read met, in words.
    public var fault: String? { storeFault?.description }

    // MARK: Reading

    /// The stored cell, or nil if none was ever written.
    public func cell(_ key: CellKey) -> Cell? {
        var cell: Cell?
        remembering { () throws(StoreFault) in
            var badCount: Int?
            _ = try key.withStoredBytes { stored throws(StoreFault) in
                try store.get(stored) { value in
                    cell = Cell(stored: value)
                    if cell == nil { badCount = value.count }
                }
            }
            if let badCount {
                throw StoreFault(
                    .corrupt, operation: "read from", path: store.path,
                    message: "the cell of \(key.address) in space \(key.space) "
                        + "has \(badCount) bytes instead of \(Cell.storedCount)")
            }
        }
        return cell
    }

    /// The stored object, or nil if there is none.
    public func object(_ key: [UInt8]) -> [UInt8]? {
        var value: [UInt8]?
        remembering { () throws(StoreFault) in value = try store.value(key) }
        return value
    }

    /// Calls `body` with each stored object whose key starts with `prefix`, in byte order, until it
    /// answers false.
    public func scan(prefix: [UInt8], _ body: (_ key: [UInt8], _ value: [UInt8]) -> Bool) {
        remembering { () throws(StoreFault) in
            try store.scan(prefix: prefix) { body(Array($0), Array($1)) }
        }
    }

    /// Runs a read and keeps the first fault.
    private func remembering(_ body: () throws(StoreFault) -> Void) {
        do throws(StoreFault) {
            try body()
        } catch {
            firstFault.withLock { if $0 == nil { $0 = error } }
        }
    }

    /// The stored state as it is now, for long readings beside the writing of later blocks.
    public func snapshot() throws(StoreFault) -> StateSnapshot {
        let view = store.snapshot()
        // Read from the view itself: a batch may have come in since.
        return StateSnapshot(
            view: view, path: store.path, meta: try Self.readMeta(view, path: store.path))
    }

    // MARK: Writing

    /// Stores changes together with the state that they lead to: one atomic batch, synced.
    ///
    /// May run beside readers, but not beside itself.
    ///
    /// - Parameters:
    ///   - changes: cells and objects, in any order; a key may come twice with the same value.
    ///   - meta: what the store stands for afterwards; its height is above the present one.
    ///   - logIndex: the last entry of the node's log that is in the state; nil if there is none.
    /// - Throws: ``StoreFault``; the store then still stands for what it stood for before, and must be
    ///   opened anew before it is written again.
    public func apply(
        _ changes: StateChanges, meta: StateMeta, logIndex: UInt64? = nil
    ) throws(StoreFault) {
        if let before = self.meta {
            precondition(
                meta.height > before.height,
                "state of height \(meta.height) is stored over \(before.height)")
        }
        var batch = WriteBatch()
        batch.put(StateKey.meta, meta.bytes)
        if let logIndex {
            var writer = ByteWriter(capacity: 8)
            writer.write(logIndex)
            batch.put(StateKey.logIndex, writer.bytes)
        }
        batch.putSorted(changes.cells)
        // Objects sort after all cells.
        batch.putSorted(changes.objects)
        try store.write(batch, sync: true)
        current.withLock { $0 = meta }
    }
}

/// A fixed view of the stored state; later batches do not change it.
public final class StateSnapshot: Sendable {
    private let view: any KeyValueReader
    private let path: String
    /// What it stands for; nil if genesis was not applied yet.
    public let meta: StateMeta?

    init(view: any KeyValueReader, path: String, meta: StateMeta?) {
        self.view = view
        self.path = path
        self.meta = meta
    }

    /// Lends each cell's and each object's stored key and value to `body`, in byte order, until it
    /// answers false.
    public func scan(
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) throws(StoreFault) {
        try view.scan(from: [StateKey.cells], to: nil, body)
    }

    /// Lends each cell to `body`, in the order of keys, until it answers false.
    ///
    /// - Throws: ``StoreFault``, of kind `corrupt` for a record that is no cell.
    public func scanCells(
        _ body: (CellKey, Cell) -> Bool
    ) throws(StoreFault) {
        var badKey: [UInt8]?
        try view.scan(from: [StateKey.cells], to: [StateKey.cells + 1]) { key, value in
            guard let cell = Cell(stored: value), let key = CellKey(stored: key) else {
                badKey = Array(key)
                return false
            }
            return body(key, cell)
        }
        guard let badKey else { return }
        throw StoreFault(
            .corrupt, operation: "read from", path: path,
            message: "the record \(Hex.encode(badKey)) is no cell")
    }

    /// The entries from a stored key on, at most so many.
    public func entries(
        from key: [UInt8], limit: Int
    ) throws(StoreFault) -> [(key: [UInt8], value: [UInt8])] {
        var entries: [(key: [UInt8], value: [UInt8])] = []
        guard limit > 0 else { return [] }
        try view.scan(from: key.isEmpty ? [StateKey.cells] : key, to: nil) { key, value in
            entries.append((Array(key), Array(value)))
            return entries.count < limit
        }
        return entries
    }
}
