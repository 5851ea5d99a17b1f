import Consensus
import Testing

@testable import Node

@Suite struct UncheckedForwardsTests {
    private func load(_ count: Int, of bytes: Int) -> UncheckedForwards.Load {
        UncheckedForwards.Load(Array(repeating: Array(repeating: 1, count: bytes), count: count))
    }

    @Test(arguments: [(65_536, 10), (16, 512 << 10)])
    func `many short transactions of a peer fill its share as a few long ones do`(
        count: Int, bytes: Int
    ) {
        var forwards = UncheckedForwards()
        let load = load(count, of: bytes)
        func take(from bank: UInt64) -> Bool { forwards.take(load, of: NodeID(bank)) }
        #expect(take(from: 1))
        #expect(!take(from: 1))
        #expect(take(from: 2))
        forwards.release(load, of: NodeID(1))
        #expect(take(from: 1))
    }
}
