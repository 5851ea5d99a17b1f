import Ledger

extension SegmentedLog {
    /// Opens the log in a folder, or begins one in a folder that is empty.
    ///
    /// A torn tail, which is what a crash leaves of entries that were never reported as durable, is cut
    /// off. Anything else that is not as it was written is refused. What is found is made durable.
    ///
    /// - Throws: ``LogFault`` with the file and the place.
    public static func open(
        _ files: any LogFiles, owner: LogOwner, options: Options = Options()
    ) throws(LogFault) -> SegmentedLog {
        var recovery = Recovery(files: files, owner: owner, options: options)
        try recovery.run()
        return SegmentedLog(
            files: files, owner: owner, options: options, table: recovery.table)
    }
}

/// Reads the log's files as a crash may have left them.
private struct Recovery {
    let files: any LogFiles
    let owner: LogOwner
    let options: SegmentedLog.Options
    var table = LogTable()

    init(files: any LogFiles, owner: LogOwner, options: SegmentedLog.Options) {
        self.files = files
        self.owner = owner
        self.options = options
    }

    mutating func run() throws(LogFault) {
        var firsts: [LogIndex] = []
        for name in try files.names() {
            if name.hasSuffix(LogNames.unfinished) {
                try files.remove(name)
            } else if let first = LogNames.firstIndex(of: name) {
                firsts.append(first)
            } else if name == LogNames.hardState {
                let file = try files.open(name)
                table.hardState = try HardState(
                    sealed: try file.readAll(), owner: owner, file: file.path)
            } else if name == LogNames.snapshot {
                let file = try files.open(name)
                table.snapshot = try SnapshotMarker(
                    sealed: try file.readAll(), owner: owner, file: file.path)
            } else if name == LogNames.restored {
                table.isRestored = true
            }
        }
        for (position, first) in firsts.sorted().enumerated() {
            try read(segment: first, isLast: position == firsts.count - 1)
        }
        if table.hardState == nil, !table.segments.isEmpty || table.snapshot != nil {
            // A node that forgot its vote might vote twice.
            throw LogFault(
                .corrupt("term and vote are missing"), file: files.path, operation: "open")
        }
        try settleWithSnapshot()
        // Records, and names of files, may have been read that are only in the system's cache so far: the process
        // before may have ended between giving a file its name and making that durable.
        try table.segments.last?.file.sync()
        try files.syncFolder()
        table.durable = table.last
    }

    /// Reads one segment and checks that it goes on where the one before it ended.
    private mutating func read(segment first: LogIndex, isLast: Bool) throws(LogFault) {
        let name = LogNames.segment(first: first)
        let file = try files.open(name)
        let bytes = try file.readAll()
        let header = try SegmentHeader(bytes, owner: owner, file: file.path)
        func corrupt(_ reason: String, at offset: Int) -> LogFault {
            LogFault(.corrupt(reason), file: file.path, offset: offset, operation: "open")
        }
        guard header.first == first else {
            throw corrupt("holds entries from \(header.first) on", at: 56)
        }
        guard (1...LogLimit.greatest).contains(first) else {
            throw corrupt("no log has entry \(first)", at: 56)
        }
        if let before = table.segments.last {
            guard before.last + 1 == first else {
                throw LogFault(
                    .corrupt("entries from \(before.last + 1) to \(first - 1) are missing"),
                    file: before.file.path, offset: before.end, operation: "open")
            }
            guard before.checksum == header.previousChecksum else {
                throw corrupt("does not go on where the segment before it ended", at: 72)
            }
        } else if first > (table.snapshot?.point.index ?? 0) + 1 {
            throw corrupt("the entries before \(first) are missing", at: 0)
        }
        var segment = LogTable.Segment(
            header: header, name: name, file: file,
            capacity: isLast ? max(options.segmentBytes, bytes.count) : bytes.count)
        let mark = try CutMark.read(bytes, of: header, file: file.path)
        var durable: LogIndex = 0
        let ending = try scan(bytes, until: mark, into: &segment, &durable)
        switch ending {
        case .clean: break
        case .torn where isLast:
            try file.truncate(to: segment.end)
        case .torn:
            throw corrupt("entry \(segment.last + 1) is damaged", at: segment.end)
        case .damaged(let reason):
            throw corrupt(reason, at: segment.end)
        }
        if isLast {
            if mark != nil {
                // The cut is carried to its end before its mark may go.
                try file.truncate(to: segment.end)
                try file.reserve(segment.capacity)
                try file.sync()
            }
            // Also where no mark is read: the sync that was to make that durable may have failed.
            try file.write(CutMark.none, at: CutMark.place)
            // A sync that failed leaves what it could not write in the system's cache, where it can be read, and
            // the next sync has nothing to do about it. So what may not have been synced is written again.
            let unsure = segment.offset(after: durable)
            try file.write(Array(bytes[unsure..<segment.end]), at: unsure)
            // Without effect where the space is there; after a cut it gives back zeros.
            try file.reserve(segment.capacity)
        }
        table.segments.append(segment)
    }

