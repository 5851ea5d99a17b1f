import Consensus
import Testing

@testable import Replica

@Suite struct ChunkSourcesTests {
    private let peers = [NodeID(2), NodeID(3), NodeID(4)]

    private func best(_ sources: ChunkSources, resting: [NodeID] = []) -> [NodeID] {
        sources.best(of: peers) { !resting.contains($0) }
    }

    @Test func `who sent a false chunk is asked for none while there is somebody else`() {
        var sources = ChunkSources()
        sources.lied(NodeID(3))
        #expect(best(sources) == [NodeID(2), NodeID(4)])
        // Others are waited for.
        #expect(best(sources, resting: [NodeID(2), NodeID(4)]) == [])
        for peer in peers { sources.lied(peer) }
        #expect(best(sources) == peers)
    }

    @Test func `who was too slow least often is asked`() {
        var sources = ChunkSources()
        sources.delayed(NodeID(2))
        #expect(best(sources) == [NodeID(3), NodeID(4)])
        #expect(best(sources, resting: [NodeID(3), NodeID(4)]) == [NodeID(2)])
        for peer in [NodeID(3), NodeID(3), NodeID(4)] { sources.delayed(peer) }
        #expect(best(sources) == [NodeID(2), NodeID(4)])
    }
}
