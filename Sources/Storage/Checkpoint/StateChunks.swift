import Ledger

extension StateSnapshot {
    /// Cuts all entries into chunks and hashes them, in one pass and constant memory.
    ///
    /// - Parameters:
    ///   - control: steers the pass.
    ///   - sink: gets each entry as it stands in a chunk, in order.
    /// - Returns: how many entries there are, and the chunks; nil if it was cancelled.
    /// - Throws: ``StoreFault`` of the reading, or what `sink` throws.
    func cutIntoChunks(
        _ control: CheckpointControl, sink: (UnsafeRawBufferPointer) throws(StoreFault) -> Void
    ) throws(StoreFault) -> (leafCount: UInt64, chunks: [CheckpointManifest.Chunk])? {
        var cutter = ChunkCutter()
        var encoder = EntryEncoder()
        var fault: StoreFault?
        var isCancelled = false
        var started = CheckpointControl.now
        try control.rest(since: started)
        try scan { key, value in
            encoder.encode(key, value) { entry, leaf in
                cutter.add(entry: entry, leaf: leaf, key: key)
                do throws(StoreFault) { try sink(entry) } catch { fault = error }
            }
            if cutter.isChunkComplete {
                cutter.endChunk()
                isCancelled = control.isCancelled
                do throws(StoreFault) { try control.rest(since: started) } catch { fault = error }
                started = CheckpointControl.now
            }
            return fault == nil && !isCancelled
        }
        if let fault { throw fault }
        if isCancelled || control.isCancelled { return nil }
        cutter.endChunk()
        return (cutter.leafCount, cutter.chunks)
    }

    /// The chunks that a checkpoint of this state has, without making one, and how many entries.
    ///
    /// - Throws: ``StoreFault`` of the reading.
    public func chunks() throws(StoreFault) -> (
        chunks: [CheckpointManifest.Chunk], leafCount: UInt64
    ) {
        let control = CheckpointControl(share: 100)
        let cut = try cutIntoChunks(control) { _ throws(StoreFault) in }
        return (cut?.chunks ?? [], cut?.leafCount ?? 0)
    }

    /// The root that a checkpoint of this state has, without making one.
    ///
    /// - Throws: ``StoreFault`` of the reading.
    public func stateRoot() throws(StoreFault) -> Hash32 {
        MerkleTree.root(of: try chunks().chunks.map(\.root))
    }
}

/// Gathers leaves into chunks.
private struct ChunkCutter {
    private(set) var chunks: [CheckpointManifest.Chunk] = []
    private(set) var leafCount: UInt64 = 0
    private var leaves: [Hash32] = []
    private var firstKey: [UInt8] = []
    private var offset: UInt64 = 0
    private var byteCount: UInt64 = 0

    var isChunkComplete: Bool { leaves.count == ChunkFormat.leavesPerChunk }

    mutating func add(
        entry: UnsafeRawBufferPointer, leaf: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer
    ) {
        if leaves.isEmpty {
            leaves.reserveCapacity(ChunkFormat.leavesPerChunk)
            firstKey = Array(key)
        }
        leaves.append(MerkleTree.leaf(leaf))
        leafCount += 1
        byteCount += UInt64(entry.count)
    }

    /// Ends the chunk; does nothing if it has no entry.
    mutating func endChunk() {
        guard !leaves.isEmpty else { return }
        let done = leaves
        leaves = []
        chunks.append(
            CheckpointManifest.Chunk(
                root: MerkleTree.root(of: done), offset: offset, byteCount: byteCount,
                firstKey: firstKey))
        offset += byteCount
        byteCount = 0
    }
}
