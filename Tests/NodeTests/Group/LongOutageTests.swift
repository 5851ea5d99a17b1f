import Ledger
import Replica
import Storage
import Testing

@testable import Node

/// What a node finds in its history at the start when there were no certificates for long.
@Suite struct LongOutageTests {
    private static let head: UInt64 = 20_000

    /// A history of empty blocks of which the certificates of a few are there.
    private func history(certified heights: [UInt64]) throws -> HistoryStore {
        let history = try HistoryStore(
            blocks: MemoryStore(), index: MemoryStore(),
            identity: StoreIdentity(chainID: 7, genesisHash: Keccak256.hash([7])))
        for start in stride(from: 0, through: Self.head, by: 1_000) {
            let blocks = (start...min(start + 999, Self.head)).map { height in
                BlockRecord(
                    height: height, hash: Keccak256.hash("\(height)".utf8.map(\.self)),
                    transactions: [], logItems: [], bytes: [1])
            }
            try history.append(blocks, sync: false)
        }
        try history.store(certificates: heights.map { ($0, [2]) }, sync: false)
        return history
    }

    @Test func `the last certificate is found however long ago it was made`() throws {
        let history = try history(certified: [2, 3])
        #expect(try OpenedData.certifiedHeight(history, upTo: Self.head) == 3)
        #expect(try OpenedData.certifiedHeight(history, upTo: 2) == 2)
        #expect(try OpenedData.certifiedHeight(history, upTo: 1) == 0)
        #expect(try OpenedData.certifiedHeight(history, upTo: 0) == 0)
    }

    @Test func `the last block's own certificate counts, as no block may follow for long`() throws {
        let history = try history(certified: [Self.head])
        #expect(try OpenedData.certifiedHeight(history, upTo: Self.head) == Self.head)
    }

    @Test func `signatures are gathered for all blocks that are kept in memory`() throws {
        let history = try history(certified: [3])
        let uncertified = try #require(try Uncertified(history, head: Self.head))
        #expect(uncertified.heights.upperBound == Self.head)
        #expect(UInt64(uncertified.heights.count) == Certifier.heightsKept)
    }
}
