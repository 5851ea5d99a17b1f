import Glibc

/// One thread that runs jobs after a delay; for deadlines of waiting clients.
final class WaitTimer: @unchecked Sendable {
    fileprivate struct Contents {
        /// A heap by deadline, the earliest first.
        var jobs: [(deadline: UInt64, job: @Sendable () -> Void)] = []
        var isStopping = false
    }

    private let contents = Locked(Contents())
    private var thread = pthread_t()

    /// Starts the thread.
    func start() {
        thread = startThread { [contents] in Self.run(contents) }
    }

    /// Runs a job after so many milliseconds; 0 runs it at once on this thread.
    func after(_ millis: UInt64, _ job: @escaping @Sendable () -> Void) {
        guard millis > 0 else { return job() }
        let deadline = Self.now + min(millis, 86_400_000)
        // The thread waits for the earliest one; who waits for a receipt mostly is not that.
        contents.with(signalIf: { $0.jobs[0].deadline == deadline }) { contents in
            var index = contents.jobs.count
            contents.jobs.append((deadline, job))
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
            let job = contents.wait { contents -> Waiting<(@Sendable () -> Void)?> in
                guard let first = contents.jobs.first else {
                    return contents.isStopping ? .done(nil) : .again(nil)
                }
                let now = now
                guard first.deadline <= now || contents.isStopping else {
                    return .again(first.deadline - now)
                }
                return .done(contents.removeFirst())
            }
            guard let job else { return }
            job()
        }
    }
}

extension WaitTimer.Contents {
    fileprivate mutating func removeFirst() -> @Sendable () -> Void {
        let first = jobs[0].job
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
