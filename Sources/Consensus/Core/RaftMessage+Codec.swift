import Ledger

// The bytes of a message between nodes; `docs/formats/peer-messages.md`, section "Raft". All integers
// are big-endian.

extension RaftMessage {
    /// The most entries that one message may carry.
    public static let entryLimit = 1_024
    /// The most bytes that the payloads of one message may have together.
    public static let payloadLimit = 64 << 20
    /// The most bytes that the application's words in a snapshot's marker may have.
    public static let applicationLimit = 1 << 20

    private enum Kind: UInt8 {
        case requestVote = 1
        case voteResult = 2
        case appendEntries = 3
        case appendResult = 4
        case installSnapshot = 5
        case timeoutNow = 6
    }

    /// Kind, version and term.
    private static let headBytes = 10
    /// Term, kind and length.
    private static let entryHeadBytes = 13

    /// How many bytes ``write(to:)`` writes.
    public var byteCount: Int {
        switch body {
        case .requestVote: Self.headBytes + 26
        case .voteResult: Self.headBytes + 6
        case .appendEntries(let append):
            append.entries.reduce(Self.headBytes + 28) {
                $0 + Self.entryHeadBytes + $1.payload.count
            }
        case .appendResult: Self.headBytes + 20
        case .installSnapshot(let marker):
            Self.headBytes + 32 + marker.point.membership.bytes.count + marker.application.count
        case .timeoutNow: Self.headBytes + 16
        }
    }

    /// Writes the message; each payload is copied once.
    public func write(to writer: inout ByteWriter) {
        func head(_ kind: Kind) {
            writer.write(byte: kind.rawValue)
            writer.write(byte: version)
            writer.write(term)
        }
        switch body {
        case .requestVote(let ask):
            head(.requestVote)
            writer.write(ask.candidate.rawValue)
            writer.write(ask.lastIndex)
            writer.write(ask.lastTerm)
            writer.write(flag: ask.disruptsLeader)
            writer.write(flag: ask.isPreVote)
        case .voteResult(let answer):
            head(.voteResult)
            writer.write(flag: answer.isGranted)
            writer.write(flag: answer.isPreVote)
            writer.write(answer.features)
            writer.write(answer.capacity)
        case .appendEntries(let append):
            head(.appendEntries)
            writer.write(append.previousIndex)
            writer.write(append.previousTerm)
            writer.write(append.commitIndex)
            writer.write(UInt32(append.entries.count))
            for entry in append.entries {
                writer.write(entry.term)
                writer.write(byte: entry.kind.rawValue)
                writer.write(counted: entry.payload)
            }
        case .appendResult(let answer):
            head(.appendResult)
            writer.write(answer.rejected)
            writer.write(answer.lastIndex)
            writer.write(answer.features)
            writer.write(answer.capacity)
        case .installSnapshot(let marker):
            head(.installSnapshot)
            writer.write(marker.point.index)
            writer.write(marker.point.term)
            writer.write(marker.point.membershipIndex)
            writer.write(counted: marker.point.membership.bytes)
            writer.write(counted: marker.application)
        case .timeoutNow(let lastIndex, let lastTerm):
            head(.timeoutNow)
            writer.write(lastIndex)
            writer.write(lastTerm)
        }
    }

    /// Reads a message; each payload is copied once.
    ///
    /// - Throws: ``DecodingFault`` for bytes that no node writes, and for more entries or longer payloads
    ///   than the limits; no memory is taken for them before.
    public init(from reader: inout ByteReader) throws(DecodingFault) {
        let kind = try Self.readKind(&reader)
        version = try reader.read()
        term = try reader.read()
        switch kind {
        case .requestVote:
            body = .requestVote(
                RequestVote(
                    candidate: NodeID(try reader.read()), lastIndex: try reader.read(),
                    lastTerm: try reader.read(), disruptsLeader: try reader.readFlag(),
                    isPreVote: try reader.readFlag()))
        case .voteResult:
            body = .voteResult(
                VoteResult(
                    isGranted: try reader.readFlag(), isPreVote: try reader.readFlag(),
                    features: try reader.read(), capacity: try reader.read()))
        case .appendEntries:
            body = .appendEntries(
                AppendEntries(
                    previousIndex: try reader.read(), previousTerm: try reader.read(),
                    commitIndex: try reader.read(), entries: try Self.readEntries(&reader)))
        case .appendResult:
            body = .appendResult(
                AppendResult(
                    rejected: try reader.read(), lastIndex: try reader.read(),
                    features: try reader.read(), capacity: try reader.read()))
        case .installSnapshot:
            body = .installSnapshot(try Self.readMarker(&reader))
        case .timeoutNow:
            body = .timeoutNow(lastIndex: try reader.read(), lastTerm: try reader.read())
        }
    }

    private static func readKind(_ reader: inout ByteReader) throws(DecodingFault) -> Kind {
        let byte: UInt8 = try reader.read()
        guard let kind = Kind(rawValue: byte) else {
            throw DecodingFault("unknown kind \(byte) of Raft message", at: reader.offset - 1)
        }
        return kind
    }

    private static func readEntries(
        _ reader: inout ByteReader
    ) throws(DecodingFault) -> [LogEntry] {
        let count = Int(try reader.read(UInt32.self))
        guard count <= entryLimit, count * entryHeadBytes <= reader.remaining else {
            throw DecodingFault("\(count) entries are too many", at: reader.offset - 4)
        }
        var payloadBytes = 0
        var entries: [LogEntry] = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let term: Term = try reader.read()
            let byte: UInt8 = try reader.read()
            guard let kind = LogEntry.Kind(rawValue: byte) else {
                throw DecodingFault("unknown kind \(byte) of entry", at: reader.offset - 1)
            }
            let payload = try reader.readCounted()
            payloadBytes += payload.count
            guard payloadBytes <= payloadLimit else {
                throw DecodingFault("payloads are above \(payloadLimit) bytes", at: reader.offset)
            }
            guard kind != .barrier || payload.isEmpty else {
                throw DecodingFault("a barrier has a payload", at: reader.offset - payload.count)
            }
            entries.append(LogEntry(term: term, kind: kind, payload: Array(payload)))
        }
        return entries
    }

    private static func readMarker(
        _ reader: inout ByteReader
    ) throws(DecodingFault) -> SnapshotMarker {
        let index: LogIndex = try reader.read()
        let term: Term = try reader.read()
        let membershipIndex: LogIndex = try reader.read()
        let membership = try Membership(Array(try reader.readCounted()))
        let application = try reader.readCounted()
        guard application.count <= applicationLimit else {
            throw DecodingFault("a snapshot's marker is too long", at: reader.offset)
        }
        let point = SnapshotPoint(
            index: index, term: term, membership: membership, membershipIndex: membershipIndex)
        return SnapshotMarker(point: point, application: Array(application))
    }
}

extension ByteWriter {
    fileprivate mutating func write(flag: Bool) { write(byte: flag ? 1 : 0) }
}
