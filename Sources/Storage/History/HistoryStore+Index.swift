import Ledger
import Synchronization

extension HistoryStore {
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

    static func readProgress(
        _ store: any KeyValueStore
    ) throws(StoreFault) -> IndexProgress? {
        guard let bytes = try store.value(HistoryKey.progress) else { return nil }
        do throws(DecodingFault) {
            return try IndexProgress(decoding: bytes)
        } catch {
            throw StoreFault(
                .corrupt, operation: "open", path: store.path,
                message: "the record of how far the index goes is damaged: \(error)")
        }
    }

    /// Takes out of the index what is about pruned blocks only.
    func pruneIndex(below end: UInt64, _ writer: inout Writer) throws(StoreFault) {
        try pruneSegments(below: end, &writer)
        try pruneSections(below: end)
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
                try indexStore.write(batch, sync: false)
            }
        }
        // Last, so that after a crash they are still known and are deleted then.
        writer.index.removeSegments(below: end)
        var batch = WriteBatch()
        batch.put(HistoryKey.hashIndex, writer.index.bytes)
        try indexStore.write(batch, sync: true)
    }

    private func pruneSections(below end: UInt64) throws(StoreFault) {
        var sections: [LogSections.Section] = []
        try indexStore.scan(
            from: HistoryKey.logSection(last: 0), to: HistoryKey.logSection(last: end)
        ) { key, value in
            if let section = LogSections.Section(key: key, value: value) {
                sections.append(section)
            }
            return true
        }
        for section in sections {
            var batch = WriteBatch()
            for bucket in 0..<(UInt16(1) << UInt16(section.bucketBits)) {
                batch.delete(HistoryKey.logBucket(first: section.first, bucket: bucket))
            }
            batch.delete(HistoryKey.logSection(last: section.last))
            try indexStore.write(batch, sync: false)
        }
    }
}
