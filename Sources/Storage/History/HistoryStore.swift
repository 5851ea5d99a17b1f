import Ledger
import Synchronization

/// The executed blocks, found by height, by header hash, by transaction hash and by what they logged.
///
/// History is stored before the state that it leads to, so that it is never behind; after a crash the
/// node executes again what the state does not have and appends it again, which changes nothing here.
/// Any thread may read. Appending and pruning wait for each other.
public final class HistoryStore: Sendable {
    /// What is known without reading.
    struct Known {
        var meta: HistoryMeta?
        /// Entries that are in no segment of the index yet.
        var tail: ContiguousArray<HashIndexEntry> = []
    }

    /// What only the writer uses.
    struct Writer {
        var index: HashIndex
        /// Items that are in no section of the log index yet.
        var logItemCount: Int
    }

    /// When the indexes gather what waits for them.
    struct Tuning {
        /// Hashes that make a segment.
        var segmentHashes = 1 << 14
        /// Blocks that make a section, at most ``LogIndex/sectionBlocks``.
        var sectionBlocks: UInt64 = 4096
        /// Items that make a section.
        var sectionItems = 1 << 18
    }

    let store: any KeyValueStore
    private let tuning: Tuning
    let known: Mutex<Known>
    let writer: Mutex<Writer>

    /// Opens the store in a folder, made if it is missing.
    ///
    /// - Parameters:
    ///   - path: the folder; its parent must be there.
    ///   - identity: whose history it must be; a new store is marked with it.
    ///   - cacheBytes: bytes of stored blocks kept in memory for reading.
    /// - Throws: ``StoreFault`` that says whether the folder is in use, damaged, of another ledger or of
    ///   another format. Nothing is ever repaired or emptied.
    public convenience init(
        path: String, identity: StoreIdentity, cacheBytes: Int = 32 << 20
    ) throws(StoreFault) {
        var options = LevelDB.Options()
        options.cacheBytes = cacheBytes
        options.writeBufferBytes = 16 << 20
        // Most keys only grow, so that large files are written once and never merged.
        options.fileBytes = 16 << 20
        options.openFiles = 500
        try self.init(over: try LevelDB(path: path, options), identity: identity)
    }

    init(
        over store: any KeyValueStore, identity: StoreIdentity, _ tuning: Tuning = Tuning()
    ) throws(StoreFault) {
        self.store = store
        self.tuning = tuning
        try identity.check(store, key: HistoryKey.identity)
        var known = Known()
        var writer = Writer(index: HashIndex(), logItemCount: 0)
        if let bytes = try store.value(HistoryKey.meta) {
            known.meta = try Self.decoded(store) { () throws(DecodingFault) in
                try HistoryMeta(decoding: bytes)
            }
        }
        if let meta = known.meta {
            writer.index = try Self.readIndex(store, path: store.path)
            known.tail = try Self.readTail(store, meta)
            try store.scan(
                from: HistoryKey.make(.pendingLogs, meta.logsFrom),
                to: HistoryKey.make(.pendingLogs, meta.tip + 1)
            ) { _, value in
                writer.logItemCount += value.count / LogIndex.storedCount
                return true
            }
        }
        self.known = Mutex(known)
        self.writer = Mutex(writer)
    }

    static func readIndex(
        _ reader: any KeyValueReader, path: String
    ) throws(StoreFault) -> HashIndex {
        guard let bytes = try reader.value(HistoryKey.hashIndex) else { return HashIndex() }
        do throws(DecodingFault) {
            return try HashIndex(decoding: bytes)
        } catch {
            throw StoreFault(
                .corrupt, operation: "read", path: path,
                message: "the plan of the hash index is damaged: \(error)")
        }
    }

    private static func decoded<Value>(
        _ store: any KeyValueStore, _ body: () throws(DecodingFault) -> Value
    ) throws(StoreFault) -> Value {
        do throws(DecodingFault) {
            return try body()
        } catch {
            throw StoreFault(
                .corrupt, operation: "open", path: store.path,
                message: "the record of its last block is damaged: \(error)")
        }
    }

