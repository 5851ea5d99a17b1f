import Glibc
import Ledger

extension Backup {
    /// The file in a data folder's `log/` that says from which term on a restored node may vote again.
    public static let restoredName = "restored"

    /// What may be in a folder that is to be filled: what a file system puts there, the lock, and what is left of a
    /// restoration that did not come to its end.
    private static let passedOver: Set<String> = ["lost+found", draftName, DataFolder.lockName]
    private static let draftName = "restore" + Files.unfinished

    /// Refuses a folder in which a restoration did not come to its end.
    ///
    /// A node would begin there with less than the backup, at worst with nothing: a new ledger where its
    /// bank is alone, and beside others a second vote.
    static func checkRestored(_ data: String) throws(StoreFault) {
        let draft = data + "/" + draftName
        guard Files.exists(draft) else { return }
        // Empty it is before everything and behind everything.
        if try Files.names(in: draft).isEmpty, Files.exists(data + "/" + Backup.stateName) {
            return try Files.removeAll(draft)
        }
        throw StoreFault(
            .corrupt, operation: "use", path: data,
            message: "a backup was being restored to it, and that did not come to its end "
                + "(there is \(draftName)): empty it, and restore the backup again")
    }

    /// Makes a node's data folder of the backup.
    ///
    /// The log begins empty, with a file `restored` of eight bytes: the term of the backup. The node may
    /// have voted in that term, and in later ones that nothing here knows of; consensus heeds it.
    /// Everything must have been verified before, see ``verify(progress:)``.
    ///
    /// - Parameter data: the folder, made if it is missing.
    /// - Throws: ``StoreFault``; of kind ``StoreFault/Kind/occupied`` if something is in it, and of kind
    ///   ``StoreFault/Kind/locked`` while a node or another restoration uses it.
    public func restore(to data: String) throws(StoreFault) {
        try restore(to: data, Steps())
    }

    func restore(to data: String, _ steps: Steps) throws(StoreFault) {
        try Files.makeFolder(data)
        // Nothing is left in a folder that is something else's, not even the lock.
        if !Files.exists(data + "/" + DataFolder.lockName) { try Self.checkEmpty(data) }
        // Or another restoration, or a node that begins, would put its own beside what this one has.
        let lock = try DataFolder.takeLock(data)
        defer { close(lock) }
        try Self.checkEmpty(data)
        let draft = data + "/" + Self.draftName
        try Files.removeAll(draft)
        try Files.makeFolder(draft + "/log")
        try steps.before("restore the state")
        try StateStore.create(
            path: draft + "/state", identity: manifest.identity, meta: manifest.meta
        ) { filler throws(StoreFault) in
            try state.forEachEntry { key, value throws(StoreFault) in
                try filler.put(key, value)
            }
        }
        try steps.before("restore the history")
        try restoreHistory(to: draft + "/history")
        try Files.replace(draft + "/" + Self.genesisName, with: try genesis())
        var term = ByteWriter(capacity: 8)
        term.write(manifest.term)
        try Files.replace(draft + "/log/" + Self.restoredName, with: term.bytes)
        let checkpoints = try CheckpointFolder(path: draft + "/checkpoints")
        if let pending = manifest.pending { try checkpoints.keep(pending) }
        // The log comes first: with less than everything else a node begins further back, but one that
        // does not know that it was restored might vote twice.
        for name in ["log", "checkpoints", "history", "state", Self.genesisName] {
            try steps.before("put \(name) in its place")
            try Files.move(draft + "/" + name, to: data + "/" + name)
        }
        try steps.before("remove what is empty")
        try Files.removeAll(draft)
    }

    private static func checkEmpty(_ data: String) throws(StoreFault) {
        let found = try Files.names(in: data).first { !passedOver.contains($0) }
        guard let found else { return }
        throw StoreFault(
            .occupied, operation: "restore to", path: data,
            message: "it is not empty (there is \(found))")
    }

    private func restoreHistory(to path: String) throws(StoreFault) {
        try Files.makeFolder(path)
        do {
            var options = LevelDB.Options()
            options.cacheBytes = 1 << 20
            options.writeBufferBytes = 16 << 20
            options.fileBytes = 16 << 20
            let store = try LevelDB(path: path + "/blocks", options)
            try manifest.identity.check(store, key: HistoryKey.identity)
            var batch = WriteBatch()
            var first = ByteWriter(capacity: 8)
            first.write(manifest.first)
            batch.put(HistoryKey.first, first.bytes)
            var records = records
            while let record = try records.next() {
                guard HistoryKey.isOfBlocks(record.key) else {
                    throw StoreFault(
                        .corrupt, operation: "restore from", path: self.path,
                        message: "its history has a record that is of no block")
                }
                batch.put(record.key, record.value)
                guard batch.byteCount >= 1 << 20 else { continue }
                try store.write(batch, sync: false)
                batch.clear()
            }
            try store.write(batch, sync: true)
        }
        // The index is made of the blocks.
        _ = try HistoryStore(path: path, identity: manifest.identity, cacheBytes: 1 << 20)
        try Files.syncTree(path)
    }
}
