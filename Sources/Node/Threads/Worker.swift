import Gateway
import Glibc
import Synchronization
import Threads

/// A thread that carries out jobs one after another, in the order in which they were handed over.
///
/// A hand-over to a sleeping thread costs one futex wake-up; there is no polling.
final class Worker: @unchecked Sendable {
    private let queue: JobQueue
    private let thread: SystemThread
    private let isStopped = Atomic(false)

    /// Starts the thread.
    init(named name: String) {
        queue = JobQueue()
        thread = SystemThread(named: name) { [queue] in queue.run() }
    }

    /// Hands over a job; if it does not wake the thread, ``wake()`` or ``runWaiting()`` follows.
    func submit(wakes: Bool = true, _ job: @escaping @Sendable () -> Void) {
        queue.push(job, wakes: wakes)
    }

    /// Wakes the thread for the jobs that did not.
    func wake() { queue.wake() }

    /// Runs what waits on the caller's thread, unless somebody is at it, who then goes on with it.
    ///
    /// Where a job takes less time than it takes to wake a thread, this spares it.
    func runWaiting() { queue.help() }

    /// Lets the jobs that were handed over finish, then ends the thread; the first time only.
    func stop() {
        queue.close()
        // The system may have given the handle of a thread that was waited for to another one since.
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        thread.join()
    }
}

/// Threads that share one queue of jobs; jobs may run at the same time.
final class WorkerPool: @unchecked Sendable {
    private let queue = JobQueue()
    private var threads: [SystemThread] = []
    /// How many threads there are.
    let count: Int

    /// Starts so many threads.
    ///
    /// - Parameters:
    ///   - name: their name, of which each bears its number, as `verify-0`.
    ///   - count: how many.
    ///   - keepToProcessors: whether each keeps to one processor, where there is one for each. Whoever is free
    ///     takes the next job, so that a processor that has other work does less of this. Left to itself the system lets
    ///     two threads that compute share a processor for milliseconds beside one that is idle. Threads that
    ///     these start would keep to it too.
    init(named name: String, count: Int, keepToProcessors: Bool = false) {
        self.count = max(count, 1)
        let processors = Processors.usable
        let keeps = keepToProcessors && processors.count == self.count
        for number in 0..<self.count {
            threads.append(
                SystemThread(named: "\(name)-\(number)") { [queue] in
                    if keeps { Processors.keep(to: processors[number]) }
                    queue.run()
                })
        }
    }

    /// Hands over a job; `first` goes before all that wait and are not first themselves.
    func submit(first: Bool = false, _ job: @escaping @Sendable () -> Void) {
        queue.push(job, first: first)
    }

    /// Hands over a job of one of several callers, who take turns behind all other jobs.
    func submit(of caller: Submitter, _ job: @escaping @Sendable () -> Void) {
        queue.push(job, of: caller)
    }

    /// Drops the jobs of a caller that do not run yet.
    func drop(of caller: Submitter) { queue.drop(of: caller) }

    /// Lets the jobs that were handed over finish, then ends the threads.
    func stop() {
        queue.close()
        for thread in threads { thread.join() }
        threads = []
    }
}

/// Jobs in order, with one lock and one condition.
private final class JobQueue: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs = Line()
    /// What goes before ``jobs``.
    private var firstJobs = Line()
    /// What goes behind ``jobs``, one caller's after the other's.
    private var callersJobs = FairQueue<Submitter, @Sendable () -> Void>()
    private var isClosed = false
    /// How many threads of the queue's own run a job.
    private var running = 0
    /// Whether another thread runs jobs, and the queue's own must not.
    private var isHelped = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func push(
        _ job: @escaping @Sendable () -> Void, first: Bool = false, wakes: Bool = true
    ) {
        pthread_mutex_lock(mutex)
        if first { firstJobs.append(job) } else { jobs.append(job) }
        pthread_mutex_unlock(mutex)
        if wakes { pthread_cond_signal(condition) }
    }

    func wake() { pthread_cond_signal(condition) }

    func push(_ job: @escaping @Sendable () -> Void, of caller: Submitter) {
        pthread_mutex_lock(mutex)
        callersJobs.append(job, of: caller)
        pthread_mutex_unlock(mutex)
        pthread_cond_signal(condition)
    }

    func drop(of caller: Submitter) {
        pthread_mutex_lock(mutex)
        let dropped = callersJobs.removeAll(of: caller)
        pthread_mutex_unlock(mutex)
        // Not before: what they hold may hand over others as it goes.
        _ = consume dropped
    }

    private func next() -> (@Sendable () -> Void)? {
        firstJobs.popFirst() ?? jobs.popFirst() ?? callersJobs.next()
    }

    /// Runs a job without the lock, and lets go of it before it takes the lock again: the last who holds what the
    /// job held may hand over others as it goes.
    private func unlocked(_ job: consuming @escaping @Sendable () -> Void) {
        pthread_mutex_unlock(mutex)
        job()
        _ = consume job
        pthread_mutex_lock(mutex)
    }

    func help() {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard running == 0, !isHelped else { return }
        isHelped = true
        while let job = next() {
            unlocked(consume job)
        }
        isHelped = false
        if isClosed { pthread_cond_broadcast(condition) }
    }

    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_mutex_unlock(mutex)
        pthread_cond_broadcast(condition)
    }

    func run() {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if !isHelped, let job = next() {
                running += 1
                unlocked(consume job)
                running -= 1
            } else if isClosed, !isHelped {
                return
            } else {
                pthread_cond_wait(condition, mutex)
            }
        }
    }

    /// Jobs in order.
    private struct Line {
        private var jobs: [(@Sendable () -> Void)?] = []
        private var start = 0

        mutating func append(_ job: @escaping @Sendable () -> Void) { jobs.append(job) }

        mutating func popFirst() -> (@Sendable () -> Void)? {
            guard start < jobs.count else { return nil }
            let job = jobs[start]
            // Whoever runs it lets go of it, without the lock.
            jobs[start] = nil
            start += 1
            if start == jobs.count {
                jobs.removeAll(keepingCapacity: true)
                start = 0
            } else if start >= 1024 {
                jobs.removeFirst(start)
                start = 0
            }
            return job
        }
    }
}
