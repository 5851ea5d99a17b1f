import Ledger
import Synchronization

extension HistoryStore {
    /// Forgets all blocks below a height, except the last block.
    ///
    /// Done in batches, each of which leaves a whole history that begins later; a crash between two of
    /// them leaves the rest for the next call.
    ///
    /// - Throws: ``StoreFault``.
    public func prune(below height: UInt64) throws(StoreFault) {
        try writer.withLock { writer throws(StoreFault) in
            guard let meta = known.withLock({ $0.meta }) else { return }
            let end = min(height, meta.tip)
            try pruneBlocks(from: meta.first, to: end)
            try pruneSegments(below: end, &writer)
            try pruneSections(below: end)
        }
        // Otherwise the room would come back only with later compactions of the same keys. Without the
        // writer's lock: blocks can be appended meanwhile.
        store.compact(
            from: HistoryKey.make(.block, 0), to: HistoryKey.make(.block, min(height, 1 << 40)))
    }

    private func pruneBlocks(from first: UInt64, to end: UInt64) throws(StoreFault) {
        var next = first
        while next < end {
            let stop = min(end, next + 4096)
            guard var meta = known.withLock({ $0.meta }) else { return }
            var batch = WriteBatch()
            for height in next..<stop {
                batch.delete(HistoryKey.make(.block, height))
                batch.delete(HistoryKey.make(.certificate, height))
                batch.delete(HistoryKey.make(.blockHash, height))
            }
            meta.first = stop
            batch.put(HistoryKey.meta, meta.bytes)
            // Readers stop asking for these blocks before they are gone.
            known.withLock { $0.meta = meta }
            try store.write(batch, sync: false)
            next = stop
        }
    }

    /// Segments with nothing but pruned blocks; the others lose theirs when they are merged.
    private func pruneSegments(
        below end: UInt64, _ writer: inout Writer
    ) throws(StoreFault) {
        let segments = writer.index.segments(below: end)
        guard !segments.isEmpty else { return }
        for (level, segment) in segments {
            let buckets = HashIndex.bucketCount(level: level)
            for start in stride(from: 0, to: buckets, by: 4096) {
                var batch = WriteBatch()
                for bucket in start..<min(buckets, start + 4096) {
                    batch.delete(
                        HistoryKey.hashBucket(
                            level: level, segment: segment.number, bucket: bucket))
                }
                try store.write(batch, sync: false)
            }
        }
        // Last, so that after a crash they are still known and are deleted then.
        writer.index.removeSegments(below: end)
        var batch = WriteBatch()
        batch.put(HistoryKey.hashIndex, writer.index.bytes)
        try store.write(batch, sync: false)
    }

    private func pruneSections(below end: UInt64) throws(StoreFault) {
        var sections: [LogIndex.Section] = []
        try store.scan(
            from: HistoryKey.make(.logSection, 0), to: HistoryKey.make(.logSection, end)
        ) { key, value in
            if let section = LogIndex.Section(key: key, value: value) { sections.append(section) }
            return true
        }
        for section in sections {
            var batch = WriteBatch()
            for bucket in 0..<(UInt16(1) << UInt16(section.bucketBits)) {
                batch.delete(HistoryKey.logBucket(first: section.first, bucket: bucket))
            }
            batch.delete(HistoryKey.make(.logSection, section.last))
            try store.write(batch, sync: false)
        }
    }
}
