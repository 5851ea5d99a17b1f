import Ledger

/// Fills a new state store with entries that come in the order of their keys.
public struct StateFiller: ~Copyable {
    private let store: any KeyValueStore
    private var batch = WriteBatch()

    /// Bytes of entries that are handed over together.
    private static let batchBytes = 1 << 20

    init(_ store: any KeyValueStore) { self.store = store }

    /// Adds an entry.
    ///
    /// - Parameters:
    ///   - key: the stored key of a cell or an object.
    ///   - value: the stored value.
    /// - Throws: ``StoreFault``.
    public mutating func put(
        _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) throws(StoreFault) {
        batch.put(key, value)
        guard batch.byteCount >= Self.batchBytes else { return }
        try store.write(batch, sync: false)
        batch.clear()
    }

    fileprivate mutating func finish(_ meta: StateMeta) throws(StoreFault) {
        batch.put(StateKey.meta, meta.bytes)
        try store.write(batch, sync: true)
    }
}

extension StateStore {
    /// Makes a state store in a folder, over whatever is there, and closes it.
    ///
    /// Durable when it returns; a store that a crash left unfinished has no ``meta``.
    ///
    /// - Parameters:
    ///   - path: the folder; its parent must be there.
    ///   - identity: whose state it is.
    ///   - meta: what the store stands for.
    ///   - fill: puts all entries.
    /// - Throws: ``StoreFault``, also what `fill` throws.
    public static func create(
        path: String, identity: StoreIdentity, meta: StateMeta,
        fill: (inout StateFiller) throws(StoreFault) -> Void
    ) throws(StoreFault) {
        try Files.removeAll(path)
        do {
            let store = try LevelDB(path: path, StateStore.Limits(cacheBytes: 1 << 20).options)
            try identity.check(store, key: StateKey.identity)
            var filler = StateFiller(store)
            try fill(&filler)
            try filler.finish(meta)
        }
        // A synced write of LevelDB's makes its present log of writes durable, and not the one before,
        // whose content may be in no table yet.
        try Files.syncTree(path)
    }
}
