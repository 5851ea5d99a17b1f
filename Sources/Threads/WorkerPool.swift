import Synchronization

/// Threads that share what is to be done; jobs may run at the same time.
///
/// Those of callers come behind all others, and the callers take turns. Every request passes through a pool: inlinable,
/// so that it is compiled for its callers.
package final class WorkerPool<Caller: TurnTaker>: Sendable {
    package typealias Job = @Sendable () -> Void

    @usableFromInline
    struct Jobs {
        /// What goes before all others.
        @usableFromInline var first = Queue<Job>()
        /// What is nobody's in particular.
        @usableFromInline var others = Queue<Job>()
        @usableFromInline var callers = FairQueue<Caller, Job>()
        /// Whether a thread for which there is nothing ends.
        @usableFromInline var isClosed = false
        /// Whether what comes is dropped.
        @usableFromInline var isDropping = false

        @inlinable
        init() {}

        /// What a thread does next; nil to end.
        @inlinable
        mutating func next() -> Waiting<Job?> {
            if let job = first.popFirst() ?? others.popFirst() ?? callers.next() {
                return .done(job)
            }
            return isClosed ? .done(nil) : .again(nil)
        }
    }

    @usableFromInline let jobs: Locked<Jobs>
    @usableFromInline let threads: [SystemThread]
    @usableFromInline let isStopped = Atomic(false)
    /// How many threads there are.
    package var count: Int { threads.count }

    /// Starts so many threads.
    ///
    /// - Parameters:
    ///   - name: their name, of which each bears its number, as `verify-0`; 15 bytes with it.
    ///   - count: how many; one for less.
    ///   - keepToProcessors: whether each keeps to one processor, where there is one for each. Whoever is free
    ///     takes the next job, so that a processor that has other work does less of this. Left to itself the system lets
    ///     two threads that compute share a processor for milliseconds beside one that is idle. Threads that
    ///     these start would keep to it too.
    @inlinable
    package init(named name: String, count: Int, keepToProcessors: Bool = false) {
        let jobs = Locked(Jobs())
        self.jobs = jobs
        threads = SystemThread.start(
            max(count, 1), named: name, keepToProcessors: keepToProcessors
        ) {
            // Each lets go of its job before it takes the lock again: the last who holds what the job held may hand
            // over others as it goes.
            while let job = jobs.wait(until: { $0.next() }) { job() }
        }
    }

    /// Hands over a job; `first` goes before all that wait and are not first themselves.
    @inlinable
    package func submit(first: Bool = false, _ job: @escaping Job) {
        jobs.with { jobs in
            guard !jobs.isDropping else { return }
            if first { jobs.first.append(job) } else { jobs.others.append(job) }
        }
        jobs.signalOne()
    }

    /// Hands over a job of one of several callers, who take turns behind all other jobs.
    @inlinable
    package func submit(of caller: Caller, _ job: @escaping Job) {
        jobs.with { if !$0.isDropping { $0.callers.append(job, of: caller) } }
        jobs.signalOne()
    }

    /// How many jobs of a caller wait, and how many of all callers.
    @inlinable
    package func waiting(of caller: Caller) -> (own: Int, all: Int) {
        jobs.with { ($0.callers.count(of: caller), $0.callers.count) }
    }

    /// Drops the jobs of a caller that do not run yet.
    @inlinable
    package func drop(of caller: Caller) {
        // They go once the lock is free: what they hold may hand over others as it goes.
        _ = jobs.with { $0.callers.removeAll(of: caller) }
    }

    /// Ends the threads, and waits for the jobs that run; the first time only.
    ///
    /// - Parameter dropping: whether the jobs that wait, and whatever comes, are dropped; else they are run before.
    @inlinable
    package func stop(dropping: Bool = false) {
        let dropped = jobs.withSignal { jobs -> Jobs? in
            jobs.isClosed = true
            guard dropping else { return nil }
            defer { (jobs.first, jobs.others, jobs.callers) = (Queue(), Queue(), FairQueue()) }
            jobs.isDropping = true
            return jobs
        }
        // As with those of one caller.
        _ = consume dropped
        // The system may have given the handle of a thread that was waited for to another one since.
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        for thread in threads { thread.join() }
    }
}

extension Never: TurnTaker {
    /// There is no client either: of a pool in which nobody takes turns.
    package var client: Never { switch self {} }
}

extension SystemThread {
    /// Starts threads that do the same, each with its number behind its name.
    @usableFromInline
    static func start(
        _ count: Int, named name: String, keepToProcessors: Bool,
        _ body: @escaping @Sendable () -> Void
    ) -> [SystemThread] {
        let processors = Processors.usable
        let keeps = keepToProcessors && processors.count == count
        return (0..<count).map { number in
            SystemThread(named: "\(name)-\(number)") {
                if keeps { Processors.keep(to: processors[number]) }
                body()
            }
        }
    }
}
