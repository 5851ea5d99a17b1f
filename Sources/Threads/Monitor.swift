import Glibc

/// A lock with conditions to wait for, handed from thread to thread by the kernel without polling.
package final class Monitor: @unchecked Sendable {
    // `@unchecked`: the pointers never change, and what they point to is the system's, for all threads.

    /// Something that threads wait for.
    package struct Condition: @unchecked Sendable {
        // `@unchecked`: as the monitor.
        fileprivate let handle: UnsafeMutablePointer<pthread_cond_t>
    }

    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let conditions: [UnsafeMutablePointer<pthread_cond_t>]

    /// Makes an open lock with so many conditions.
    package init(conditions count: Int) {
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // A deadline must not move when somebody sets the wall clock.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        defer { pthread_condattr_destroy(&attributes) }
        conditions = (0..<count).map { _ in
            let handle = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
            pthread_cond_init(handle, &attributes)
            return handle
        }
    }

    deinit {
        for handle in conditions {
            pthread_cond_destroy(handle)
            handle.deallocate()
        }
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// One of the conditions, which count from 0.
    package subscript(condition: Int) -> Condition { Condition(handle: conditions[condition]) }

    /// Closes the lock, waiting until it is open.
    @inlinable
    package func lock() { pthread_mutex_lock(mutex) }
    /// Closes the lock if it is open; says whether it was.
    @inlinable
    package func tryLock() -> Bool { pthread_mutex_trylock(mutex) == 0 }
    /// Opens the lock.
    @inlinable
    package func unlock() { pthread_mutex_unlock(mutex) }
    /// Wakes one of those who wait for a condition.
    package func signal(_ condition: Condition) { pthread_cond_signal(condition.handle) }
    /// Wakes all who wait for a condition.
    package func broadcast(_ condition: Condition) { pthread_cond_broadcast(condition.handle) }

    /// Opens the lock, waits for a signal, and closes it again; may return without a signal.
    package func wait(for condition: Condition) { pthread_cond_wait(condition.handle, mutex) }

    /// The same, no longer than until a time of ``monotonicMillis()``.
    package func wait(for condition: Condition, until time: UInt64) {
        guard time < .max / 2 else { return wait(for: condition) }
        var limit = timespec(
            tv_sec: Int(time / 1_000), tv_nsec: Int(time % 1_000) * 1_000_000)
        pthread_cond_timedwait(condition.handle, mutex, &limit)
    }
}

/// Milliseconds of a clock that never goes back.
package func monotonicMillis() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
}
