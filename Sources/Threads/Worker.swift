import Synchronization

/// A thread that carries out jobs one after another, in the order in which they were handed over.
///
/// A hand-over to a sleeping thread costs one futex wake-up; there is no polling.
package final class Worker: Sendable {
    package typealias Job = @Sendable () -> Void

    private struct Jobs {
        var waiting = Queue<Job>()
        /// Whether the thread runs one.
        var isRunning = false
        /// Whether another thread runs jobs, and the worker's own must not.
        var isHelped = false
        var isClosed = false

        /// What the thread does next, which asks when it runs nothing; nil to end.
        mutating func next() -> Waiting<Job?> {
            isRunning = false
            guard !isHelped else { return .again(nil) }
            guard let job = waiting.popFirst() else { return isClosed ? .done(nil) : .again(nil) }
            isRunning = true
            return .done(job)
        }

        /// What a thread does next that helps, or begins to; nil if it is not to.
        mutating func next(helping: inout Bool) -> Job? {
            guard helping || (!isRunning && !isHelped) else { return nil }
            let job = waiting.popFirst()
            helping = job != nil
            isHelped = helping
            return job
        }
    }

    private let jobs: Locked<Jobs>
    private let thread: SystemThread
    private let isStopped = Atomic(false)

    /// Starts the thread.
    ///
    /// - Parameter name: the thread's, at most 15 bytes.
    package init(named name: String) {
        let jobs = Locked(Jobs())
        self.jobs = jobs
        thread = SystemThread(named: name) {
            // It lets go of a job before it takes the lock again: the last who holds what the job held may hand
            // over others as it goes. So does whoever helps.
            while let job = jobs.wait(until: { $0.next() }) { job() }
        }
    }

    /// Hands over a job; if it does not wake the thread, ``wake()`` or ``runWaiting()`` follows.
    package func submit(wakes: Bool = true, _ job: @escaping Job) {
        jobs.with { $0.waiting.append(job) }
        if wakes { wake() }
    }

    /// Wakes the thread for the jobs that did not.
    package func wake() { jobs.signalOne() }

    /// Runs what waits on the caller's thread, unless somebody is at it, who then goes on with it.
    ///
    /// Where a job takes less time than it takes to wake a thread, this spares it.
    package func runWaiting() {
        var helping = false
        // The thread does not end while it is helped.
        while let job = jobs.with(
            signalIf: { $0.isClosed && !$0.isHelped }, { $0.next(helping: &helping) })
        {
            job()
        }
    }

    /// Lets the jobs that were handed over finish, then ends the thread; the first time only.
    package func stop() {
        jobs.withSignal { $0.isClosed = true }
        // The system may have given the handle of a thread that was waited for to another one since.
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        thread.join()
    }
}
