import Testing
import Threads

@testable import Node

@Suite struct WorkerTests {
    @Test func `jobs run one at a time, in the order they came, whoever runs them`() {
        struct Seen {
            var order: [Int] = []
            var running = 0
            var together = 0
        }
        let worker = Worker(named: "test")
        let seen = Locked(Seen())
        for number in 0..<3_000 {
            worker.submit(wakes: number % 3 == 0) {
                seen.with { seen in
                    seen.order.append(number)
                    seen.running += 1
                    seen.together = max(seen.together, seen.running)
                }
                seen.with { $0.running -= 1 }
            }
            if number % 2 == 0 { worker.runWaiting() }
        }
        worker.runWaiting()
        worker.stop()
        #expect(seen.with { $0.order } == Array(0..<3_000))
        #expect(seen.with { $0.together } == 1)
    }

    @Test(.timeLimit(.minutes(1)))
    func `to stop a worker again does not wait for the thread that came after its own`() {
        let first = Worker(named: "first")
        first.stop()
        let second = Worker(named: "second")
        first.stop()
        let isDone = Locked(false)
        second.submit { isDone.with { $0 = true } }
        second.stop()
        #expect(isDone.with { $0 })
    }
}
