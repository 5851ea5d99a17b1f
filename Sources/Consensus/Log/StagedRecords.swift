import Ledger

/// Records on their way to the last segment: gathered, so that many small ones are one write.
struct StagedRecords {
    private var bytes: [UInt8] = []
    /// Where in the segment ``bytes`` belong.
    private var start = 0
    /// Records that are gathered or written, and their terms.
    private(set) var records: [(LogTable.Record, Term)] = []
    /// Memberships among them.
    private(set) var memberships: [(index: LogIndex, membership: Membership)] = []

    /// Payloads from here on go to the file from where they are; smaller ones are gathered first.
    private static let directBytes = 64 << 10

    /// Whether there is nothing that readers do not see yet.
    var isEmpty: Bool { records.isEmpty }

    /// Where in the segment the next record begins.
    var end: Int { start + bytes.count }

    /// The bytes of an entry's record, with header and padding.
    static func size(of entry: LogEntry) -> Int {
        precondition(entry.payload.count <= RecordHeader.payloadLimit, "a payload is below 1 GiB")
        return RecordHeader.paddedSize(payload: entry.payload.count)
    }

    /// Adds an entry's record, for which there is room.
    ///
    /// - Parameters:
    ///   - entry: the entry.
    ///   - index: its place in the log.
    ///   - tail: the last segment, its end behind what is staged.
    /// - Throws: ``LogFault`` where a large payload is written at once.
    mutating func add(
        _ entry: LogEntry, at index: LogIndex, behind tail: LogTail
    ) throws(LogFault) {
        let size = Self.size(of: entry)
        let end = tail.end
        if records.isEmpty { start = end }
        var header = RecordHeader(
            length: UInt32(entry.payload.count), index: index, term: entry.term,
            durable: tail.durable, kind: entry.kind.rawValue,
            previous: records.last?.0.checksum ?? tail.checksum,
            payloadChecksum: CRC32C.checksum(entry.payload))
        let place = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: RecordHeader.size))
        bytes.withUnsafeMutableBytes { bytes in
            header.encode(
                into: UnsafeMutableRawBufferPointer(rebasing: bytes[place...]), salt: tail.salt)
        }
        let padding = size - RecordHeader.size - entry.payload.count
        if entry.payload.count >= Self.directBytes {
            // The header goes to the disk with what was gathered, the payload without another copy.
            try tail.file.write(bytes, at: start)
            try tail.file.write(entry.payload, at: start + bytes.count)
            start = end + size - padding
            bytes.removeAll(keepingCapacity: true)
        } else {
            bytes.append(contentsOf: entry.payload)
        }
        bytes.append(contentsOf: repeatElement(0, count: padding))
        let record = LogTable.Record(place: UInt32(end / 8), checksum: header.checksum)
        records.append((record, entry.term))
        if entry.kind == .membership, let membership = try? Membership(entry.payload) {
            memberships.append((index, membership))
        }
    }

    /// Writes what is gathered, and so many zeros behind it.
    mutating func write(to file: (any LogFile)?, zerosBehind zeros: Int) throws(LogFault) {
        bytes.append(contentsOf: repeatElement(0, count: zeros))
        try file?.write(bytes, at: start)
    }
}

/// The last segment, as far as whoever appends to it needs to know it.
struct LogTail {
    let file: any LogFile
    private let capacity: Int
    /// Where the next record begins.
    var end: Int
    let salt: UInt64
    /// The last record's.
    let checksum: UInt32
    /// Entries up to here are durable.
    let durable: LogIndex

    /// Bytes that are left.
    var room: Int { capacity - end }

    /// The last segment of a log; nil where there is none.
    init?(_ table: borrowing LogTable) {
        guard let segment = table.segments.last else { return nil }
        durable = table.durable
        file = segment.file
        capacity = segment.capacity
        end = segment.end
        salt = segment.header.salt
        checksum = segment.checksum
    }
}
