import Ledger

/// One question to the log index, over one snapshot.
struct LogQuery {
    /// Items as they are kept, 48 bits; a block must have one of each group.
    let groups: [[UInt64]]
    let low: UInt64
    let high: UInt64
    let limit: Int
    /// The index of one moment.
    let reader: any KeyValueReader
    let archive: BlockArchive

    /// The heights that may match, in rising order.
    func run() throws(StoreFault) -> [UInt64] {
        var heights: [UInt64] = []
        let sections = try sections()
        for section in sections where heights.count < limit {
            heights += try matches(in: section)
        }
        // Blocks after the last section.
        let start = sections.last.map { $0.last + 1 } ?? low
        if heights.count < limit, start <= high { try addMatches(from: start, to: &heights) }
        return Array(heights.prefix(limit))
    }

    private func sections() throws(StoreFault) -> [LogSections.Section] {
        var sections: [LogSections.Section] = []
        try reader.scan(
            from: HistoryKey.logSection(last: low), to: HistoryKey.logSectionsEnd
        ) { key, value in
            guard let section = LogSections.Section(key: key, value: value),
                section.first <= high
            else { return false }
            sections.append(section)
            return true
        }
        return sections
    }

    /// One bit a block of a section.
    private typealias Blocks = [UInt64]

    private func matches(in section: LogSections.Section) throws(StoreFault) -> [UInt64] {
        var matching = Blocks(repeating: .max, count: LogSections.sectionBlocks / 64)
        for group in groups {
            var any = Blocks(repeating: 0, count: matching.count)
            for item in group { try mark(item, section, &any) }
            var isEmpty = true
            for word in matching.indices {
                matching[word] &= any[word]
                if matching[word] != 0 { isEmpty = false }
            }
            if isEmpty { return [] }
        }
        var heights: [UInt64] = []
        for (word, bits) in matching.enumerated() {
            var bits = bits
            while bits != 0 {
                let height = section.first + UInt64(word * 64 + bits.trailingZeroBitCount)
                if height >= low, height <= min(high, section.last) { heights.append(height) }
                bits &= bits - 1
            }
        }
        return heights
    }

    private func mark(
        _ item: UInt64, _ section: LogSections.Section, _ blocks: inout Blocks
    ) throws(StoreFault) {
        let wanted = UInt32(truncatingIfNeeded: item).bigEndian
        let key = HistoryKey.logBucket(
            first: section.first, bucket: UInt16(section.bucket(of: item)))
        var found = blocks
        _ = try key.withUnsafeBytesTyped { key throws(StoreFault) in
            try reader.get(key) { value in
                var offset = 0
                while offset + LogSections.storedCount <= value.count {
                    if value.loadUnaligned(fromByteOffset: offset, as: UInt32.self) == wanted {
                        let block = Int(value[offset + 4]) << 8 | Int(value[offset + 5])
                        if block < LogSections.sectionBlocks {
                            found[block / 64] |= 1 << (block % 64)
                        }
                    }
                    offset += LogSections.storedCount
                }
            }
        }
        blocks = found
    }

    /// Looks through the blocks that are in no section yet, one by one.
    private func addMatches(
        from start: UInt64, to heights: inout [UInt64]
    ) throws(StoreFault) {
        for height in start...high where heights.count < limit {
            guard let items = try archive.part(.logItems, at: height) else { continue }
            if items.withUnsafeBytes(matches) { heights.append(height) }
        }
    }

    private func matches(_ items: UnsafeRawBufferPointer) -> Bool {
        groups.allSatisfy { group in
            (0..<(items.count / LogSections.storedCount)).contains { index in
                group.contains(LogSections.item(stored: items, at: index))
            }
        }
    }
}
