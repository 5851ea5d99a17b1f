import Glibc
import Synchronization
import Testing

@testable import Threads

@Suite struct WorkerPoolTests {
    private struct Caller: TurnTaker, ExpressibleByStringLiteral {
        let client: String
        init(stringLiteral name: String) { client = name }
    }

    /// A pool of one thread, which is kept busy until it is let go.
    private final class Held: Sendable {
        let pool = WorkerPool<Caller>(named: "test", count: 1)
        let ran = Mutex([String]())
        private let isOpen = Locked(false)

        init() {
            let isRunning = Locked(false)
            pool.submit { [isOpen] in
                isRunning.withSignal { $0 = true }
                isOpen.wait { $0 ? .done(()) : .again(nil) }
            }
            isRunning.wait { $0 ? .done(()) : .again(nil) }
        }

        func job(_ name: String) -> @Sendable () -> Void {
            { [self] in ran.withLock { $0.append(name) } }
        }

        func letGo() { isOpen.withSignal { $0 = true } }
    }

    /// Hands over a job as it goes.
    private final class Parting: Sendable {
        private let act: @Sendable () -> Void
        init(_ act: @escaping @Sendable () -> Void) { self.act = act }
        deinit { act() }
    }

    @Test func `what is first goes first, and callers behind all others`() {
        let held = Held()
        held.pool.submit(of: "a", held.job("a 1"))
        held.pool.submit(of: "a", held.job("a 2"))
        held.pool.submit(of: "b", held.job("b"))
        #expect(held.pool.waiting(of: "a") == (2, 3))
        held.pool.submit(held.job("other 1"))
        held.pool.submit(first: true, held.job("first 1"))
        held.pool.submit(held.job("other 2"))
        held.pool.submit(first: true, held.job("first 2"))
        held.letGo()
        held.pool.stop()
        #expect(
            held.ran.withLock { $0 } == [
                "first 1", "first 2", "other 1", "other 2", "a 1", "b", "a 2",
            ])
        #expect(held.pool.waiting(of: "a") == (0, 0))
    }

    @Test(.timeLimit(.minutes(1)))
    func `the jobs of a caller that is gone are dropped, and may hand over others as they go`() {
        let held = Held()
        for _ in 0..<2 {
            let parting = Parting { held.pool.submit(held.job("parting")) }
            held.pool.submit(of: "gone") { [ran = held.job("gone")] in
                ran()
                _ = parting
            }
        }
        held.pool.submit(of: "there", held.job("there"))
        held.pool.drop(of: "gone")
        held.pool.drop(of: "nobody")
        #expect(held.pool.waiting(of: "gone") == (0, 1))
        held.letGo()
        held.pool.stop()
        #expect(held.ran.withLock { $0 } == ["parting", "parting", "there"])
    }

    @Test(.timeLimit(.minutes(1)))
    func `a job that has run is let go of before the next, and may hand over others as it goes`() {
        let held = Held()
        let parting = Parting { held.pool.submit(first: true, held.job("parting")) }
        held.pool.submit { [parting] in withExtendedLifetime(parting) { held.job("runs")() } }
        _ = consume parting
        held.pool.submit(held.job("next"))
        held.letGo()
        held.pool.stop()
        #expect(held.ran.withLock { $0 } == ["runs", "parting", "next"])
    }

    @Test(.timeLimit(.minutes(1)))
    func `a pool that stops runs what waits, and what that hands over`() {
        let held = Held()
        held.pool.submit(of: "a") {
            held.pool.submit(of: "a", held.job("late"))
            held.job("early")()
        }
        SystemThread(named: "let-go") {
            usleep(10_000)
            held.letGo()
        }.letGo()
        held.pool.stop()
        #expect(held.ran.withLock { $0 } == ["early", "late"])
        held.pool.stop()
    }

    @Test(.timeLimit(.minutes(1)))
    func `or drops what waits and whatever comes, and waits for what runs`() {
        let held = Held()
        let handedOver = Locked(0)
        for _ in 0..<3 {
            let parting = Parting {
                held.pool.submit(of: "b", held.job("parting"))
                held.pool.submit(first: true, held.job("parting"))
                handedOver.withSignal { $0 += 1 }
            }
            held.pool.submit(of: "a") { [ran = held.job("dropped")] in
                ran()
                _ = parting
            }
            held.pool.submit(held.job("dropped"))
        }
        let hasStopped = Locked(false)
        SystemThread(named: "stop") {
            held.pool.stop(dropping: true)
            hasStopped.withSignal { $0 = true }
        }.letGo()
        // All are dropped while one still runs.
        handedOver.wait { $0 == 3 ? .done(()) : .again(nil) }
        #expect(held.pool.waiting(of: "b") == (0, 0))
        #expect(!hasStopped.with { $0 })
        held.letGo()
        hasStopped.wait { $0 ? .done(()) : .again(nil) }
        #expect(held.ran.withLock { $0.isEmpty })
    }

    @Test(.timeLimit(.minutes(1)))
    func `every job wakes a thread for it, as long as there is one`() {
        let pool = WorkerPool<Caller>(named: "test", count: 4)
        for isOfCaller in [false, true, false] {
            let together = Locked(0)
            for _ in 0..<4 {
                let job: @Sendable () -> Void = {
                    together.withSignal { $0 += 1 }
                    together.wait { $0 == 4 ? .done(()) : .again(nil) }
                }
                if isOfCaller { pool.submit(of: "a", job) } else { pool.submit(job) }
            }
            together.wait { $0 == 4 ? .done(()) : .again(nil) }
            // All but surely they sleep then.
            usleep(20_000)
        }
        pool.stop()
        #expect(pool.count == 4)
    }
}
