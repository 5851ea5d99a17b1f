/// One thread that runs jobs after a delay; for deadlines of waiting clients.
package final class WaitTimer: @unchecked Sendable {
    // `@unchecked`: who starts the timer has it alone, and who stops it is the last.
    fileprivate struct Job: Sendable {
        let deadline: UInt64
        let isOver: @Sendable () -> Bool
        let run: @Sendable () -> Void
    }

    fileprivate struct Contents {
        /// A heap by deadline, the earliest first.
        var jobs: [Job] = []
        /// How many are looked through elsewhere at the moment.
        var aside = 0
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
    private let name: String
    private var thread: SystemThread?

    /// Makes a timer whose thread does not run yet.
    package init(named name: String) { self.name = name }

    /// Starts the thread.
    package func start() {
        thread = SystemThread(named: name) { [contents] in Self.run(contents) }
    }

    /// Jobs that wait.
    package var count: Int { contents.with { $0.jobs.count + $0.aside } }

    /// Runs a job after so many milliseconds; 0 runs it at once on this thread.
    ///
    /// - Parameters:
    ///   - millis: when.
    ///   - isOver: whether nobody waits for it any more, so that it may be run earlier. Asked every second, and
    ///     when there are twice as many as there were that were not over: most who wait have an answer long
    ///     before their time.
    ///   - job: what to run.
    package func after(
        _ millis: UInt64, isOver: @escaping @Sendable () -> Bool = { false },
        _ job: @escaping @Sendable () -> Void
    ) {
        guard millis > 0 else { return job() }
        let deadline = monotonicMillis() + min(millis, 86_400_000)
        // The thread waits for the earliest one; who waits for a receipt mostly is not that.
        contents.with(signalIf: { $0.jobs[0].deadline == deadline || $0.isFull }) { contents in
            contents.insert(Job(deadline: deadline, isOver: isOver, run: job))
        }
    }

    /// Runs what is left at once and ends the thread.
    package func stop() {
        contents.withSignal { $0.isStopping = true }
        thread?.join()
    }

    private static func run(_ contents: Locked<Contents>) {
        while true {
            let step = contents.wait { contents -> Waiting<Step> in
                guard let first = contents.jobs.first else {
                    return contents.isStopping ? .done(.end) : .again(nil)
                }
                let now = monotonicMillis()
                if first.deadline <= now || contents.isStopping {
                    return .done(.run(contents.removeFirst()))
                }
                if contents.isFull || contents.sweepOn <= now {
                    contents.sweepOn = now + sweepMillis
                    return .done(.sweep(contents.setAside()))
                }
                return .again(min(first.deadline, contents.sweepOn) - now)
            }
            switch step {
            case .run(let job): job.run()
            case .sweep(let jobs): sweep(jobs, contents)
            case .end: return
            }
        }
    }

    private enum Step {
        case run(Job)
        case sweep([Job])
        case end
    }

    /// Runs those of the jobs that are over, and puts the others back.
    ///
    /// They are asked without the lock: each takes others' locks to tell, and who begins to wait needs this one.
    private static func sweep(_ jobs: [Job], _ contents: Locked<Contents>) {
        var over: [Job] = []
        var left: [Job] = []
        for job in jobs { if job.isOver() { over.append(job) } else { left.append(job) } }
        // What is in order is a heap.
        let heap = over.isEmpty ? jobs : left.sorted { $0.deadline < $1.deadline }
        contents.with { $0.putBack(heap) }
        for job in over { job.run() }
    }
}

extension WaitTimer.Contents {
    /// Whether it is time to look for jobs that are over.
    fileprivate var isFull: Bool { jobs.count >= sweepAt }

    fileprivate mutating func insert(_ job: WaitTimer.Job) {
        var index = jobs.count
        jobs.append(job)
        while index > 0, jobs[(index - 1) / 2].deadline > job.deadline {
            jobs.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Takes all jobs out, to be looked through.
    fileprivate mutating func setAside() -> [WaitTimer.Job] {
        defer { jobs = [] }
        aside = jobs.count
        return jobs
    }

    /// Puts a heap of jobs back to those that came meanwhile.
    fileprivate mutating func putBack(_ heap: [WaitTimer.Job]) {
        let new = jobs
        jobs = heap
        aside = 0
        for job in new { insert(job) }
        sweepAt = max(WaitTimer.fewJobs, 2 * jobs.count)
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
