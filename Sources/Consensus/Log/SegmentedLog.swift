import Ledger
import Synchronization

/// The durable log of one node: entries in checksummed segments, term and vote, a snapshot's marker.
///
/// One thread appends (``append(_:at:)`` and everything else that writes entries), another may sync
/// meanwhile, and any thread may read. After a call has thrown, the log must be given up: what is on
/// disk is then known only to the next ``open(_:owner:options:)``.
public final class SegmentedLog: Sendable {
    /// How a log is laid out.
    public struct Options: Sendable {
        /// How much space a segment takes at once; a larger entry gets a larger segment.
        public var segmentBytes = 64 << 20
        /// Makes the salts of segments.
        public var salt: @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }

        /// Segments of 64 MiB, random salts.
        public init() {}
    }

    let files: any LogFiles
    let owner: LogOwner
    let options: Options
    let table: Mutex<LogTable>
    /// Holds everybody off who also wants to write entries.
    private let writer = Mutex(StagedRecords())

    init(files: any LogFiles, owner: LogOwner, options: Options, table: consuming LogTable) {
        self.files = files
        self.owner = owner
        self.options = options
        self.table = Mutex(table)
    }

    // MARK: What there is

    /// The first entry's index, or that of the first entry to come.
    public var firstIndex: LogIndex { table.withLock { $0.first } }
    /// The last entry's index; without entries the snapshot's; 0 in an empty log.
    public var lastIndex: LogIndex { table.withLock { $0.last } }
    /// Entries up to here are durable.
    public var durableIndex: LogIndex { table.withLock { $0.durable } }
    /// Term and vote, or nil if none were ever saved.
    public var hardState: HardState? { table.withLock { $0.hardState } }
    /// Whether the folder was restored from a backup and the node does not know enough yet to vote.
    public var isRestored: Bool { table.withLock { $0.isRestored } }
    /// The newest snapshot's marker.
    public var snapshot: SnapshotMarker? { table.withLock { $0.snapshot } }
    /// The members as entries in the log say, in ascending order.
    public var memberships: [(index: LogIndex, membership: Membership)] {
        table.withLock { $0.memberships }
    }
    /// The term of an entry, or nil if it is not known here.
    public func term(of index: LogIndex) -> Term? { table.withLock { $0.term(of: index) } }

    // MARK: Appending

    /// Writes entries after the last one, or in place of those from `first` on, which are cut off.
    ///
    /// They are durable only after ``sync()``; until then a crash may lose them, from the end.
    /// - Throws: ``LogFault``; with ``LogFault/Kind/noSpace`` if there is no room for another segment.
    public func append(_ entries: [LogEntry], at first: LogIndex) throws(LogFault) {
        try writer.withLock { (writer) throws(LogFault) in
            if first <= lastIndex { try cut(from: first) }
            precondition(first == lastIndex + 1, "entries are consecutive")
            writer = StagedRecords()
            for (position, entry) in entries.enumerated() {
                try add(entry, at: first + UInt64(position), &writer)
            }
            try flush(&writer)
        }
    }

    private func add(
        _ entry: LogEntry, at index: LogIndex, _ staged: inout StagedRecords
    ) throws(LogFault) {
        let size = StagedRecords.size(of: entry)
        var tail = table.withLock { LogTail($0) }
        if !staged.isEmpty { tail?.end = staged.end }
        if (tail?.room ?? 0) < size {
            try flush(&staged)
            tail = try roll(to: index, room: size)
        }
        if let tail { try staged.add(entry, at: index, behind: tail) }
    }

    /// Writes what was gathered and lets readers see it.
    private func flush(_ staged: inout StagedRecords) throws(LogFault) {
        guard !staged.isEmpty else { return }
        let end = staged.end
        let (file, zeros) = table.withLock { table in
            (table.segments.last?.file, table.segments.last?.zeros(after: end) ?? 0)
        }
        try staged.write(to: file, zerosBehind: zeros)
        let (records, memberships) = (staged.records, staged.memberships)
        table.withLock { table in
            table.memberships += memberships
            let tail = table.segments.count - 1
            for (record, term) in records {
                table.segments[tail].records.append(record)
                table.terms.append(term, at: table.segments[tail].last)
            }
            table.segments[tail].end = end
            table.segments[tail].written = max(table.segments[tail].written, end + zeros)
        }
        staged = StagedRecords()
    }

    /// Closes the last segment, durably, and begins the next one, with room for a record of that size.
    private func roll(to index: LogIndex, room: Int) throws(LogFault) -> LogTail? {
        let capacity = max(options.segmentBytes, SegmentHeader.size + room)
        // One without records would have the next one's name: a cut left it, or a crash before its first record.
        if let empty = table.withLock({ $0.segments.last }), empty.records.isEmpty {
            try empty.file.reserve(capacity)
            return table.withLock { table in
                table.segments[table.segments.count - 1].capacity = capacity
                return LogTail(table)
            }
        }
        // Once the next segment exists, a hole at this one's end would be damage, not a torn tail.
        _ = try sync()
        let old = table.withLock { table in
            (segment: table.segments.last, term: index == 1 ? 0 : table.term(of: index - 1) ?? 0)
        }
        if let segment = old.segment { try segment.file.truncate(to: segment.end) }
        let header = SegmentHeader(
            owner: owner, first: index, previousTerm: old.term,
            previousChecksum: old.segment?.checksum ?? 0, salt: options.salt())
        let name = LogNames.segment(first: index)
        let unfinished = try files.create(name + LogNames.unfinished)
        try unfinished.reserve(capacity)
        try unfinished.write(header.bytes, at: 0)
        try unfinished.sync()
        try files.rename(name + LogNames.unfinished, to: name)
        try files.syncFolder()
        // Opened by its name for the sake of what faults will say.
        let file = try files.open(name)
        return table.withLock { table in
            table.segments.append(
                LogTable.Segment(header: header, name: name, file: file, capacity: capacity))
            return LogTail(table)
        }
    }

    // MARK: Making durable

    /// Makes everything appended so far durable; entries may be appended meanwhile.
    /// - Returns: up to where entries are durable now.
    public func sync() throws(LogFault) -> LogIndex {
        let (file, through, durable, cuts) = table.withLock {
            ($0.segments.last?.file, $0.last, $0.durable, $0.cuts)
        }
        guard let file, through > durable else { return durable }
        try file.sync()
        return table.withLock { table in
            if table.cuts == cuts { table.durable = max(table.durable, through) }
            return table.durable
        }
    }

    /// Makes term and vote durable before it returns.
    public func save(_ hardState: HardState) throws(LogFault) {
        try files.replace(LogNames.hardState, with: hardState.sealed(for: owner))
        table.withLock { $0.hardState = hardState }
    }

    /// Forgets durably that the folder was restored from a backup.
    public func endProbation() throws(LogFault) {
        guard isRestored else { return }
        try files.remove(LogNames.restored)
        try files.syncFolder()
        table.withLock { $0.isRestored = false }
    }

    /// Lets another process have the folder; the log must not be used afterwards.
    public func release() { files.release() }

    // MARK: Forgetting

    /// Cuts off the entries from `index` on, durably.
    private func cut(from index: LogIndex) throws(LogFault) {
        while let segment = table.withLock({ $0.segments.last }), segment.first > index {
            table.withLock { table in
                table.segments.removeLast()
                table.noteCut(from: segment.first)
            }
            // The last file first, so that what a crash leaves has no hole.
            try files.remove(segment.name)
            try files.syncFolder()
        }
        guard let segment = table.withLock({ $0.segments.last }), index <= segment.last else {
            return
        }
        let kept = Int(index - segment.first)
        let end = segment.records[kept].offset
        table.withLock { table in
            let tail = table.segments.count - 1
            table.segments[tail].records.removeSubrange(kept...)
            table.segments[tail].end = end
            table.segments[tail].written = end
            table.noteCut(from: index)
        }
        try segment.file.write(
            CutMark(index: index).bytes(salt: segment.header.salt), at: CutMark.place)
        try segment.file.sync()
        // What is cut off must read as zeros, or an old record might one day follow a new one.
        try segment.file.truncate(to: end)
        try segment.file.reserve(segment.capacity)
        try segment.file.sync()
        // Durable with the next record, or not needed yet.
        try segment.file.write(CutMark.none, at: CutMark.place)
    }

    /// Saves a marker and removes the segments that have only entries before `keeping`.
    ///
    /// - Parameters:
    ///   - marker: stands for entries that are durable here.
    ///   - keeping: entries from here on stay; at most the marker's index + 1.
    /// - Throws: ``LogFault``.
    public func compact(to marker: SnapshotMarker, keeping: LogIndex) throws(LogFault) {
        precondition(keeping <= marker.point.index + 1, "a snapshot covers what is dropped")
        try files.replace(LogNames.snapshot, with: marker.sealed(for: owner))
        let dropped = table.withLock { table in
            table.snapshot = marker
            // The last segment stays: it is being written to.
            let count = table.segments.dropLast().prefix { $0.last < keeping }.count
            let dropped = table.segments.prefix(count).map(\.name)
            table.segments.removeFirst(count)
            table.terms.drop(before: table.first)
            return dropped
        }
        for name in dropped { try files.remove(name) }
        if !dropped.isEmpty { try files.syncFolder() }
    }

    /// Replaces the whole log by a marker that came from elsewhere.
    public func reset(to marker: SnapshotMarker) throws(LogFault) {
        try writer.withLock { (_) throws(LogFault) in
            // A crash after this leaves a log without the marker's entry, which opening then drops.
            try files.replace(LogNames.snapshot, with: marker.sealed(for: owner))
            let dropped = table.withLock { table in
                let names = table.segments.map(\.name)
                table.segments = []
                table.terms = TermRuns()
                table.memberships = []
                table.snapshot = marker
                table.cuts += 1
                table.durable = marker.point.index
                return names
            }
            // The last file first here too: it may begin beyond the marker.
            for name in dropped.reversed() {
                try files.remove(name)
                try files.syncFolder()
            }
        }
    }
}

extension LogTable {
    /// Takes note that entries from `index` on are no more.
    fileprivate mutating func noteCut(from index: LogIndex) {
        terms.cut(from: index)
        memberships.removeAll { $0.index >= index }
        durable = min(durable, index - 1)
        cuts += 1
    }
}
