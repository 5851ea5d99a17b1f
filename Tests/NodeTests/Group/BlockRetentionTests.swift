import Testing

@testable import Node

@Suite struct BlockRetentionTests {
    private func first(
        head: UInt64, checkpoint: UInt64, slowest: UInt64?, blockBytes: UInt64 = 1_000
    ) -> UInt64 {
        BlockRetention(keepBlocks: 10).first(
            head: head, checkpoint: checkpoint, slowest: slowest
        ) { UInt64($0.count) * blockBytes }
    }

    @Test func `blocks below those to be kept go, but not above the checkpoint`() {
        #expect(first(head: 100, checkpoint: 95, slowest: nil) == 90)
        #expect(first(head: 100, checkpoint: 80, slowest: nil) == 80)
        #expect(first(head: 10, checkpoint: 5, slowest: nil) == 0)
    }

    @Test func `what a slow peer has not executed is kept for it`() {
        #expect(first(head: 100, checkpoint: 95, slowest: 70) == 71)
        #expect(first(head: 100, checkpoint: 95, slowest: 89) == 90)
        #expect(first(head: 100, checkpoint: 95, slowest: 99) == 90)
        #expect(first(head: 100, checkpoint: 95, slowest: UInt64.max) == 90)
    }

    @Test func `one that stands at the beginning does not have everything kept`() {
        let head = BlockRetention.patienceBlocks + 1_010
        #expect(first(head: head, checkpoint: head, slowest: 0) == 1_000)
    }

    @Test func `large blocks are kept for a slow peer up to so many bytes`() {
        // Sixteen of 256 MiB each are all that there is room for.
        func first(slowest: UInt64) -> UInt64 {
            self.first(head: 1_010, checkpoint: 1_005, slowest: slowest, blockBytes: 256 << 20)
        }
        #expect(first(slowest: 500) == 984)
        #expect(first(slowest: 984) == 985)
        #expect(first(slowest: 982) == 984)
        // One that is larger than all is for whoever has the one before it no reason to keep more.
        let huge = self.first(
            head: 1_010, checkpoint: 1_005, slowest: 500, blockBytes: 5 << 30)
        #expect(huge == 1_000)
    }
}
