import Execution
import Ledger
import Storage
import TestSupport
import Testing
import Threads

@testable import Node

/// What is read of the chain while it grows.
@Suite struct ChainTests {
    private static func record(height: UInt64) -> BlockRecord {
        BlockRecord(
            height: height, hash: Hash32(height, 0, 0, 0), transactions: [], logItems: [],
            bytes: [])
    }

    @Test func `a block that is archived meanwhile is named once`() throws {
        let folder = TemporaryFolder()
        let test = try TestNode(in: folder)
        defer { test.node.stop() }
        let genesis = test.node.chain.genesis
        let last: UInt64 = 20_000
        let history = try HistoryStore(
            blocks: MemoryStore(), index: MemoryStore(),
            identity: StoreIdentity(chainID: genesis.chainID, genesisHash: genesis.hash))
        let chain = Chain(
            machine: test.node.chain.withMachine { $0 }, head: try bareBlock(height: last),
            history: history)
        try history.append([Self.record(height: 0)], sync: false)
        let archivist = SystemThread(named: "archivist") {
            for height in 1...last {
                try! history.append([Self.record(height: height)], sync: false)
            }
        }
        defer { archivist.join() }
        var tip: UInt64 = 0
        while tip < last {
            // Only a few, so that the archive often grows in the middle of a look.
            let range = tip...min(tip + 8, last)
            let heights = try chain.heights(matching: [], in: range, limit: .max)
            try #require(heights == Array(range))
            tip = history.tip ?? 0
        }
    }
}
