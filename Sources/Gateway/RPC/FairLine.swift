import NIOCore

/// Jobs of several callers, each caller's in order, the callers in turns.
///
/// However much one caller asks for, another waits for one job of each of those before it.
package struct FairLine<Caller: Hashable, Job> {
    private var jobs: [Caller: CircularBuffer<Job>] = [:]
    /// The callers that have jobs, whoever is next first.
    private var turns = CircularBuffer<Caller>()

    /// How many jobs wait.
    package private(set) var count = 0

    package init() {}

    /// How many jobs of one caller wait.
    package func count(of caller: Caller) -> Int { jobs[caller]?.count ?? 0 }

    package mutating func append(_ job: Job, of caller: Caller) {
        if jobs[caller] == nil {
            jobs[caller] = CircularBuffer(initialCapacity: 1)
            turns.append(caller)
        }
        jobs[caller]?.append(job)
        count += 1
    }

    /// Takes the next job, nil if none waits.
    package mutating func next() -> Job? {
        guard let caller = turns.popFirst() else { return nil }
        let job = jobs[caller]?.popFirst()
        if jobs[caller]?.isEmpty ?? true {
            jobs[caller] = nil
        } else {
            turns.append(caller)
        }
        count -= 1
        return job
    }
}