    private static func readTail(
        _ store: any KeyValueStore, _ meta: HistoryMeta
    ) throws(StoreFault) -> ContiguousArray<HashIndexEntry> {
        var tail: ContiguousArray<HashIndexEntry> = []
        var next = meta.hashesFrom
        try store.scan(
            from: HistoryKey.make(.pendingHashes, meta.hashesFrom),
            to: HistoryKey.make(.pendingHashes, meta.tip + 1)
        ) { key, value in
            guard HistoryKey.height(key) == next, value.count >= 8, value.count % 8 == 0 else {
                return false
            }
            for index in 0..<(value.count / 8) {
                let prefix = UInt64(
                    bigEndian: value.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
                // The block's own hash comes first.
                let place = index == 0 ? HashIndexEntry.blockItself : UInt64(index - 1)
                tail.append(HashIndexEntry(prefix: prefix, place: next << 24 | place))
            }
            next += 1
            return true
        }
        guard next == meta.tip + 1 else {
            throw StoreFault(
                .corrupt, operation: "open", path: store.path,
                message:
                    "the hashes of block \(next) are missing, though there is block \(meta.tip)")
        }
        return tail
    }

    // MARK: What there is

    /// The height of the last block, nil if there is none.
    public var tip: UInt64? { known.withLock { $0.meta?.tip } }

    /// The hash of the last block's header.
    public var tipHash: Hash32? { known.withLock { $0.meta?.tipHash } }

    /// The height of the first block that was not pruned, nil if there is none.
    public var first: UInt64? { known.withLock { $0.meta?.first } }

    /// A block's bytes, nil if it is not there or was pruned.
    public func block(at height: UInt64) throws(StoreFault) -> [UInt8]? {
        try store.value(HistoryKey.make(.block, height))
    }

    /// The hash of a block's header, nil if the block is not there or was pruned.
    public func hash(at height: UInt64) throws(StoreFault) -> Hash32? {
        guard let bytes = try store.value(HistoryKey.make(.blockHash, height)) else { return nil }
        guard let hash = Hash32(bytes) else {
            throw StoreFault(
                .corrupt, operation: "read from", path: store.path,
                message: "the hash of block \(height) has \(bytes.count) bytes instead of 32")
        }
        return hash
    }

    /// A block's certificate, nil if none was stored or the block was pruned.
    public func certificate(at height: UInt64) throws(StoreFault) -> [UInt8]? {
        try store.value(HistoryKey.make(.certificate, height))
    }

    // MARK: Appending

    /// Stores the next blocks, in one atomic batch.
    ///
    /// A block that is there already is passed over, so that a node may append again what it executes
    /// again after a crash. The first block of an empty store may have any height.
    ///
    /// - Parameters:
    ///   - blocks: one after the other, with consecutive heights.
    ///   - sync: wait until they would survive a power cut; required before a state that contains them
    ///     is applied.
    /// - Throws: ``StoreFault``; of kind ``StoreFault/Kind/conflict`` if another block is stored at a
    ///   height or if one before it is missing, and then nothing was stored.
    public func append(_ blocks: [BlockRecord], sync: Bool) throws(StoreFault) {
        try writer.withLock { writer throws(StoreFault) in
            let before = known.withLock { $0.meta }
            let new = try newBlocks(of: blocks, after: before)
            guard let last = new.last else {
                // What was passed over may not be durable yet.
                if sync, !blocks.isEmpty { try store.write(WriteBatch(), sync: true) }
                return
            }
            var meta = before ?? HistoryMeta(firstBlock: new[new.startIndex])
            meta.tip = last.height
            meta.tipHash = last.hash
            var batch = WriteBatch()
            var entries: [HashIndexEntry] = []
            for block in new {
                let items = Self.put(block, &entries, &batch)
                writer.logItemCount += items
            }
            batch.put(HistoryKey.meta, meta.bytes)
            try store.write(batch, sync: sync)
            known.withLock {
                $0.meta = meta
                $0.tail.append(contentsOf: entries)
            }
            try foldHashes(&writer)
            try foldLogs(&writer)
        }
    }

    /// Leaves out what is stored already and checks that the rest follows.
    private func newBlocks(
        of blocks: [BlockRecord], after meta: HistoryMeta?
    ) throws(StoreFault) -> ArraySlice<BlockRecord> {
        func conflict(_ message: String) -> StoreFault {
            StoreFault(.conflict, operation: "append to", path: store.path, message: message)
        }
        var start = blocks.startIndex
        if let meta {
            while start < blocks.endIndex, blocks[start].height <= meta.tip {
                let block = blocks[start]
                if let stored = try hash(at: block.height), stored != block.hash {
                    throw conflict("block \(block.height) is \(stored) there, \(block.hash) here")
                }
                start += 1
            }
        }
        let new = blocks[start...]
        var next = meta.map { $0.tip + 1 } ?? new.first?.height ?? 0
        for block in new {
            guard block.height == next else {
                throw conflict("block \(block.height) came where \(next) was due")
            }
            precondition(
                block.height < 1 << 40 && block.transactions.count < HashIndexEntry.blockItself,
                "a block is beyond what the index can name")
            next += 1
        }
        return new
    }

    /// Puts one block and what waits for the indexes.
    /// - Returns: how many items wait for the log index.
    private static func put(
        _ block: BlockRecord, _ entries: inout [HashIndexEntry], _ batch: inout WriteBatch
    ) -> Int {
        batch.put(HistoryKey.make(.block, block.height), block.bytes)
        batch.put(HistoryKey.make(.blockHash, block.height), block.hash.bytes)
        var prefixes = ByteWriter(capacity: 8 * (block.transactions.count + 1))
        prefixes.write(block.hash.parts.0)
        entries.append(
            HashIndexEntry(
                hash: block.hash, height: block.height, index: HashIndexEntry.blockItself))
        for (index, hash) in block.transactions.enumerated() {
            prefixes.write(hash.parts.0)
            entries.append(
                HashIndexEntry(hash: hash, height: block.height, index: UInt64(index)))
        }
        batch.put(HistoryKey.make(.pendingHashes, block.height), prefixes.bytes)
        guard !block.logItems.isEmpty else { return 0 }
        let pending = LogIndex.pending(block.logItems)
        batch.put(HistoryKey.make(.pendingLogs, block.height), pending)
        return pending.count / LogIndex.storedCount
    }

    /// Stores certificates of blocks; those of blocks that are not there are left out.
    ///
    /// - Parameters:
    ///   - certificates: heights and bytes that only the caller understands.
    ///   - sync: wait until they would survive a power cut.
    /// - Throws: ``StoreFault``.
    public func store(
        certificates: [(height: UInt64, bytes: [UInt8])], sync: Bool
    ) throws(StoreFault) {
        try writer.withLock { _ throws(StoreFault) in
            guard let meta = known.withLock({ $0.meta }) else { return }
            var batch = WriteBatch()
            for (height, bytes) in certificates where (meta.first...meta.tip).contains(height) {
                batch.put(HistoryKey.make(.certificate, height), bytes)
            }
            try store.write(batch, sync: sync)
        }
    }

    // MARK: Indexes

    /// Makes a segment of the hash index when enough hashes wait for one.
    private func foldHashes(_ writer: inout Writer) throws(StoreFault) {
        guard var meta = known.withLock({ $0.meta }) else { return }
        let tail = known.withLock { $0.tail }
        guard tail.count >= tuning.segmentHashes else { return }
        var batch = WriteBatch()
        try writer.index.add(
            Array(tail), last: meta.tip, prunedBelow: meta.first, reader: store, batch: &batch)
        for height in meta.hashesFrom...meta.tip {
            batch.delete(HistoryKey.make(.pendingHashes, height))
        }
        meta.hashesFrom = meta.tip + 1
        batch.put(HistoryKey.meta, meta.bytes)
        try store.write(batch, sync: false)
        // After the write: until here the tail has what a reader does not find in the store.
        known.withLock {
            $0.meta = meta
            $0.tail = []
        }
    }

    /// Makes a section of the log index when enough blocks or items wait for one.
    private func foldLogs(_ writer: inout Writer) throws(StoreFault) {
        while var meta = known.withLock({ $0.meta }) {
            let waiting = meta.tip + 1 - meta.logsFrom
            guard
                waiting >= tuning.sectionBlocks || writer.logItemCount >= tuning.sectionItems
            else { return }
            let last = meta.logsFrom + min(waiting, tuning.sectionBlocks) - 1
            var batch = WriteBatch()
            let folded = try LogIndex.fold(
                from: meta.logsFrom, to: last, reader: store, batch: &batch)
            meta.logsFrom = last + 1
            batch.put(HistoryKey.meta, meta.bytes)
            try store.write(batch, sync: false)
            writer.logItemCount -= folded
            known.withLock { $0.meta = meta }
        }
    }
}
