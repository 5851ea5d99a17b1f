/// What consensus orders: transactions under a height and a time, before anybody has executed them.
///
/// A body keeps the bytes it was decoded from; its transactions are ranges in them.
public struct Body: Sendable {
    /// The largest number of transactions in a body.
    public static let transactionsLimit = 1 << 20
    /// The largest number of votes in a body.
    public static let votesLimit = 64

    /// The protocol version, which governance activates.
    public let version: UInt16
    /// One more than the height of the body before.
    public let height: UInt64
    /// The hash of the body before; of genesis, the genesis hash.
    public let parent: Hash32
    /// Milliseconds since 1970; never before the body before.
    public let timeMillis: UInt64
    /// The account of the node that cut the block.
    public let leader: Address
    /// The encoded body.
    public let bytes: [UInt8]
    /// Where each transaction stands in ``bytes``.
    public let transactions: [Range<Int>]
    /// Where the votes for headers stand in ``bytes``, one behind the other.
    private let voteBytes: Range<Int>

    /// Decodes a body.
    ///
    /// - Source: `docs/formats/block.md`.
    public init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        version = try reader.read()
        height = try reader.read()
        parent = try reader.readHash()
        timeMillis = try reader.read()
        leader = try reader.readAddress()
        let count = Int(try reader.read(UInt32.self))
        // Each transaction takes four bytes of length at least, which bounds the memory taken here.
        guard count <= Self.transactionsLimit, count <= reader.remaining / 4 else {
            throw DecodingFault("\(count) transactions cannot be in here", at: reader.offset)
        }
        var transactions: [Range<Int>] = []
        transactions.reserveCapacity(count)
        for _ in 0..<count {
            let raw = try reader.readCounted()
            transactions.append(raw.startIndex..<raw.endIndex)
        }
        let voteCount = Int(try reader.read(UInt8.self))
        guard voteCount <= Self.votesLimit else {
            throw DecodingFault(
                "\(voteCount) votes, \(Self.votesLimit) may be in here", at: reader.offset)
        }
        let votes = try reader.readRaw(voteCount * HeaderVote.byteCount)
        voteBytes = votes.startIndex..<votes.endIndex
        try reader.finish()
        self.transactions = transactions
        self.bytes = bytes
    }

    /// Encodes a body.
    ///
    /// - Parameters:
    ///   - version: the protocol version that holds at its height.
    ///   - height: its height.
    ///   - parent: the hash of the body before.
    ///   - timeMillis: its time.
    ///   - leader: who cuts it.
    ///   - transactions: what goes in, in order.
    ///   - votes: of whatever banks for headers below, at most ``votesLimit``.
    /// - Returns: the bytes, as ``init(decoding:)`` reads them.
    public static func encode(
        version: UInt16, height: UInt64, parent: Hash32, timeMillis: UInt64, leader: Address,
        transactions: [VerifiedTransaction], votes: [HeaderVote] = []
    ) -> [UInt8] {
        precondition(votes.count <= votesLimit, "more votes than a body has room for")
        let size = transactions.reduce(75 + votes.count * HeaderVote.byteCount) {
            $0 + 4 + $1.raw.count
        }
        var writer = ByteWriter(capacity: size)
        writer.write(version)
        writer.write(height)
        writer.write(parent)
        writer.write(timeMillis)
        writer.write(leader)
        writer.write(UInt32(transactions.count))
        for transaction in transactions { writer.write(counted: transaction.raw) }
        writer.write(byte: UInt8(votes.count))
        for vote in votes { vote.encode(to: &writer) }
        return writer.bytes
    }

    /// The height in an encoded body, nil if there are too few bytes; looks at nothing else.
    public static func height(of bytes: [UInt8]) -> UInt64? {
        guard bytes.count >= 10 else { return nil }
        return bytes[2..<10].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The time in an encoded body, nil if there are too few bytes; looks at nothing else.
    public static func timeMillis(of bytes: [UInt8]) -> UInt64? {
        guard bytes.count >= 50 else { return nil }
        return bytes[42..<50].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Votes of banks for headers below: hints about who signed, checked by nobody yet.
    ///
    /// One that is no vote at all is left out, for no vote is a reason to refuse a body.
    public var votes: [HeaderVote] {
        stride(from: voteBytes.lowerBound, to: voteBytes.upperBound, by: HeaderVote.byteCount)
            .compactMap { try? HeaderVote(decoding: Array(bytes[$0..<$0 + HeaderVote.byteCount])) }
    }

    /// The body's hash: the SHA-256 of its bytes.
    public var hash: Hash32 { SHA256.hash(bytes) }

    /// The raw bytes of a transaction.
    public func transaction(_ index: Int) -> ArraySlice<UInt8> { bytes[transactions[index]] }
}
