import Ledger
import Synchronization

/// The blocks themselves, in a database whose keys only grow.
///
/// LevelDB then writes every byte twice, to its log and to a file, and need not merge a file. So there
/// is no record of the last block, which would be written again and again: it is the last key.
final class BlockArchive: Sendable {
    /// What is known without reading.
    struct Known {
        var tip: UInt64
        var tipHash: Hash32
        /// The first block that was not pruned.
        var first: UInt64
    }

    let store: any KeyValueStore
    private let state: Mutex<Known?>

    // Those below `durable` were synced, as the index knows.
    init(
        over store: any KeyValueStore, identity: StoreIdentity, durableBelow durable: UInt64
    ) throws(StoreFault) {
        self.store = store
        try identity.check(store, key: HistoryKey.identity)
        try Self.cutTornTail(store, durableBelow: durable)
        state = Mutex(try Self.readKnown(store))
    }

    /// How many of the last blocks are looked at where the index does not say which were synced.
    private static let tailBlocks: UInt64 = 200_000

    /// Removes what a power cut left behind a block that it took.
    ///
    /// Writes that were not synced are in one of two logs of LevelDB's, each of which may have lost its
    /// end. What is removed was never reported as durable; the node executes it again.
    private static func cutTornTail(
        _ store: any KeyValueStore, durableBelow durable: UInt64
    ) throws(StoreFault) {
        guard let first = try first(store, path: store.path),
            let tip = try store.lastKey(before: HistoryKey.blocksEnd)
                .flatMap(HistoryKey.blockHeight)
        else { return }
        var height = max(durable, first, tip - min(tip, tailBlocks))
        while height <= tip, try store.value(HistoryKey.block(height, .hash)) != nil {
            height += 1
        }
        guard height <= tip else { return }
        var batch = WriteBatch()
        for height in height...tip {
            for part in HistoryKey.Part.allCases { batch.delete(HistoryKey.block(height, part)) }
        }
        try store.write(batch, sync: true)
    }

    /// The height of the first block that was not pruned, nil if there is none.
    static func first(
        _ store: any KeyValueReader, path: String
    ) throws(StoreFault) -> UInt64? {
        var key: [UInt8]?
        try store.scan(from: HistoryKey.block(0, .bytes), to: HistoryKey.blocksEnd) { found, _ in
            key = Array(found)
            return false
        }
        guard let lowest = key.flatMap(HistoryKey.blockHeight) else { return nil }
        guard let bytes = try store.value(HistoryKey.first) else { return lowest }
        var reader = ByteReader(bytes)
        guard let first = try? reader.read(UInt64.self), reader.remaining == 0 else {
            throw StoreFault(
                .corrupt, operation: "open", path: path,
                message: "the record of its first block is damaged")
        }
        return max(first, lowest)
    }

    private static func readKnown(_ store: any KeyValueStore) throws(StoreFault) -> Known? {
        guard let first = try first(store, path: store.path),
            let last = try store.lastKey(before: HistoryKey.blocksEnd)
        else { return nil }
        guard let tip = HistoryKey.blockHeight(last), first <= tip,
            let hash = try store.value(HistoryKey.block(tip, .hash)), let tipHash = Hash32(hash)
        else {
            throw StoreFault(
                .corrupt, operation: "open", path: store.path, message: "its last block is damaged")
        }
        return Known(tip: tip, tipHash: tipHash, first: first)
    }

    var known: Known? { state.withLock { $0 } }

    // MARK: Reading

    func part(_ part: HistoryKey.Part, at height: UInt64) throws(StoreFault) -> [UInt8]? {
        guard let known, height >= known.first else { return nil }
        return try store.value(HistoryKey.block(height, part))
    }

    func hash(at height: UInt64) throws(StoreFault) -> Hash32? {
        guard let bytes = try part(.hash, at: height) else { return nil }
        guard let hash = Hash32(bytes) else {
            throw StoreFault(
                .corrupt, operation: "read from", path: store.path,
                message: "the hash of block \(height) has \(bytes.count) bytes instead of 32")
        }
        return hash
    }

