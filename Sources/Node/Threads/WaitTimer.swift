import Glibc

/// One thread that runs jobs after a delay; for deadlines of waiting clients.
final class WaitTimer: @unchecked Sendable {
    fileprivate struct Job: Sendable {
        let deadline: UInt64
        let isOver: @Sendable () -> Bool
        let run: @Sendable () -> Void
    }

    fileprivate struct Contents {
        /// A heap by deadline, the earliest first.
        var jobs: [Job] = []
        /// How many there may be, and until when, until those that are over are looked for.
        var sweepAt = WaitTimer.fewJobs
        var sweepOn: UInt64 = 0
        var isStopping = false
    }

    /// Jobs among which those that are over are only looked for now and then.
    static let fewJobs = 4096
    /// Milliseconds between two looks.
    private static let sweepMillis: UInt64 = 1000

    private let contents = Locked(Contents())
    private var thread = pthread_t()

    /// Starts the thread.
    func start() {
        thread = startThread { [contents] in Self.run(contents) }
    }

    /// Jobs that wait.
    var count: Int { contents.with { $0.jobs.count } }

    /// Runs a job after so many milliseconds; 0 runs it at once on this thread.
    ///
    /// - Parameters:
    ///   - millis: when.
    ///   - isOver: whether nobody waits for it any more, so that it may be run earlier. Asked every second, and
    ///     when there are twice as many as there were that were not over: most who wait have an answer long
    ///     before their time.
    ///   - job: what to run.
    func after(
        _ millis: UInt64, isOver: @escaping @Sendable () -> Bool = { false },
        _ job: @escaping @Sendable () -> Void
    ) {
        guard millis > 0 else { return job() }
        let deadline = Self.now + min(millis, 86_400_000)
        // The thread waits for the earliest one; who waits for a receipt mostly is not that.
        contents.with(signalIf: { $0.jobs[0].deadline == deadline || $0.isFull }) { contents in
            var index = contents.jobs.count
            contents.jobs.append(Job(deadline: deadline, isOver: isOver, run: job))
            while index > 0, contents.jobs[(index - 1) / 2].deadline > deadline {
                contents.jobs.swapAt(index, (index - 1) / 2)
                index = (index - 1) / 2
            }
        }
    }

    /// Runs what is left at once and ends the thread.
    func stop() {
        contents.withSignal { $0.isStopping = true }
        pthread_join(thread, nil)
    }

    /// Milliseconds of a clock that never goes back.
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1000 + UInt64(time.tv_nsec) / 1_000_000
    }

    private static func run(_ contents: Locked<Contents>) {
        while true {
            let due = contents.wait { contents -> Waiting<[Job]> in
                guard let first = contents.jobs.first else {
                    return contents.isStopping ? .done([]) : .again(nil)
                }
                let now = now
                if first.deadline <= now || contents.isStopping {
                    return .done([contents.removeFirst()])
                }
                if contents.isFull || contents.sweepOn <= now {
                    contents.sweepOn = now + sweepMillis
                    return .done(contents.removeOver())
                }
                return .again(min(first.deadline, contents.sweepOn) - now)
            }
            for job in due { job.run() }
            if due.isEmpty, contents.with({ $0.isStopping && $0.jobs.isEmpty }) { return }
        }
    }
}

extension WaitTimer.Contents {
    /// Whether it is time to look for jobs that are over.
    fileprivate var isFull: Bool { jobs.count >= sweepAt }

    /// Takes out the jobs that are over.
    fileprivate mutating func removeOver() -> [WaitTimer.Job] {
        var over: [WaitTimer.Job] = []
        var left: [WaitTimer.Job] = []
        for job in jobs { if job.isOver() { over.append(job) } else { left.append(job) } }
        // What is in order is a heap.
        if !over.isEmpty { jobs = left.sorted { $0.deadline < $1.deadline } }
        sweepAt = max(WaitTimer.fewJobs, 2 * jobs.count)
        return over
    }

    fileprivate mutating func removeFirst() -> WaitTimer.Job {
        let first = jobs[0]
        jobs[0] = jobs[jobs.count - 1]
        jobs.removeLast()
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < jobs.count {
                if jobs[child].deadline < jobs[least].deadline { least = child }
            }
            guard least != index else { return first }
            jobs.swapAt(index, least)
            index = least
        }
    }
}
