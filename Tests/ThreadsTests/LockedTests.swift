import Testing

@testable import Threads

@Suite struct LockedTests {
    @Test(.timeLimit(.minutes(1)))
    func `whoever waits asks again at every signal, and has the lock when it asks`() {
        let value = Locked(0)
        let counter = SystemThread(named: "count") {
            for _ in 0..<1_000 { value.withSignal { $0 += 1 } }
        }
        let seen = value.wait { value -> Waiting<Int> in
            guard value == 1_000 else { return .again(nil) }
            value = -1
            return .done(1_000)
        }
        counter.join()
        #expect(seen == 1_000 && value.with { $0 } == -1)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a signal for one wakes one of many, each for a change of its own`() {
        let left = Locked(0)
        let takers = (0..<4).map { _ in
            SystemThread(named: "take") {
                for _ in 0..<250 {
                    left.wait { left -> Waiting<Void> in
                        guard left > 0 else { return .again(nil) }
                        left -= 1
                        return .done(())
                    }
                }
            }
        }
        for _ in 0..<1_000 {
            left.with { $0 += 1 }
            left.signalOne()
        }
        for taker in takers { taker.join() }
        #expect(left.with { $0 } == 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `whom a change concerns is asked of the value as it is then`() {
        let value = Locked(0)
        let waiter = SystemThread(named: "wait") {
            value.wait { $0 == 2 ? .done(()) : .again(nil) }
        }
        var seen: [Int] = []
        for _ in 0..<2 {
            value.with(
                signalIf: {
                    seen.append($0)
                    return $0 == 2
                }, { $0 += 1 })
        }
        waiter.join()
        #expect(seen == [1, 2])
    }

    @Test func `without a signal it asks again once the time is over`() {
        let value = Locked(0)
        let begin = monotonicMillis()
        var asked = 0
        value.wait { _ -> Waiting<Void> in
            asked += 1
            // As early as a millisecond can be that has begun.
            return monotonicMillis() >= begin + 30 ? .done(()) : .again(30)
        }
        #expect(monotonicMillis() >= begin + 30 && asked >= 2)
    }

    @Test func `nobody who only tries waits for another`() {
        let value = Locked(1)
        #expect(value.tryWith { $0 } == 1)
        value.with { _ in
            let other = SystemThread(named: "try") {
                #expect(value.tryWith { $0 } == nil)
            }
            other.join()
        }
        #expect(value.tryWith { $0 } == 1)
    }

    @Test func `what it guarded goes with it`() {
        final class Thing: Sendable {}
        var value: Locked<Thing>? = Locked(Thing())
        weak let thing = value?.with { $0 }
        #expect(thing != nil)
        value = nil
        #expect(thing == nil)
    }
}
