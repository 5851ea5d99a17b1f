import Consensus
import Ledger

// Bytes; `docs/formats/peer-messages.md`.
extension PeerMessage {
    private enum Kind: UInt8 {
        case raft = 1
        case vote = 2
        case status = 3
        case transactions = 4
        case request = 5
        case reply = 6
    }

    /// The most transactions in one message.
    package static let transactionsMax = 1 << 16

    /// How many bytes the encoded message has, or a few more.
    package var byteCount: Int {
        switch self {
        case .raft(let message): 1 + message.byteCount
        case .vote: 1 + HeaderVote.byteCount
        case .status: 36
        case .transactions(let raws): 5 + raws.reduce(0) { $0 + 4 + $1.count }
        case .request: 32
        case .reply(_, let reply): 9 + reply.byteCount
        }
    }

    /// Writes the message.
    package func write(to writer: inout ByteWriter) {
        switch self {
        case .raft(let message):
            writer.write(byte: Kind.raft.rawValue)
            message.write(to: &writer)
        case .vote(let vote):
            writer.write(byte: Kind.vote.rawValue)
            vote.encode(to: &writer)
        case .status(let status):
            writer.write(byte: Kind.status.rawValue)
            status.write(to: &writer)
        case .transactions(let raws):
            writer.write(byte: Kind.transactions.rawValue)
            writer.write(UInt32(raws.count))
            for raw in raws { writer.write(counted: raw) }
        case .request(let number, let request):
            writer.write(byte: Kind.request.rawValue)
            writer.write(number)
            request.write(to: &writer)
        case .reply(let number, let reply):
            writer.write(byte: Kind.reply.rawValue)
            writer.write(number)
            reply.write(to: &writer)
        }
    }

    /// Reads a message that a peer sent.
    ///
    /// - Throws: ``DecodingFault`` for any other bytes; no more memory is taken than there are bytes.
    package init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        guard let kind = Kind(rawValue: try reader.read()) else {
            throw DecodingFault("a message of a kind that this program does not know")
        }
        switch kind {
        case .raft: self = .raft(try RaftMessage(from: &reader))
        case .vote: self = .vote(try HeaderVote(from: &reader))
        case .status: self = .status(try PeerStatus(from: &reader))
        case .transactions: self = .transactions(try Self.transactions(from: &reader))
        case .request:
            self = .request(number: try reader.read(), try PeerRequest(from: &reader))
        case .reply: self = .reply(number: try reader.read(), try PeerReply(from: &reader))
        }
        try reader.finish()
    }

    private static func transactions(
        from reader: inout ByteReader
    ) throws(DecodingFault) -> [[UInt8]] {
        let count = Int(try reader.read(UInt32.self))
        // Each has its length and its own bytes, which bounds the memory taken here and later: what is shorter
        // than any transaction would cost whoever takes it far more than whoever sends it.
        guard count <= transactionsMax,
            count <= reader.remaining / (4 + Transaction.minimumBytes)
        else {
            throw DecodingFault("\(count) transactions cannot be in here", at: reader.offset)
        }
        var raws: [[UInt8]] = []
        raws.reserveCapacity(count)
        for _ in 0..<count {
            let raw = Array(try reader.readCounted())
            guard raw.count >= Transaction.minimumBytes else {
                throw DecodingFault("no transaction has \(raw.count) bytes", at: reader.offset)
            }
            raws.append(raw)
        }
        return raws
    }
}

extension PeerStatus {
    func write(to writer: inout ByteWriter) {
        writer.write(height)
        writer.write(certified)
        writer.write(oldest)
        writer.write(timeMillis)
        writer.write(version)
        writer.write(byte: isServing ? 1 : 0)
    }

    init(from reader: inout ByteReader) throws(DecodingFault) {
        self.init(
            height: try reader.read(), certified: try reader.read(), oldest: try reader.read(),
            timeMillis: try reader.read(), version: try reader.read(),
            isServing: try reader.readFlag())
    }
}

extension PeerRequest {
    private enum Kind: UInt8 {
        case blocks = 1
        case certificates = 2
        case checkpoint = 3
        case chunk = 4
    }

    func write(to writer: inout ByteWriter) {
        switch self {
        case .blocks(let range, let bytes):
            writer.write(byte: Kind.blocks.rawValue)
            writer.write(range.lowerBound)
            writer.write(range.upperBound)
            writer.write(bytes)
        case .certificates(let range):
            writer.write(byte: Kind.certificates.rawValue)
            writer.write(range.lowerBound)
            writer.write(range.upperBound)
        case .checkpoint(let height):
            writer.write(byte: Kind.checkpoint.rawValue)
            writer.write(height)
        case .chunk(let height, let index, let offset):
            writer.write(byte: Kind.chunk.rawValue)
            writer.write(height)
            writer.write(index)
            writer.write(offset)
        }
    }

