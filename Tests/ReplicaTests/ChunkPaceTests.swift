import Ledger
import Testing

@testable import Replica

@Suite struct ChunkPaceTests {
    @Test func `only the last piece of a chunk may be short`() throws {
        var pace = ChunkPace(from: 0)
        for _ in 0..<3 { try pace.received(ChunkPace.pieceBytesMin) }
        try pace.received(1)
        #expect(throws: DecodingFault.self) { try pace.received(ChunkPace.pieceBytesMin) }
    }

    @Test func `a peer whose every piece is in time but slow is too late in the end`() throws {
        var pace = ChunkPace(from: 1_000)
        var now: UInt64 = 1_000
        var pieces = 0
        while pace.patience(at: now) != nil {
            now += 10_000
            try pace.received(ChunkPace.pieceBytesMin)
            pieces += 1
            try #require(pieces < 10)
        }
        #expect(pieces > 1)
    }

    @Test func `a chunk that takes long has twice the time with the next peer`() throws {
        for attempts in 0..<4 {
            var pace = ChunkPace(from: 0, after: attempts)
            var now: UInt64 = 0
            // As slow as may be, and without end.
            while pace.patience(at: now) != nil {
                try pace.received(ChunkPace.pieceBytesMin)
                now += UInt64(ChunkPace.pieceBytesMin) / ChunkPace.bytesPerMilli
                try #require(now < 3_600_000)
            }
            let limit = ChunkPace.firstMillis << UInt64(attempts)
            #expect(now >= limit && now < limit + 2_000)
        }
    }

    @Test func `a large chunk has the time that its bytes need, if it was asked for often enough`()
        throws
    {
        var pace = ChunkPace(from: 0, after: 10)
        var now: UInt64 = 0
        // 4 GiB in pieces of 4 MiB, each 40 seconds behind the one before.
        for _ in 0..<1_024 {
            try pace.received(4 << 20)
            now += 40_000
            try #require(pace.patience(at: now) != nil)
        }
    }
}
