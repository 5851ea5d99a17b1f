/// Who waits in a ``FairQueue``: one of perhaps many callers of a client.
package protocol TurnTaker: Hashable, Sendable {
    associatedtype Client: Hashable, Sendable
    /// Whose turn the caller takes.
    var client: Client { get }
}

/// Jobs of several callers, each caller's in order: the clients in turns, and in a client's turns its callers.
///
/// However much one client asks for, and by however many connections, another waits for one job of each client
/// before it. Every request passes through one, in other modules: inlinable, so that it is compiled for their
/// jobs.
package struct FairQueue<Caller: TurnTaker, Job> {
    @usableFromInline var jobs: [Caller: Queue<Job>] = [:]
    /// The callers of each client that have jobs, whoever is next first.
    @usableFromInline var callers: [Caller.Client: Queue<Caller>] = [:]
    /// The clients whose callers have jobs, whoever is next first.
    @usableFromInline var turns = Queue<Caller.Client>()

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
        guard Self.append(job, to: &jobs, at: caller) else { return }
        guard Self.append(caller, to: &callers, at: caller.client) else { return }
        turns.append(caller.client)
    }

    /// Takes the next job, nil if none waits.
    @inlinable
    package mutating func next() -> Job? {
        while let client = turns.popFirst() {
            let job = next(of: client)
            if callers[client]?.isEmpty ?? true {
                callers[client] = nil
            } else {
                turns.append(client)
            }
            if let job { return job }
        }
        return nil
    }

    /// Takes the next job of a client; nil if all of its callers are gone.
    @inlinable
    mutating func next(of client: Caller.Client) -> Job? {
        while let caller = callers[client]?.popFirst() {
            guard let job = jobs[caller]?.popFirst() else { continue }
            waiting -= 1
            if jobs[caller]?.isEmpty ?? true {
                jobs[caller] = nil
            } else {
                callers[client]?.append(caller)
            }
            return job
        }
        return nil
    }

    /// Takes out all jobs of a caller that is gone.
    ///
    /// Its place among the callers stays until its turn, which is passed over.
    @inlinable
    package mutating func removeAll(of caller: Caller) -> Queue<Job>? {
        let removed = jobs.removeValue(forKey: caller)
        waiting -= removed?.count ?? 0
        return removed
    }

    /// Puts one more at the end of a line.
    ///
    /// - Returns: whether it is the line's first.
    @inlinable
    static func append<Key, Element>(
        _ element: Element, to lines: inout [Key: Queue<Element>], at key: Key
    ) -> Bool {
        // Appended in place where there is a line; nil says that there is none.
        if lines[key]?.append(element) != nil { return false }
        var line = Queue<Element>()
        line.append(element)
        lines[key] = line
        return true
    }
}
