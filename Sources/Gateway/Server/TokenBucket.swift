import NIOCore
import Synchronization

/// Counts calls against a ``RateLimit``; shared between threads.
final class TokenBucket: Sendable {
    private struct State {
        /// Calls that may be made at once, in billionths.
        var level: Int64
        var filled: NIODeadline
    }

    private let rate: Int64
    private let capacity: Int64
    private let state: Mutex<State>
    private static let call: Int64 = 1_000_000_000

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
        state.level = overflow ? capacity : min(capacity, state.level + min(gained, capacity))
        // Whoever asks may have looked at the clock before another who asked already.
        state.filled = max(state.filled, now)
    }
}
