import Glibc
import Testing

@testable import Threads

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

    /// A job that runs until it is let go.
    private final class Held: Sendable {
        private let isRunning = Locked(false)
        private let isOpen = Locked(false)

        func run() {
            isRunning.withSignal { $0 = true }
            isOpen.wait { $0 ? .done(()) : .again(nil) }
        }

        func waitUntilItRuns() { isRunning.wait { $0 ? .done(()) : .again(nil) } }

        func letGo() { isOpen.withSignal { $0 = true } }
    }

    @Test(.timeLimit(.minutes(1)))
    func `whoever would help leaves what waits to the thread if that is at it`() {
        let worker = Worker(named: "test")
        let (held, hasRun) = (Held(), Locked(false))
        worker.submit { held.run() }
        held.waitUntilItRuns()
        worker.submit(wakes: false) { hasRun.with { $0 = true } }
        worker.runWaiting()
        #expect(!hasRun.with { $0 })
        held.letGo()
        worker.stop()
        #expect(hasRun.with { $0 })
    }

    @Test(.timeLimit(.minutes(1)))
    func `the thread leaves what waits to whoever helps, and ends behind it`() {
        // The thread may come before the helper, mostly while it starts.
        for _ in 0..<100 where endsBehindHelper() { return }
        Issue.record("the thread came before the helper each time")
    }

    /// Whether there was a helper.
    private func endsBehindHelper() -> Bool {
        let worker = Worker(named: "test")
        usleep(1_000)
        let (held, order, helped) = (Held(), Locked([String]()), Locked(false))
        let helper = SystemThread(named: "help") {
            worker.submit(wakes: false) { [thread = pthread_self()] in
                held.run()
                helped.with { $0 = pthread_equal(thread, pthread_self()) != 0 }
                order.with { $0.append("first") }
            }
            worker.runWaiting()
        }
        held.waitUntilItRuns()
        worker.submit { order.with { $0.append("second") } }
        let stopper = SystemThread(named: "stop") {
            worker.stop()
            order.with { $0.append("end") }
        }
        // Time for the thread to do what it must not.
        usleep(20_000)
        #expect(order.with { $0.isEmpty })
        held.letGo()
        stopper.join()
        helper.join()
        #expect(order.with { $0 } == ["first", "second", "end"])
        return helped.with { $0 }
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
