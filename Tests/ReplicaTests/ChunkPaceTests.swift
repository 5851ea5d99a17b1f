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

    @Test func `a large chunk has the time that its bytes need`() throws {
        var pace = ChunkPace(from: 0)
        var now: UInt64 = 0
        // 4 GiB in pieces of 4 MiB, each 40 seconds behind the one before.
        for _ in 0..<1_024 {
            try pace.received(4 << 20)
            now += 40_000
            try #require(pace.patience(at: now) != nil)
        }
    }
}
