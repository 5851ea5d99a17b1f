import Glibc
import Synchronization
import Testing

@testable import Threads

@Suite struct WaitTimerTests {
    @Test func `jobs run in the order of their times, and what is left when it stops`() {
        let timer = WaitTimer(named: "test")
        let ran = Mutex<[Int]>([])
        // So far apart that it does not matter how long the test takes.
        for (number, millis) in [
            (3, 3_000_000), (1, 1_000_000), (2, 2_000_000), (4, 4_000_000),
        ] as [(Int, UInt64)] {
            timer.after(millis) { ran.withLock { $0.append(number) } }
        }
        timer.after(0) { ran.withLock { $0.append(0) } }
        timer.start()
        timer.stop()
        #expect(ran.withLock { $0 } == [0, 1, 2, 3, 4])
    }

    @Test func `a job for which nobody waits is run soon, however few there are`() {
        let timer = WaitTimer(named: "test")
        timer.start()
        let ran = Mutex<[String]>([])
        timer.after(3_000_000, isOver: { true }) { ran.withLock { $0.append("over") } }
        timer.after(3_000_000) { ran.withLock { $0.append("waited for") } }
        while ran.withLock({ $0.isEmpty }) { usleep(1_000) }
        #expect(timer.count == 1 && ran.withLock { $0 } == ["over"])
        timer.stop()
        #expect(ran.withLock { $0 } == ["over", "waited for"])
    }

    @Test func `whoever is asked whether it is over may use the timer`() {
        let timer = WaitTimer(named: "test")
        timer.start()
        let ran = Mutex<[String]>([])
        timer.after(
            3_000_000,
            isOver: {
                timer.after(4_000_000) { ran.withLock { $0.append("begun meanwhile") } }
                return true
            }
        ) { ran.withLock { $0.append("over") } }
        while ran.withLock({ $0.isEmpty }) { usleep(1_000) }
        #expect(timer.count == 1)
        timer.stop()
        #expect(ran.withLock { $0 } == ["over", "begun meanwhile"])
    }

    @Test func `those for whom nobody waits make room long before their time`() {
        let timer = WaitTimer(named: "test")
        timer.start()
        let ran = Mutex(0)
        for number in 0..<(4 * WaitTimer.fewJobs) {
            // Every eighth is really waited for.
            timer.after(3_000_000, isOver: { number % 8 != 0 }) {
                ran.withLock { $0 += 1 }
            }
        }
        // They are taken out first, then run.
        while timer.count >= WaitTimer.fewJobs || ran.withLock({ $0 }) < 3 * WaitTimer.fewJobs {
            sched_yield()
        }
        #expect(timer.count >= WaitTimer.fewJobs / 2)
        // Those that wait are all there, however many sweeps there were.
        timer.stop()
        #expect(ran.withLock { $0 } == 4 * WaitTimer.fewJobs)
    }
}