    init(from reader: inout ByteReader) throws(DecodingFault) {
        guard let kind = Kind(rawValue: try reader.read()) else {
            throw DecodingFault("a request of a kind that this program does not know")
        }
        func range() throws(DecodingFault) -> ClosedRange<UInt64> {
            let first: UInt64 = try reader.read()
            let last: UInt64 = try reader.read()
            guard first <= last else { throw DecodingFault("a range that ends before it begins") }
            return first...last
        }
        switch kind {
        case .blocks: self = .blocks(try range(), bytes: try reader.read())
        case .certificates: self = .certificates(try range())
        case .checkpoint: self = .checkpoint(above: try reader.read())
        case .chunk:
            self = .chunk(
                height: try reader.read(), index: try reader.read(), offset: try reader.read())
        }
    }
}

extension PeerReply {
    private enum Kind: UInt8 {
        case nothing = 0
        case blocks = 1
        case certificates = 2
        case checkpoint = 3
        case chunk = 4
    }

    var byteCount: Int {
        switch self {
        case .nothing: 1
        case .blocks(let blocks, _): 13 + blocks.reduce(0) { $0 + $1.byteCount }
        case .certificates(let all): 5 + all.reduce(0) { $0 + 4 + $1.count }
        case .checkpoint(let offer):
            offer.changes.reduce(25 + offer.parts.reduce(0) { $0 + $1.count }) {
                $0 + 8 + $1.block.count + $1.certificate.count
            }
        case .chunk(let bytes): 5 + bytes.count
        }
    }

    func write(to writer: inout ByteWriter) {
        switch self {
        case .nothing: writer.write(byte: Kind.nothing.rawValue)
        case .blocks(let blocks, let oldest):
            writer.write(byte: Kind.blocks.rawValue)
            writer.write(oldest)
            writer.write(UInt32(blocks.count))
            for block in blocks { block.write(to: &writer) }
        case .certificates(let all):
            writer.write(byte: Kind.certificates.rawValue)
            writer.write(UInt32(all.count))
            for certificate in all { writer.write(counted: certificate) }
        case .checkpoint(let offer):
            writer.write(byte: Kind.checkpoint.rawValue)
            for part in offer.parts { writer.write(counted: part) }
            writer.write(UInt32(offer.changes.count))
            for change in offer.changes {
                writer.write(counted: change.block)
                writer.write(counted: change.certificate)
            }
        case .chunk(let bytes):
            writer.write(byte: Kind.chunk.rawValue)
            writer.write(counted: bytes)
        }
    }

    init(from reader: inout ByteReader) throws(DecodingFault) {
        guard let kind = Kind(rawValue: try reader.read()) else {
            throw DecodingFault("an answer of a kind that this program does not know")
        }
        switch kind {
        case .nothing: self = .nothing
        case .blocks:
            let oldest: UInt64 = try reader.read()
            let count = try reader.read(UInt32.self)
            var blocks: [SealedBlock] = []
            for _ in 0..<count { blocks.append(try SealedBlock(from: &reader)) }
            self = .blocks(blocks, oldest: oldest)
        case .certificates:
            let count = try reader.read(UInt32.self)
            guard count <= PeerRequest.certificatesMax else {
                throw DecodingFault("\(count) certificates are too many", at: reader.offset)
            }
            var all: [[UInt8]] = []
            for _ in 0..<count { all.append(Array(try reader.readCounted())) }
            self = .certificates(all)
        case .checkpoint:
            var offer = CheckpointOffer(
                outline: Array(try reader.readCounted()), block: Array(try reader.readCounted()),
                blockCertificate: Array(try reader.readCounted()),
                header: Array(try reader.readCounted()),
                certificate: Array(try reader.readCounted()), changes: [])
            for _ in 0..<(try reader.read(UInt32.self)) {
                offer.changes.append(
                    (Array(try reader.readCounted()), Array(try reader.readCounted())))
            }
            self = .checkpoint(offer)
        case .chunk: self = .chunk(Array(try reader.readCounted()))
        }
    }
}

extension CheckpointOffer {
    /// The parts before the changes, in the order of their bytes.
    var parts: [[UInt8]] { [outline, block, blockCertificate, header, certificate] }
}
