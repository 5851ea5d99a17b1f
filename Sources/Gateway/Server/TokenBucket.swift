import NIOCore
import Synchronization

/// Counts calls against a ``RateLimit``; shared between threads.
final class TokenBucket: Sendable {
    private struct State {
        /// Calls that may be made at once, in billionths; below 0 what was charged and was not there.
        var level: Int64
        var filled: NIODeadline
    }

    private let rate: Int64
    private let capacity: Int64
    private let state: Mutex<State>
    private static let call: Int64 = 1_000_000_000
    /// So far below 0 that no sum below leaves 64 bits.
    private static let floor: Int64 = -4_000_000_000_000_000_000

    init(_ limit: RateLimit, now: NIODeadline) {
        // Bounded so that no product below leaves 64 bits.
        rate = Int64(min(limit.callsPerSecond, 1_000_000_000))
        capacity = Int64(min(limit.burst, 1_000_000_000)) * Self.call
        state = Mutex(State(level: capacity, filled: now))
    }

    /// Takes `calls` if so many are there, else nothing.
    func take(_ calls: Int, now: NIODeadline) -> Bool {
        let price = Int64(calls) * Self.call
        return state.withLock { state in
            fill(&state, now)
            guard state.level >= price else { return false }
            state.level -= price
            return true
        }
    }

    /// Takes `calls` that were made already, whether they are there or not.
    ///
    /// - Returns: how many of them were there.
    @discardableResult
    func charge(_ calls: Int, now: NIODeadline) -> Int {
        state.withLock { state in
            fill(&state, now)
            let there = max(state.level, 0) / Self.call
            state.level = max(state.level - Self.price(calls), Self.floor)
            return min(calls, Int(there))
        }
    }

    /// Takes as many of `calls` as are there.
    func drain(_ calls: Int, now: NIODeadline) {
        state.withLock { state in
            fill(&state, now)
            state.level = max(state.level - Self.price(calls), min(state.level, 0))
        }
    }

    /// Nanoseconds until there is again what a second brings; nil where there is at least one call now.
    func wait(now: NIODeadline) -> Int64? {
        state.withLock { state in
            fill(&state, now)
            guard state.level < Self.call else { return nil }
            // Filled by `rate` billionths in a nanosecond.
            return (min(capacity, rate * Self.call) - state.level) / rate
        }
    }

    /// Bounded so that two of them and a full bucket do not leave 64 bits.
    private static func price(_ calls: Int) -> Int64 {
        Int64(clamping: min(calls, 1_000_000_000)) * call
    }

    /// Whether it is as if nothing had been taken.
    func isFull(now: NIODeadline) -> Bool {
        state.withLock { state in
            fill(&state, now)
            return state.level == capacity
        }
    }

    /// Adds what came since it was last filled.
    private func fill(_ state: inout State, _ now: NIODeadline) {
        let elapsed = max(0, (now - state.filled).nanoseconds)
        let (gained, overflow) = elapsed.multipliedReportingOverflow(by: rate)
        state.level += min(overflow ? .max : gained, capacity - state.level)
        // Whoever asks may have looked at the clock before another who asked already.
        state.filled = max(state.filled, now)
    }
}
