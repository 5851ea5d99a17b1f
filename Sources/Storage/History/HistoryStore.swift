import Ledger
import Synchronization

/// The executed blocks, found by height, by header hash, by transaction hash and by what they logged.
///
/// History is stored before the state that it leads to, so that it is never behind; after a crash the
/// node executes again what the state does not have and appends it again, which changes nothing here.
/// Any thread may read. Appending and pruning wait for each other.
///
/// There are two databases: the blocks, and an index that can be made from them again.
public final class HistoryStore: Sendable {
    /// When the indexes gather what waits for them.
    package struct Tuning {
        /// Hashes that make a segment.
        var segmentHashes: Int
        /// Blocks that make a section, at most ``LogSections/sectionBlocks``.
        var sectionBlocks: UInt64
        /// Items that make a section.
        var sectionItems: Int

        /// What suits a node with a long history.
        package init(
            segmentHashes: Int = 1 << 14, sectionBlocks: UInt64 = 4096,
            sectionItems: Int = 1 << 18
        ) {
            self.segmentHashes = segmentHashes
            self.sectionBlocks = sectionBlocks
            self.sectionItems = sectionItems
        }
    }

    /// What only the writer uses.
    struct Writer {
        var index: HashIndex
        var progress: IndexProgress?
        /// Items that are in no section of the log index yet.
        var logItemCount = 0
    }

    let archive: BlockArchive
    let indexStore: any KeyValueStore
    private let tuning: Tuning
    let writer: Mutex<Writer>
    /// Entries that are in no segment of the hash index yet.
    let tail = Mutex<ContiguousArray<HashIndexEntry>>([])

    /// Opens the store in a folder, made if it is missing.
    ///
    /// An index that is missing or behind is made from the blocks first, which takes its time.
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
        try Files.makeFolder(path)
        var blocks = LevelDB.Options()
        blocks.cacheBytes = cacheBytes / 2
        blocks.writeBufferBytes = 16 << 20
        blocks.fileBytes = 16 << 20
        blocks.openFiles = 500
        var index = LevelDB.Options()
        index.cacheBytes = cacheBytes / 2
        index.writeBufferBytes = 8 << 20
        // Small files: what is added to one level or to the sections must not rewrite the others.
        index.fileBytes = 2 << 20
        index.openFiles = 500
        // Hashes do not get smaller.
        index.compressed = false
        try self.init(
            blocks: try LevelDB(path: path + "/blocks", blocks),
            index: try LevelDB(path: path + "/index", index), identity: identity)
    }

    /// Opens the history in whatever keeps blocks and their index.
    package init(
        blocks: any KeyValueStore, index: any KeyValueStore, identity: StoreIdentity,
        _ tuning: Tuning = Tuning()
    ) throws(StoreFault) {
        indexStore = index
        self.tuning = tuning
        try identity.check(index, key: HistoryKey.identity)
        let progress = try Self.readProgress(index)
        archive = try BlockArchive(
            over: blocks, identity: identity, durableBelow: progress?.hashesFrom ?? 0)
        writer = Mutex(
            Writer(
                index: try Self.readIndex(index, path: index.path), progress: progress))
        try writer.withLock { writer throws(StoreFault) in try catchUp(&writer) }
    }

    // MARK: What there is

    /// The height of the last block, nil if there is none.
    public var tip: UInt64? { archive.known?.tip }

    /// The hash of the last block's header.
    public var tipHash: Hash32? { archive.known?.tipHash }

    /// The height of the first block that was not pruned, nil if there is none.
    public var first: UInt64? { archive.known?.first }

    /// A block's bytes, nil if it is not there or was pruned.
    public func block(at height: UInt64) throws(StoreFault) -> [UInt8]? {
        try archive.part(.bytes, at: height)
    }

    /// The hash of a block's header, nil if the block is not there or was pruned.
    public func hash(at height: UInt64) throws(StoreFault) -> Hash32? {
        try archive.hash(at: height)
    }

    /// A block's certificate, nil if none was stored or the block was pruned.
    public func certificate(at height: UInt64) throws(StoreFault) -> [UInt8]? {
        try archive.part(.certificate, at: height)
    }

    /// About how many bytes on disk the blocks of these heights take, without reading them.
    public func approximateBytes(of heights: Range<UInt64>) -> UInt64 {
        archive.store.approximateBytes(
            from: HistoryKey.block(heights.lowerBound, .bytes),
            to: HistoryKey.block(heights.upperBound, .bytes))
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
            let new = try newBlocks(of: blocks)
            guard let first = new.first else {
                // What was passed over may not be durable yet.
                if sync, !blocks.isEmpty { try archive.sync() }
                return
            }
            let (entries, logItemCount) = try archive.append(new, sync: sync)
            tail.withLock { $0.append(contentsOf: entries) }
            writer.logItemCount += logItemCount
            if writer.progress == nil { writer.progress = IndexProgress(from: first.height) }
            try foldHashes(&writer)
            try foldLogs(&writer)
        }
    }

    /// Leaves out what is stored already and checks that the rest follows.
    private func newBlocks(
        of blocks: [BlockRecord]
    ) throws(StoreFault) -> ArraySlice<BlockRecord> {
        func conflict(_ message: String) -> StoreFault {
            StoreFault(
                .conflict, operation: "append to", path: archive.store.path, message: message)
        }
        let known = archive.known
        var start = blocks.startIndex
        if let known {
            while start < blocks.endIndex, blocks[start].height <= known.tip {
                let block = blocks[start]
                let stored = try hash(at: block.height)
                if let stored, stored != block.hash {
                    throw conflict("block \(block.height) is \(stored) there, \(block.hash) here")
                }
                guard stored != nil || block.height < known.first else {
                    throw StoreFault(
                        .corrupt, operation: "append to", path: archive.store.path,
                        message: "block \(block.height) is missing among those before the last")
                }
                start += 1
            }
        }
        let new = blocks[start...]
        var next = known.map { $0.tip + 1 } ?? new.first?.height ?? 0
        for block in new {
            guard block.height == next else {
                throw conflict("block \(block.height) came where \(next) was due")
            }
            precondition(
                block.height < HistoryKey.heightLimit
                    && block.transactions.count < HashIndexEntry.blockItself,
                "a block is beyond what the index can name")
            next += 1
        }
        return new
    }

    /// Stores certificates of blocks that had none; those of blocks that are not there are left out.
    ///
    /// - Parameters:
    ///   - certificates: heights and bytes that only the caller understands.
    ///   - sync: wait until they would survive a power cut.
    /// - Throws: ``StoreFault``.
    public func store(
        certificates: [(height: UInt64, bytes: [UInt8])], sync: Bool
    ) throws(StoreFault) {
        try writer.withLock { _ throws(StoreFault) in
            try archive.store(certificates: certificates, sync: sync)
        }
    }

    /// Forgets all blocks below a height, except the last block.
    ///
    /// Done in batches, each of which leaves a whole history that begins later; a crash between two of
    /// them leaves the rest for the next call.
    ///
    /// - Parameters:
    ///   - height: the first block that stays.
    ///   - heights: blocks below it of which a copy is kept for ever, see ``kept(at:)``; those that are
    ///     kept already or not there are passed over.
    /// - Throws: ``StoreFault``.
    public func prune(
        below height: UInt64, keeping heights: [UInt64] = []
    ) throws(StoreFault) {
        try writer.withLock { writer throws(StoreFault) in
            try archive.keep(heights.filter { $0 < height })
            let end = try archive.prune(below: height)
            // Were the blocks to come back after a power cut, their index would have to be there.
            try archive.sync()
            try pruneIndex(below: end, &writer)
        }
        // Otherwise the room would come back only with later compactions of the same keys. Without the
        // writer's lock: blocks can be appended meanwhile.
        archive.store.compact(
            from: HistoryKey.block(0, .bytes),
            to: HistoryKey.block(min(height, HistoryKey.heightLimit), .bytes))
    }
}

