import Testing

@testable import Threads

struct QueueTests {
    @Test func `what came first goes first, wherever the ring begins`() {
        var queue = Queue<Int>()
        #expect(queue.isEmpty && queue.popFirst() == nil)
        var (came, went) = (0, 0)
        // It grows at each place at which it can begin.
        for rounds in 1...40 {
            for _ in 0..<rounds {
                queue.append(came)
                came += 1
            }
            for _ in 0..<(rounds - rounds / 8) {
                #expect(queue.popFirst() == went)
                went += 1
            }
            #expect(queue.count == came - went)
        }
        while let next = queue.popFirst() {
            #expect(next == went)
            went += 1
        }
        #expect(went == came && queue.isEmpty && queue.popFirst() == nil)
    }

    @Test func `whoever takes an element has it alone`() {
        final class Thing: Sendable {}
        var queue = Queue<Thing>()
        for _ in 0..<3 { queue.append(Thing()) }
        weak let thing = queue.popFirst()
        #expect(thing == nil && queue.count == 2)
    }
}
