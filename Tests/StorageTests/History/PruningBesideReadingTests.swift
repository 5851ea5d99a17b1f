import Ledger
import Testing

@testable import Storage

/// What readers see in whose midst blocks are pruned.
struct PruningBesideReadingTests {
    private let blocks = InterruptedStore()
    private let store: HistoryStore

    /// Blocks 0 to 9, of which the fourth has a certificate.
    init() throws {
        store = try HistoryStore(blocks: blocks, index: MemoryStore(), identity: historyIdentity)
        var model = HistoryModel(seed: 7)
        for _ in 0..<10 { try store.append([model.grow()], sync: false) }
        try store.store(certificates: [(height: 3, bytes: [1, 2, 3])], sync: false)
    }

    /// Prunes behind the next reading.
    private func pruneMeanwhile() {
        blocks.interrupt { [store] in try! store.prune(below: 6, keeping: [3]) }
    }

    @Test func `a block that is kept is found while it goes from one place to the other`() throws {
        pruneMeanwhile()
        let found = try #require(try store.keptOrStored(at: 3))
        #expect(found.certificate == [1, 2, 3])
        #expect(store.first == 6)
        #expect(try store.keptOrStored(at: 3) == found)
    }

    @Test func `its certificate is found, too`() throws {
        pruneMeanwhile()
        #expect(try store.certificateKeptOrStored(at: 3) == [1, 2, 3])
        #expect(store.first == 6)
        #expect(try store.certificateKeptOrStored(at: 3) == [1, 2, 3])
    }

    @Test func `a view has the block that is kept in one of the two places`() throws {
        pruneMeanwhile()
        let view = try store.snapshot()
        #expect(store.first == 6)
        // A backup has what is scanned, and says that it begins there.
        var places: [UInt8] = []
        try view.scan(through: 9) { key, _ in
            if key[8] == 3, key[9] == HistoryKey.Part.certificate.rawValue { places.append(key[0]) }
            return true
        }
        #expect(places == [HistoryKey.block(3, .bytes)[0]] && view.first == 0)
    }
}
