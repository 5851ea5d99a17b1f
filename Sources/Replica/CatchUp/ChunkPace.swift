import Ledger

/// How fast the pieces of a chunk have to come from the peer that is asked for it.
///
/// Each answer may be a little late, but not all of them: a peer that sends a byte at a time, or each piece at
/// the last moment, would keep whoever asks it busy for ever. And since only the whole shows whether a chunk is the
/// right one, one that takes long is asked of another peer, each time with twice the time: bytes without end,
/// slowly enough, do no more harm than that, and a large chunk takes twice its time at most.
package struct ChunkPace: Sendable {
    /// The least bytes of a piece behind which another one comes.
    package static let pieceBytesMin = 64 << 10
    /// How long a chunk may take beside the time for its bytes.
    package static let patienceMillis: UInt64 = 20_000
    /// How many bytes have to come in a millisecond, on average.
    package static let bytesPerMilli: UInt64 = 64

    /// How long the first peer that is asked for a chunk may take; nearly all have less than a megabyte.
    package static let firstMillis: UInt64 = 60_000

    private let start: UInt64
    private let limit: UInt64
    private var byteCount: UInt64 = 0
    /// Whether the last piece was too short for another one to follow.
    private var hasEnded = false

    /// Begins with a chunk.
    ///
    /// - Parameters:
    ///   - now: milliseconds of a clock that never goes back.
    ///   - attempts: how often it was asked for before.
    package init(from now: UInt64, after attempts: Int = 0) {
        start = now
        limit = Self.firstMillis << UInt64(min(attempts, 16))
    }

    /// How many milliseconds the next piece may take; nil if it is too late already.
    package func patience(at now: UInt64) -> UInt64? {
        let deadline =
            start + min(limit, Self.patienceMillis + byteCount / Self.bytesPerMilli)
        return deadline > now ? deadline - now : nil
    }

    /// Takes note of a piece.
    ///
    /// - Throws: ``DecodingFault`` for one behind a piece that was too short.
    package mutating func received(_ count: Int) throws(DecodingFault) {
        guard !hasEnded else {
            throw DecodingFault(
                "a piece of a chunk has fewer than \(Self.pieceBytesMin) bytes and is not the last")
        }
        hasEnded = count < Self.pieceBytesMin
        byteCount += UInt64(count)
    }
}
