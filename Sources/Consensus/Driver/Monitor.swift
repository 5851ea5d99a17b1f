import Glibc

/// A lock with conditions to wait for, handed from thread to thread by the kernel without polling.
final class Monitor: @unchecked Sendable {
    /// Something that threads wait for.
    struct Condition: @unchecked Sendable {
        fileprivate let handle: UnsafeMutablePointer<pthread_cond_t>
    }

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let conditions: [UnsafeMutablePointer<pthread_cond_t>]

    /// Makes an open lock with so many conditions.
    init(conditions count: Int) {
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
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

    subscript(condition: Int) -> Condition { Condition(handle: conditions[condition]) }

    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }
    func signal(_ condition: Condition) { pthread_cond_signal(condition.handle) }
    func broadcast(_ condition: Condition) { pthread_cond_broadcast(condition.handle) }

    /// Opens the lock, waits for a signal, and closes it again; may return without a signal.
    func wait(for condition: Condition) { pthread_cond_wait(condition.handle, mutex) }

    /// The same, no longer than until a time in milliseconds of ``now``.
    func wait(for condition: Condition, until time: UInt64) {
        guard time < .max / 2 else { return wait(for: condition) }
        var limit = timespec(
            tv_sec: Int(time / 1_000), tv_nsec: Int(time % 1_000) * 1_000_000)
        pthread_cond_timedwait(condition.handle, mutex, &limit)
    }

    /// Milliseconds of a clock that never goes back.
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }
}
