import Testing

@testable import Node

@Suite struct BlockRetentionTests {
    private let retention = BlockRetention(keepBlocks: 10)

    @Test func `blocks below those to be kept go, but not above the checkpoint`() {
        #expect(retention.first(head: 100, checkpoint: 95, slowest: nil) == 90)
        #expect(retention.first(head: 100, checkpoint: 80, slowest: nil) == 80)
        #expect(retention.first(head: 10, checkpoint: 5, slowest: nil) == 0)
    }

    @Test func `what a slow peer has not executed is kept for it`() {
        #expect(retention.first(head: 100, checkpoint: 95, slowest: 70) == 71)
        #expect(retention.first(head: 100, checkpoint: 95, slowest: 89) == 90)
        #expect(retention.first(head: 100, checkpoint: 95, slowest: 99) == 90)
        #expect(retention.first(head: 100, checkpoint: 95, slowest: UInt64.max) == 90)
    }

    @Test func `one that stands at the beginning does not have everything kept`() {
        let head = BlockRetention.patienceBlocks + 1_010
        #expect(retention.first(head: head, checkpoint: head, slowest: 0) == 1_000)
    }
}
