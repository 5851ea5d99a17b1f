import NIOCore

/// Jobs of several callers, each caller's in order, the callers in turns.
///
/// However much one caller asks for, another waits for one job of each of those before it. Every request passes
/// through one, in other modules too: inlinable, so that it is compiled for their jobs.
package struct FairLine<Caller: Hashable, Job> {
    @usableFromInline var jobs: [Caller: CircularBuffer<Job>] = [:]
    /// The callers that have jobs, whoever is next first.
    @usableFromInline var turns = CircularBuffer<Caller>()

    @usableFromInline var waiting = 0

    /// How many jobs wait.
    @inlinable
    package var count: Int { waiting }

    @inlinable
    package init() {}

    /// How many jobs of one caller wait.
    @inlinable
    package func count(of caller: Caller) -> Int { jobs[caller]?.count ?? 0 }

    @inlinable
    package mutating func append(_ job: Job, of caller: Caller) {
        waiting += 1
        // Appended in place where the caller has jobs; nil says that it has none.
        if jobs[caller]?.append(job) != nil { return }
        // The first of mostly one; a buffer always has a place more than jobs.
        var first = CircularBuffer<Job>(initialCapacity: 2)
        first.append(job)
        jobs[caller] = first
        turns.append(caller)
    }

    /// Takes the next job, nil if none waits.
    @inlinable
    package mutating func next() -> Job? {
        guard let caller = turns.popFirst() else { return nil }
        let job = jobs[caller]?.popFirst()
        if jobs[caller]?.isEmpty ?? true {
            jobs[caller] = nil
        } else {
            turns.append(caller)
        }
        waiting -= 1
        return job
    }
}