    private enum Ending {
        case clean, torn
        case damaged(String)
    }

    /// Reads records until there are no more that are intact and in order, or those begin that were being cut off;
    /// `durable` becomes the last entry that one of them says was synced.
    private mutating func scan(
        _ bytes: [UInt8], until mark: CutMark?, into segment: inout LogTable.Segment,
        _ durable: inout LogIndex
    ) throws(LogFault) -> Ending {
        let salt = segment.header.salt
        while segment.end + RecordHeader.size <= bytes.count {
            if let mark, segment.last + 1 == mark.index {
                return bytes.withUnsafeBytes { Self.isZero(.init(rebasing: $0[segment.end...])) }
                    ? .clean : .torn
            }
            let found = bytes.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[segment.end...])
                return RecordHeader(rest, salt: salt).map { header in
                    (header, RecordHeader.entry(in: rest, at: header.index, salt: salt))
                }
            }
            // A record whose padding lies beyond the file's end was not written in full.
            guard let (header, content) = found, let (entry, size) = content,
                size <= bytes.count - segment.end
            else { break }
            // A record that is intact but out of order was not torn by a crash.
            guard header.index == segment.last + 1, header.previous == segment.checksum else {
                return .damaged("entry \(header.index) stands where \(segment.last + 1) should")
            }
            if entry.kind == .membership {
                guard let membership = try? Membership(entry.payload) else {
                    return .damaged("entry \(header.index) has members that cannot be read")
                }
                table.memberships.append((header.index, membership))
            }
            durable = max(durable, header.durable)
            table.terms.append(header.term, at: header.index)
            segment.records.append(
                LogTable.Record(place: UInt32(segment.end / 8), checksum: header.checksum))
            segment.end += size
        }
        return bytes.withUnsafeBytes { bytes in
            Self.judge(
                UnsafeRawBufferPointer(rebasing: bytes[segment.end...]), at: segment.end,
                expecting: segment.last + 1, salt: salt)
        }
    }

    /// Tells what follows the last good record: unused space, a torn tail, or damage.
    ///
    /// Space is zeros until it is written, and a crash leaves a sector written or not. So a torn record
    /// has a sector of zeros, and a later record that made it to the disk says that the torn one was
    /// not yet durable. Where neither holds, something that was durable has changed.
    private static func judge(
        _ rest: UnsafeRawBufferPointer, at offset: Int, expecting index: LogIndex, salt: UInt64
    ) -> Ending {
        if isZero(rest) { return .clean }
        var place = 8
        while place + RecordHeader.size <= rest.count {
            let bytes = UnsafeRawBufferPointer(rebasing: rest[place...])
            if let header = RecordHeader(bytes, salt: salt), header.durable >= index {
                return .damaged(
                    "entry \(index) is damaged, though entry \(header.index) after it is not")
            }
            place += 8
        }
        let header = RecordHeader(rest, salt: salt)
        let claimed = header?.paddedSize ?? RecordHeader.size
        // Bytes beyond the file's end were never written.
        if claimed > rest.count { return .torn }
        var start = 0
        while start < claimed {
            let end = min(claimed, (offset + start) / 512 * 512 + 512 - offset)
            if isZero(UnsafeRawBufferPointer(rebasing: rest[start..<end])) { return .torn }
            start = end
        }
        return .damaged("entry \(index) is damaged: it was written whole and has changed since")
    }

    private static func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var place = 0
        while place + 8 <= bytes.count {
            if bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self) != 0 { return false }
            place += 8
        }
        return bytes[place...].allSatisfy { $0 == 0 }
    }

    /// Drops entries that a snapshot from elsewhere has replaced.
    private mutating func settleWithSnapshot() throws(LogFault) {
        guard let point = table.snapshot?.point, let header = table.segments.first?.header,
            table.terms.term(of: point.index) != point.term
        else { return }
        // A first segment that begins right after the marker names the term in its header.
        if header.first == point.index + 1, header.previousTerm == point.term { return }
        for segment in table.segments.reversed() {
            try files.remove(segment.name)
            try files.syncFolder()
        }
        table.segments = []
        table.terms = TermRuns()
        table.memberships = []
    }
}
