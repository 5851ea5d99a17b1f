import Glibc

/// A thread that carries out jobs one after another, in the order in which they were handed over.
///
/// A hand-over to a sleeping thread costs one futex wake-up; there is no polling.
final class Worker: @unchecked Sendable {
    private let queue: JobQueue
    private var thread = pthread_t()

    /// Starts the thread.
    init() {
        queue = JobQueue()
        thread = startThread { [queue] in queue.run() }
    }

    /// Hands over a job.
    func submit(_ job: @escaping @Sendable () -> Void) { queue.push(job) }

    /// Lets the jobs that were handed over finish, then ends the thread.
    func stop() {
        queue.close()
        pthread_join(thread, nil)
    }
}

/// Threads that share one queue of jobs; jobs may run at the same time.
final class WorkerPool: @unchecked Sendable {
    private let queue = JobQueue()
    private var threads: [pthread_t] = []
    /// How many threads there are.
    let count: Int

    /// Starts so many threads.
    init(count: Int) {
        self.count = max(count, 1)
        for _ in 0..<self.count {
            threads.append(startThread { [queue] in queue.run() })
        }
    }

    /// Hands over a job.
    func submit(_ job: @escaping @Sendable () -> Void) { queue.push(job) }

    /// Lets the jobs that were handed over finish, then ends the threads.
    func stop() {
        queue.close()
        for thread in threads { pthread_join(thread, nil) }
        threads = []
    }
}

/// Jobs in order, with one lock and one condition.
private final class JobQueue: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [@Sendable () -> Void] = []
    private var start = 0
    private var isClosed = false

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

    func push(_ job: @escaping @Sendable () -> Void) {
        pthread_mutex_lock(mutex)
        jobs.append(job)
        pthread_mutex_unlock(mutex)
        pthread_cond_signal(condition)
    }

    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_mutex_unlock(mutex)
        pthread_cond_broadcast(condition)
    }

    func run() {
        while let job = next() { job() }
    }

    private func next() -> (@Sendable () -> Void)? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while start == jobs.count {
            if isClosed { return nil }
            pthread_cond_wait(condition, mutex)
        }
        let job = jobs[start]
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

/// Starts a joinable thread.
func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(Box(body)).toOpaque()
    let result = pthread_create(
        &thread, nil,
        { argument in
            if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        }, argument)
    precondition(result == 0, "the system refused a thread: \(result)")
    return thread
}
