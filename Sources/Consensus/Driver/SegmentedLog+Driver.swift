import Synchronization

// What a driver's rules need from a log.
extension SegmentedLog {
    /// The entries as the core wants them at the start: payloads only where they are about members.
    package func startEntries() -> [LogEntry] {
        table.withLock { table in
            guard table.first <= table.last else { return [] }
            var entries = (table.first...table.last).map { index in
                LogEntry(term: table.terms.term(of: index) ?? 0, kind: .command, payload: [])
            }
            for change in table.memberships where change.index >= table.first {
                let position = Int(change.index - table.first)
                entries[position].kind = .membership
                entries[position].payload = change.membership.bytes
            }
            return entries
        }
    }

    /// The message with these stored entries and others, in several if there are too many bytes for one.
    package func fill(
        _ message: RaftMessage, with range: Range<LogIndex>, then rest: [LogEntry], limit: Int
    ) throws(LogFault) -> [RaftMessage] {
        var entries: [LogEntry] = []
        var next = range.lowerBound
        while next < range.upperBound {
            entries += try self.entries(
                from: next, through: range.upperBound - 1, maximumBytes: limit)
            next = range.lowerBound + UInt64(entries.count)
        }
        return DriverState<CRaftCore>.parts(
            of: message, carrying: (entries + rest)[...], limit: limit)
    }
}

extension DriverState {
    /// The state of a node whose log was just opened.
    package init(
        core: Core, id: NodeID, log: SegmentedLog, applied: LogIndex, limits: Limits = Limits(),
        admission: Admission? = nil
    ) {
        self.init(
            core: core, id: id, hardState: log.hardState ?? HardState(term: 0, vote: nil),
            snapshot: log.snapshot, memberships: log.memberships, firstIndex: log.firstIndex,
            lastIndex: log.lastIndex, applied: applied, isRestored: log.isRestored,
            limits: limits, admission: admission)
    }
}
