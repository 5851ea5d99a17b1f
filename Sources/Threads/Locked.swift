/// A mutual exclusion lock around a value that is not `Sendable`, with a condition to wait for.
///
/// Everything that a node does passes through some: inlinable, so that it is compiled for their values.
package final class Locked<Value>: @unchecked Sendable {
    // `@unchecked`: the monitor's lock guards the value.
    @usableFromInline let monitor = Monitor(conditions: 1)
    /// Where the value is: a property would be looked at for overlapping accesses each time, of which the lock
    /// lets none happen.
    @usableFromInline let value: UnsafeMutablePointer<Value>

    /// Guards a value, which nobody else may hold.
    @inlinable
    package init(_ value: consuming Value) {
        self.value = .allocate(capacity: 1)
        self.value.initialize(to: value)
    }

    deinit {
        value.deinitialize(count: 1)
        value.deallocate()
    }

    /// Runs `body` alone.
    @inlinable
    package func with<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        monitor.lock()
        defer { monitor.unlock() }
        return try body(&value.pointee)
    }

    /// Runs `body` alone, unless another thread is at it: then it gives nil at once.
    @inlinable
    package func tryWith<Result>(_ body: (inout Value) -> Result) -> Result? {
        guard monitor.tryLock() else { return nil }
        defer { monitor.unlock() }
        return body(&value.pointee)
    }

    /// Runs `body` alone, then wakes everybody who waits.
    @inlinable
    package func withSignal<Result>(_ body: (inout Value) -> Result) -> Result {
        let result = with(body)
        broadcast()
        return result
    }

    /// Runs `body` alone, then wakes everybody who waits if the value as it is then concerns them.
    @inlinable
    package func with<Result>(
        signalIf concerns: (Value) -> Bool, _ body: (inout Value) -> Result
    ) -> Result {
        let (result, concerns) = with { value in
            let result = body(&value)
            return (result, concerns(value))
        }
        if concerns { broadcast() }
        return result
    }

    @usableFromInline
    func broadcast() { monitor.broadcast(monitor[0]) }

    /// Wakes one of those who wait, if somebody does; where all of them wait for the same.
    package func signalOne() { monitor.signal(monitor[0]) }

    /// Waits until `body` has an answer; asks again after every signal, and when the milliseconds that the last
    /// call answered have passed.
    ///
    /// - Parameter body: answers with a result, or with how long to wait at most, nil for ever.
    /// - Returns: the result.
    @inlinable
    package func wait<Result>(until body: (inout Value) -> Waiting<Result>) -> Result {
        monitor.lock()
        defer { monitor.unlock() }
        while true {
            switch body(&value.pointee) {
            case .done(let result): return result
            case .again(let millis): wait(atMost: millis)
            }
        }
    }

    @usableFromInline
    func wait(atMost millis: UInt64?) {
        guard let millis else { return monitor.wait(for: monitor[0]) }
        monitor.wait(for: monitor[0], until: monotonicMillis() + min(millis, 3_600_000))
    }
}

/// What a waiter's question was answered with.
@frozen
package enum Waiting<Result> {
    /// There is an answer.
    case done(Result)
    /// Ask again at the next signal, or after so many milliseconds.
    case again(UInt64?)
}
