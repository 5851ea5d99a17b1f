import Ledger
import Synchronization

extension SegmentedLog {
    /// Reads consecutive entries from `first` on.
    ///
    /// - Parameters:
    ///   - first: in the log.
    ///   - through: the last one wanted; no more than there are.
    ///   - maximumBytes: ends the run after the entry with which this is reached.
    /// - Returns: at least one entry, from one segment.
    /// - Throws: ``LogFault`` with ``LogFault/Kind/noSuchEntry(_:)`` if `first` is not in the log.
    public func entries(
        from first: LogIndex, through: LogIndex, maximumBytes: Int
    ) throws(LogFault) -> [LogEntry] {
        let found = table.withLock { table in
            table.segment(of: first).map { position in
                let segment = table.segments[position]
                let from = Int(first - segment.first)
                var until = from + 1
                let start = segment.records[from].offset
                let limit = Int(min(through, segment.last) - segment.first)
                while until <= limit, segment.records[until].offset - start < maximumBytes {
                    until += 1
                }
                let end =
                    until < segment.records.count ? segment.records[until].offset : segment.end
                return (segment: segment, range: start..<end, count: until - from)
            }
        }
        guard let found else {
            throw LogFault(.noSuchEntry(first), file: files.path, operation: "read")
        }
        let bytes = try found.segment.file.read(
            count: found.range.count, at: found.range.lowerBound)
        var entries: [LogEntry] = []
        entries.reserveCapacity(found.count)
        var place = 0
        for index in first..<(first + UInt64(found.count)) {
            let entry = bytes.withUnsafeBytes { bytes in
                RecordHeader.entry(
                    in: UnsafeRawBufferPointer(rebasing: bytes[place...]), at: index,
                    salt: found.segment.header.salt)
            }
            guard let (entry, size) = entry else {
                throw LogFault(
                    .corrupt("entry \(index) is damaged"), file: found.segment.file.path,
                    offset: found.range.lowerBound + place, operation: "read")
            }
            entries.append(entry)
            place += size
        }
        return entries
    }
}

extension RecordHeader {
    /// Reads a whole record.
    /// - Returns: its entry and its size with padding; nil if it is not that entry, intact.
    static func entry(
        in bytes: UnsafeRawBufferPointer, at index: LogIndex, salt: UInt64
    ) -> (LogEntry, Int)? {
        guard let header = RecordHeader(bytes, salt: salt), header.index == index,
            header.paddedSize <= bytes.count, let kind = LogEntry.Kind(rawValue: header.kind)
        else { return nil }
        let payload = UnsafeRawBufferPointer(
            rebasing: bytes[size..<(size + Int(header.length))])
        guard CRC32C.checksum(payload) == header.payloadChecksum else { return nil }
        return (LogEntry(term: header.term, kind: kind, payload: Array(payload)), header.paddedSize)
    }
}
