import Glibc

/// A mutual exclusion lock around a value that is not `Sendable`, with a condition to wait for.
final class Locked<Value>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var value: Value

    /// Guards a value, which nobody else may hold.
    init(_ value: consuming Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // A deadline must not move when somebody sets the wall clock.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` alone.
    func with<Result, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }

    /// Runs `body` alone, unless another thread is at it: then it gives nil at once.
    func tryWith<Result>(_ body: (inout Value) -> Result) -> Result? {
        guard pthread_mutex_trylock(mutex) == 0 else { return nil }
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }

    /// Runs `body` alone, then wakes everybody who waits.
    func withSignal<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        let result = body(&value)
        pthread_mutex_unlock(mutex)
        pthread_cond_broadcast(condition)
        return result
    }

    /// Runs `body` alone, then wakes everybody who waits if the value as it is then concerns them.
    func with<Result>(
        signalIf concerns: (Value) -> Bool, _ body: (inout Value) -> Result
    ) -> Result {
        pthread_mutex_lock(mutex)
        let result = body(&value)
        let concerns = concerns(value)
        pthread_mutex_unlock(mutex)
        if concerns { pthread_cond_broadcast(condition) }
        return result
    }

    /// Waits until `body` has an answer; asks again after every signal, and when `timeoutMillis`, as
    /// answered by the last call, has passed.
    ///
    /// - Parameter body: answers with a result, or with how long to wait at most, nil for ever.
    /// - Returns: the result.
    func wait<Result>(until body: (inout Value) -> Waiting<Result>) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            switch body(&value) {
            case .done(let result): return result
            case .again(nil): pthread_cond_wait(condition, mutex)
            case .again(let millis?):
                var deadline = timespec()
                clock_gettime(CLOCK_MONOTONIC, &deadline)
                let wait = min(millis, 3_600_000)
                deadline.tv_sec += Int(wait / 1000)
                deadline.tv_nsec += Int(wait % 1000) * 1_000_000
                if deadline.tv_nsec >= 1_000_000_000 {
                    deadline.tv_sec += 1
                    deadline.tv_nsec -= 1_000_000_000
                }
                pthread_cond_timedwait(condition, mutex, &deadline)
            }
        }
    }
}

/// What a waiter's question was answered with.
enum Waiting<Result> {
    /// There is an answer.
    case done(Result)
    /// Ask again at the next signal, or after so many milliseconds.
    case again(UInt64?)
}
