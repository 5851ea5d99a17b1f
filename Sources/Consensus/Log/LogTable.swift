/// What is in the log and where: the part of a ``SegmentedLog`` that its readers share.
struct LogTable {
    /// Where a record begins and what stands for it.
    struct Record {
        /// In steps of 8 bytes from the file's start.
        var place: UInt32
        var checksum: UInt32

        var offset: Int { Int(place) * 8 }
    }

    /// One file of records with consecutive indexes.
    struct Segment {
        let header: SegmentHeader
        let name: String
        let file: any LogFile
        /// How far the file's space reaches.
        var capacity: Int
        var records: [Record] = []
        /// Where the next record goes.
        var end = SegmentHeader.size
        /// How far the file's space was written to, with records or zeros; beyond it is only reserved.
        var written = SegmentHeader.size

        var first: LogIndex { header.first }
        /// The last record's index; `first - 1` if there is none.
        var last: LogIndex { header.first + UInt64(records.count) - 1 }
        /// What the next record names as the one before it.
        var checksum: UInt32 { records.last?.checksum ?? header.previousChecksum }

        /// Where the record after one that may be of an earlier segment begins, or goes.
        func offset(after index: LogIndex) -> Int {
            guard index >= first else { return SegmentHeader.size }
            return index < last ? records[Int(index - first) + 1].offset : end
        }

        /// How many zeros go to the file at once.
        private static let zeroBytes = 128 << 10
        /// Records of more bytes have none behind them: they would take the disk's time for nothing.
        private static let fewBytes = 64 << 10

        /// How many zeros to write behind new records that end there, up to the end of a page.
        ///
        /// The first write to reserved space changes what the file system knows of the file, which the next sync
        /// writes besides. After these it is spared that for a few hundred small entries.
        func zeros(after newEnd: Int) -> Int {
            guard newEnd > written, newEnd - end < Self.fewBytes else { return 0 }
            return min(capacity, (newEnd + Self.zeroBytes) / 4096 * 4096) - newEnd
        }
    }

    /// Ascending and without a gap; only the last one is written to.
    var segments: [Segment] = []
    /// The terms of the entries in `segments`.
    var terms = TermRuns()
    /// The members as entries in `segments` say, ascending.
    var memberships: [(index: LogIndex, membership: Membership)] = []
    var hardState: HardState?
    var snapshot: SnapshotMarker?
    /// Whether the folder was restored from a backup and the node does not know enough yet to vote.
    var isRestored = false
    /// Entries up to here were synced; at most `last`.
    var durable: LogIndex = 0
    /// Counts cuts at the end, so that a sync under way does not vouch for entries written since.
    var cuts = 0

    /// The first entry's index, or that of the entry to come.
    var first: LogIndex { segments.first?.first ?? (snapshot?.point.index ?? 0) + 1 }
    /// The last entry's index, the snapshot's, or 0.
    var last: LogIndex { segments.last?.last ?? snapshot?.point.index ?? 0 }

    /// The term of an entry, of the snapshot's last one, or nil if neither is known.
    func term(of index: LogIndex) -> Term? {
        if let term = terms.term(of: index) { return term }
        if let point = snapshot?.point, point.index == index { return point.term }
        guard let header = segments.first?.header, header.first == index + 1 else { return nil }
        return header.previousTerm == 0 ? nil : header.previousTerm
    }

    /// The position of the segment that has an entry.
    func segment(of index: LogIndex) -> Int? {
        guard index >= first, index <= last else { return nil }
        return segments.lastIndex { $0.first <= index }
    }
}

/// The terms of consecutive entries, kept as runs: there are few terms and many entries.
struct TermRuns: Sendable {
    private var runs: [(first: LogIndex, term: Term)] = []
    private var next: LogIndex = 0

    /// The last entry's index, or nil without entries.
    var last: LogIndex? { runs.isEmpty ? nil : next - 1 }

    /// The term of an entry, or nil if it is not among these.
    func term(of index: LogIndex) -> Term? {
        guard index < next else { return nil }
        return runs.last { $0.first <= index }?.term
    }

    /// Adds the entry after the last one; the first one may have any index.
    mutating func append(_ term: Term, at index: LogIndex) {
        precondition(runs.isEmpty || index == next, "entries are consecutive")
        if runs.last?.term != term { runs.append((index, term)) }
        next = index + 1
    }

    /// Drops this entry and all after it.
    mutating func cut(from index: LogIndex) {
        guard !runs.isEmpty, index < next else { return }
        runs.removeAll { $0.first >= index }
        next = index
    }

    /// Drops all entries before this one.
    mutating func drop(before index: LogIndex) {
        guard index < next else {
            runs = []
            return
        }
        guard let keep = runs.lastIndex(where: { $0.first <= index }) else { return }
        runs.removeFirst(keep)
        runs[0].first = index
    }
}