    /// What the hash index must know of a block.
    func hashEntries(at height: UInt64) throws(StoreFault) -> [HashIndexEntry] {
        guard let bytes = try part(.hashPrefixes, at: height), bytes.count >= 8,
            bytes.count % 8 == 0
        else {
            throw StoreFault(
                .corrupt, operation: "read from", path: store.path,
                message: "the hashes of block \(height) are damaged or missing")
        }
        return bytes.withUnsafeBytes { bytes in
            (0..<(bytes.count / 8)).map { index in
                HashIndexEntry(
                    prefix: UInt64(
                        bigEndian: bytes.loadUnaligned(
                            fromByteOffset: index * 8, as: UInt64.self)),
                    height: height,
                    // The block's own hash comes first.
                    index: index == 0 ? HashIndexEntry.blockItself : UInt64(index - 1))
            }
        }
    }

    // MARK: Writing

    /// Stores blocks that follow the last one.
    /// - Returns: what the hash index must know of them, and how many items the log index.
    func append(
        _ blocks: ArraySlice<BlockRecord>, sync: Bool
    ) throws(StoreFault) -> (entries: [HashIndexEntry], logItemCount: Int) {
        guard let first = blocks.first, let last = blocks.last else { return ([], 0) }
        var batch = WriteBatch()
        var entries: [HashIndexEntry] = []
        var logItemCount = 0
        for block in blocks { Self.put(block, &entries, &logItemCount, &batch) }
        try store.write(batch, sync: sync)
        state.withLock {
            $0 = Known(tip: last.height, tipHash: last.hash, first: $0?.first ?? first.height)
        }
        return (entries, logItemCount)
    }

    private static func put(
        _ block: BlockRecord, _ entries: inout [HashIndexEntry], _ logItemCount: inout Int,
        _ batch: inout WriteBatch
    ) {
        batch.put(HistoryKey.block(block.height, .bytes), block.bytes)
        batch.put(HistoryKey.block(block.height, .hash), block.hash.bytes)
        var prefixes = ByteWriter(capacity: 8 * (block.transactions.count + 1))
        func add(_ hash: Hash32, _ index: UInt64) {
            prefixes.write(hash.parts.0)
            entries.append(
                HashIndexEntry(prefix: hash.parts.0, height: block.height, index: index))
        }
        add(block.hash, HashIndexEntry.blockItself)
        for (index, hash) in block.transactions.enumerated() { add(hash, UInt64(index)) }
        batch.put(HistoryKey.block(block.height, .hashPrefixes), prefixes.bytes)
        if !block.logItems.isEmpty {
            let items = LogSections.stored(block.logItems)
            batch.put(HistoryKey.block(block.height, .logItems), items)
            logItemCount += items.count / LogSections.storedCount
        }
        if let certificate = block.certificate {
            batch.put(HistoryKey.block(block.height, .certificate), certificate)
        }
    }

    func store(
        certificates: [(height: UInt64, bytes: [UInt8])], sync: Bool
    ) throws(StoreFault) {
        guard let known else { return }
        var batch = WriteBatch()
        for (height, bytes) in certificates where (known.first...known.tip).contains(height) {
            batch.put(HistoryKey.block(height, .certificate), bytes)
        }
        try store.write(batch, sync: sync)
    }

    /// Makes everything appended so far durable.
    func sync() throws(StoreFault) { try store.write(WriteBatch(), sync: true) }

    /// Forgets the blocks below a height, except the last block.
    /// - Returns: the height of the first block that is left.
    func prune(below height: UInt64) throws(StoreFault) -> UInt64 {
        guard let known else { return 0 }
        let end = min(height, known.tip)
        var next = known.first
        while next < end {
            let stop = min(end, next + 1024)
            var batch = WriteBatch()
            for height in next..<stop {
                for part in HistoryKey.Part.allCases {
                    batch.delete(HistoryKey.block(height, part))
                }
            }
            var writer = ByteWriter(capacity: 8)
            writer.write(stop)
            batch.put(HistoryKey.first, writer.bytes)
            // Readers stop asking for these blocks before they are gone.
            state.withLock { $0?.first = stop }
            try store.write(batch, sync: false)
            next = stop
        }
        return max(end, known.first)
    }
}
