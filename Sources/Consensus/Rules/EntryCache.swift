/// The newest entries of the log, in memory: all that are not durable yet, and some that are.
package struct EntryCache {
    private var entries: [LogEntry] = []
    /// Entries before this place of `entries` are gone; removing each at once would cost a move of all.
    private var head = 0
    /// The first entry's index, or where the next one goes.
    package private(set) var first: LogIndex
    /// The bytes of all payloads.
    package private(set) var bytes = 0

    /// Makes an empty cache whose first entry will be this one.
    package init(next: LogIndex) { first = next }

    package var isEmpty: Bool { head == entries.count }
    /// The index of the entry that comes next.
    package var next: LogIndex { first + UInt64(entries.count - head) }

    /// The entries in a range; nil unless all of them are here.
    package func entries(_ range: Range<LogIndex>) -> ArraySlice<LogEntry>? {
        guard range.lowerBound >= first, range.upperBound <= next else { return nil }
        let start = head + Int(range.lowerBound - first)
        return entries[start..<(start + range.count)]
    }

    /// Puts entries at `index`, over those that are there from it on.
    package mutating func replace(from index: LogIndex, with new: [LogEntry]) {
        if index < first || index > next {
            self = EntryCache(next: index)
        } else {
            let kept = head + Int(index - first)
            for entry in entries[kept...] { bytes -= entry.payload.count }
            entries.removeSubrange(kept...)
        }
        for entry in new { bytes += entry.payload.count }
        entries.append(contentsOf: new)
    }

    /// Forgets the first entry.
    package mutating func removeFirst() {
        bytes -= entries[head].payload.count
        entries[head].payload = []
        head += 1
        first += 1
        if head >= 64, head * 2 >= entries.count {
            entries.removeFirst(head)
            head = 0
        }
    }
}