extension HistoryStore {
    // MARK: Indexes

    /// Makes the index of all blocks that it does not know yet, but for the last few, which wait.
    private func catchUp(_ writer: inout Writer) throws(StoreFault) {
        guard let known = archive.known else { return }
        var progress = writer.progress ?? IndexProgress(from: known.first)
        // Blocks are made durable before the index hears of them.
        guard progress.hashesFrom <= known.tip + 1, progress.logsFrom <= known.tip + 1 else {
            throw StoreFault(
                .corrupt, operation: "open", path: indexStore.path,
                message: "the index knows blocks beyond \(known.tip), the last one there is")
        }
        progress.hashesFrom = max(progress.hashesFrom, known.first)
        progress.logsFrom = max(progress.logsFrom, known.first)
        writer.progress = progress
        var height = progress.hashesFrom
        while height <= known.tip {
            let entries = try archive.hashEntries(at: height)
            tail.withLock { $0.append(contentsOf: entries) }
            try foldHashes(&writer, through: height)
            height += 1
        }
        height = progress.logsFrom
        while height <= known.tip {
            let items = try archive.part(.logItems, at: height)
            writer.logItemCount += (items?.count ?? 0) / LogSections.storedCount
            try foldLogs(&writer, through: height)
            height += 1
        }
    }

    /// Makes a segment of the hash index when enough hashes wait for one.
    private func foldHashes(
        _ writer: inout Writer, through height: UInt64? = nil
    ) throws(StoreFault) {
        guard var progress = writer.progress, let known = archive.known else { return }
        let entries = tail.withLock { $0.count < tuning.segmentHashes ? [] : Array($0) }
        guard !entries.isEmpty else { return }
        // The index must never know what the blocks may still lose.
        try archive.sync()
        let last = height ?? known.tip
        var batch = WriteBatch()
        try writer.index.add(
            entries, last: last, prunedBelow: known.first, reader: indexStore, batch: &batch)
        progress.hashesFrom = last + 1
        batch.put(HistoryKey.progress, progress.bytes)
        try indexStore.write(batch, sync: true)
        writer.progress = progress
        // After the write: until here the tail has what a reader does not find in the index.
        tail.withLock { $0 = [] }
    }

    /// Makes a section of the log index when enough blocks or items wait for one.
    private func foldLogs(
        _ writer: inout Writer, through height: UInt64? = nil
    ) throws(StoreFault) {
        while var progress = writer.progress, let known = archive.known {
            let waiting = (height ?? known.tip) + 1 - progress.logsFrom
            guard
                waiting >= tuning.sectionBlocks || writer.logItemCount >= tuning.sectionItems
            else { return }
            try archive.sync()
            let last = progress.logsFrom + min(waiting, tuning.sectionBlocks) - 1
            var batch = WriteBatch()
            let folded = try LogSections.fold(from: progress.logsFrom, to: last, batch: &batch) {
                height throws(StoreFault) in try archive.part(.logItems, at: height)
            }
            progress.logsFrom = last + 1
            batch.put(HistoryKey.progress, progress.bytes)
            // A later batch must not outlive this one: its plan would name what is in none.
            try indexStore.write(batch, sync: true)
            writer.progress = progress
            writer.logItemCount = max(0, writer.logItemCount - folded)
        }
    }
}
