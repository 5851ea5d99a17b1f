import Testing

@testable import Threads

@Suite struct ProcessorTests {
    /// On which processors the threads of a pool may run, each seen at a job of its own.
    private static func seen(by count: Int, keepToProcessors: Bool = true) -> [[Int]] {
        let pool = WorkerPool<Never>(
            named: "test", count: count, keepToProcessors: keepToProcessors)
        let seen = Locked([[Int]]())
        // Each job waits until all have begun, so that no thread takes two.
        for _ in 0..<count {
            pool.submit {
                let usable = Processors.usable
                seen.withSignal { $0.append(usable) }
                seen.wait { $0.count == count ? .done(()) : .again(nil) }
            }
        }
        pool.stop()
        return seen.with { $0 }
    }

    @Test func `where there is a thread for each processor, each keeps to one`() {
        let usable = Processors.usable
        #expect(!usable.isEmpty)
        let seen = Self.seen(by: usable.count)
        #expect(seen.sorted { $0[0] < $1[0] } == usable.map { [$0] })
        // The thread that made them runs where it did.
        #expect(Processors.usable == usable)
    }

    @Test func `other numbers of threads, and threads that wait, run where the system wants`() {
        let usable = Processors.usable
        let more = Self.seen(by: usable.count + 1)
        #expect(more == Array(repeating: usable, count: usable.count + 1))
        let waiting = Self.seen(by: usable.count, keepToProcessors: false)
        #expect(waiting == Array(repeating: usable, count: usable.count))
    }
}
