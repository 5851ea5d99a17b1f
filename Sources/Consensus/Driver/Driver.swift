import Ledger

/// Orders an application's entries with Raft: submitted on the leader, durable on a majority, handed to
/// every node's application in the same order.
///
/// The rules are ``DriverState``'s. This class gives them a lock, a disk, a clock and threads: two that
/// write (one appends while the other syncs), one that delivers, one that waits for deadlines. A submit
/// runs on its caller's thread, so on an idle node an entry crosses two threads: to a writer, and from
/// it, once synced, to the application.
public final class Driver: @unchecked Sendable {
    /// What a driver needs to know.
    public struct Options: Sendable {
        /// The ledger and the node.
        public var owner: LogOwner
        /// The members with which an empty log begins, the same on each of them; nil on a node that
        /// joins later and gets its log from the leader.
        public var founders: Membership?
        /// The last entry whose effects the application has; 0 for none.
        public var applied: LogIndex
        /// How the log is laid out.
        public var log = SegmentedLog.Options()
        /// How the core measures time.
        public var timing = CRaftCore.Timing()

        /// Describes a node; a group of its own unless `founders` says otherwise.
        public init(owner: LogOwner, founders: Membership? = nil, applied: LogIndex = 0) {
            self.owner = owner
            self.founders = founders
            self.applied = applied
        }
    }

    /// What became of a submitted entry.
    public enum Submission: Equatable, Sendable {
        /// It stands in the leader's log; it is final once it is delivered with this index and term.
        case accepted(index: LogIndex, term: Term)
        /// This node does not lead.
        case notLeader(leader: NodeID?)
        /// Another change of members is under way, or the leader is too new for one: ask again.
        case changeUnderWay
        /// More than one voter would come or go, or only one would be left of several.
        case unsuitableMembers
        /// The driver has stopped.
        case stopped
    }

    /// How things stand.
    public struct Status: Equatable, Sendable {
        /// What this node believes about who leads.
        public var leadership: Leadership
        /// The present term.
        public var term: Term
        /// The last entry of the log.
        public var lastIndex: LogIndex
        /// Entries up to here are durable here.
        public var durableIndex: LogIndex
        /// Entries up to here are final.
        public var commitIndex: LogIndex
        /// Entries up to here were taken by the application.
        public var deliveredIndex: LogIndex
        /// The newest entry about members, committed or not.
        public var membership: Membership?
    }

    private let log: SegmentedLog
    private let outbox: any Outbox
    private let monitor = Monitor(conditions: 4)
    private var work: Monitor.Condition { monitor[0] }
    private var syncDone: Monitor.Condition { monitor[1] }
    private var delivery: Monitor.Condition { monitor[2] }
    private var clock: Monitor.Condition { monitor[3] }

    // Behind the monitor's lock.
    private var state: DriverState<CRaftCore>
    private var consumer: (any CommitConsumer)?
    private var queue: [Write] = []
    private var isAppending = false
    private var isSyncing = false
    private var isStopping = false
    private var fault: ConsensusFault?
    private var threads: [SystemThread] = []

    private enum Write {
        case append(first: LogIndex, entries: [LogEntry], write: UInt64)
        case compact(SnapshotMarker, keeping: LogIndex)
        case reset(SnapshotMarker, write: UInt64)

        /// By which the state knows it, if it wants to hear of it.
        var number: UInt64? {
            switch self {
            case .append(_, _, let number), .reset(_, let number): number
            case .compact: nil
            }
        }
    }

    /// Opens the log in a folder of the file system and locks the folder.
    ///
    /// - Throws: ``ConsensusFault``, above all with a ``LogFault`` that says which file and why.
    public convenience init(
        folder: String, options: Options, outbox: any Outbox = NoPeers()
    ) throws(ConsensusFault) {
        let files: PosixFiles
        do { files = try PosixFiles(folder) } catch { throw .log(error) }
        try self.init(files: files, options: options, outbox: outbox)
    }

    /// Opens the log in whatever keeps its files.
    public init(
        files: any LogFiles, options: Options, outbox: any Outbox = NoPeers()
    ) throws(ConsensusFault) {
        let id = options.owner.node
        self.outbox = outbox
        do {
            log = try SegmentedLog.open(files, owner: options.owner, options: options.log)
            try Self.begin(log, with: options.founders)
        } catch { throw .log(error) }
        guard options.applied <= log.lastIndex else {
            throw .appliedBeyondLog(applied: options.applied, last: log.lastIndex)
        }
        do {
            let seed = UInt32.random(in: .min ... .max)
            let core = try CRaftCore(id: id, seed: seed, timing: options.timing)
            state = DriverState(core: core, id: id, log: log, applied: options.applied)
        } catch { throw .core(error) }
        guard state.membership != nil || options.founders == nil else {
            throw .membership("the log has no members")
        }
    }

    /// Writes the founders into an empty log, as entry 1 of term 1 on each of them.
    static func begin(_ log: SegmentedLog, with founders: Membership?) throws(LogFault) {
        guard log.lastIndex == 0, let founders else { return }
        if log.hardState == nil { try log.save(HardState(term: 1, vote: nil)) }
        try log.append(
            [LogEntry(term: 1, kind: .membership, payload: founders.bytes)], at: 1)
        _ = try log.sync()
    }

    /// Starts to take part; a group of one has its leader when this returns.
    ///
    /// - Parameter consumer: the application; held until the driver stops.
    /// - Throws: ``ConsensusFault`` if the core or the disk refuses.
    public func start(_ consumer: any CommitConsumer) throws(ConsensusFault) {
        monitor.lock()
        defer { monitor.unlock() }
        precondition(self.consumer == nil && threads.isEmpty, "a driver starts once")
        self.consumer = consumer
        do {
            perform(try state.start(entries: log.startEntries(), at: Monitor.now))
        } catch { throw .core(error) }
        if let fault { throw fault }
        threads = [
            SystemThread { self.write() },
            SystemThread { self.write() },
            SystemThread { self.deliver() },
            SystemThread { self.watchClock() },
        ]
    }

    // MARK: What the application asks for

    /// Puts bytes at the end of the log, if this node leads; returns before they are durable.
    public func submit(_ payload: [UInt8]) -> Submission {
        submit { now throws(CoreFault) in
            let (index, term, actions) = try state.submit(.command, payloads: [payload], at: now)
            return (index, term, actions)
        }
    }

    /// Puts other members in force, if this node leads; one voter may come or go at a time.
    public func change(to membership: Membership) -> Submission {
        submit { now throws(CoreFault) in try state.change(to: membership, at: now) }
    }

    private func submit(
        _ event: (UInt64) throws(CoreFault) -> (LogIndex?, Term, [DriverAction])
    ) -> Submission {
        monitor.lock()
        defer { monitor.unlock() }
        guard !isStopping else { return .stopped }
        do {
            let (index, term, actions) = try event(Monitor.now)
            perform(actions)
            guard !isStopping else { return .stopped }
            return index.map { .accepted(index: $0, term: term) } ?? .changeUnderWay
        } catch {
            switch error {
            case .refused(.notLeader):
                return .notLeader(leader: state.leader == state.id ? nil : state.leader)
            case .refused(.unsuitableMember): return .unsuitableMembers
            case .refused: return .changeUnderWay
            case .library, .broken:
                stop(because: .core(error))
                return .stopped
            }
        }
    }

    /// Lets the log forget entries, once the application's state has their effects for good.
    ///
    /// - Parameters:
    ///   - index: the last entry that may go; delivered before.
    ///   - application: what finds that state again: a height and a header hash, say.
    public func snapshot(at index: LogIndex, application: [UInt8]) {
        guard let term = log.term(of: index) else { return }
        handle { now throws(CoreFault) in
            try state.snapshot(at: index, term: term, application: application, now: now)
        }
    }

    /// Reads committed entries again.
    ///
    /// - Parameters:
    ///   - first: the first place wanted; not dropped yet.
    ///   - maximumBytes: ends the run after the entry with which this is reached.
    /// - Returns: the application's entries from there on, empty if there are none.
    /// - Throws: ``LogFault`` with ``LogFault/Kind/noSuchEntry(_:)`` if the log has dropped them.
    public func committedEntries(
        from first: LogIndex, maximumBytes: Int = 4 << 20
    ) throws(LogFault) -> [CommittedEntry] {
        monitor.lock()
        let last = state.deliverable
        monitor.unlock()
        guard first <= last else { return [] }
        let entries = try log.entries(from: first, through: last, maximumBytes: maximumBytes)
        return entries.enumerated().compactMap { position, entry in
            let index = first + UInt64(position)
            guard entry.kind == .command else { return nil }
            return CommittedEntry(
                index: index, term: entry.term, payload: entry.payload, moreFollow: index < last)
        }
    }

    /// Hands leadership to another voter, or to the best one.
    public func transferLeadership(to peer: NodeID? = nil) {
        handle { now throws(CoreFault) in try state.transfer(to: peer, at: now) }
    }

    /// Takes a message that a peer sent, over that one of its connections.
    public func receive(_ message: RaftMessage, from peer: NodeID, epoch: UInt64) {
        handle { now throws(CoreFault) in
            try state.receive(message, from: peer, epoch: epoch, at: now)
        }
    }

    /// How things stand.
    public var status: Status {
        monitor.lock()
        defer { monitor.unlock() }
        return Status(
            leadership: state.role == .leader
                ? .leading(state.term) : .following(leader: state.leader),
            term: state.term, lastIndex: state.lastIndex, durableIndex: state.durable,
            commitIndex: state.commitIndex, deliveredIndex: state.delivered,
            membership: state.membership)
    }

    /// Stops after what is queued is durable, and waits for it; nothing is delivered afterwards.
    ///
    /// May be called more than once, and from within the consumer, where it does not wait.
    public func stop() {
        monitor.lock()
        isStopping = true
        wakeAll()
        let threads = self.threads
        monitor.unlock()
        guard !threads.contains(where: \.isCurrent) else { return }
        monitor.lock()
        self.threads = []
        monitor.unlock()
        for thread in threads { thread.join() }
        log.release()
    }

    // MARK: Events and actions, behind the lock

    private func handle(_ event: (UInt64) throws(CoreFault) -> [DriverAction]) {
        monitor.lock()
        defer { monitor.unlock() }
        guard !isStopping else { return }
        do {
            perform(try event(Monitor.now))
        } catch .refused {
            // Nothing changed; what was asked for no longer applies.
        } catch {
            stop(because: .core(error))
        }
    }

    private func perform(_ actions: [DriverAction]) {
        let deadline = state.deadline
        for action in actions where fault == nil {
            switch action {
            case .save(let hardState):
                do { try log.save(hardState) } catch { stop(because: .log(error)) }
            case .append(let first, let entries, let write):
                enqueue(.append(first: first, entries: entries, write: write))
            case .reset(let marker, let write):
                enqueue(.reset(marker, write: write))
            case .compact(let marker, let keeping):
                enqueue(.compact(marker, keeping: keeping))
            case .send(let message, let peer):
                outbox.send(message, to: peer)
            case .sendStored(let message, let range, let rest, let peer):
                let limit = state.limits.messageBytes
                do {
                    for part in try log.fill(message, with: range, then: rest, limit: limit) {
                        outbox.send(part, to: peer)
                    }
                } catch { stop(because: .log(error)) }
            case .deliver:
                monitor.signal(delivery)
            }
        }
        if deadline < awaitedDeadline { monitor.signal(clock) }
    }

    private func enqueue(_ write: Write) {
        queue.append(write)
        monitor.signal(work)
    }

    private func stop(because fault: ConsensusFault) {
        if self.fault == nil { self.fault = fault }
        isStopping = true
        wakeAll()
    }

    private func wakeAll() {
        for condition in 0..<4 { monitor.broadcast(monitor[condition]) }
    }

    // MARK: Threads

    /// Takes what is queued, appends it, and syncs it, while the other thread like this one appends what
    /// was queued since.
    private func write() {
        monitor.lock()
        defer { monitor.unlock() }
        while true {
            while isAppending || (queue.isEmpty && !isStopping) { monitor.wait(for: work) }
            guard !queue.isEmpty, fault == nil else { return }
            isAppending = true
            let batch = takeBatch()
            // Only appending may go on beside a sync.
            if case .append? = batch.first {} else { awaitSync() }
            monitor.unlock()
            let outcome = Result { () throws(LogFault) in try write(batch) }
            monitor.lock()
            guard finish(outcome) else {
                isAppending = false
                monitor.broadcast(work)
                return
            }
            awaitSync()
            isSyncing = true
            isAppending = false
            // If more was queued meanwhile, the other thread may go on with it now.
            monitor.broadcast(work)
            monitor.unlock()
            let synced = Result { () throws(LogFault) in try log.sync() }
            monitor.lock()
            isSyncing = false
            monitor.broadcast(syncDone)
            guard finish(synced) else { return }
            guard let last = batch.compactMap(\.number).last else { continue }
            do {
                perform(try state.wrote(last, at: Monitor.now))
            } catch {
                stop(because: .core(error))
            }
        }
    }

    private func awaitSync() {
        while isSyncing { monitor.wait(for: syncDone) }
    }

    /// All appends at the queue's front, or the one thing there that is not an append.
    private func takeBatch() -> [Write] {
        let appends = queue.prefix { if case .append = $0 { true } else { false } }.count
        let batch = Array(queue.prefix(max(appends, 1)))
        queue.removeFirst(batch.count)
        return batch
    }

    private func write(_ batch: [Write]) throws(LogFault) {
        for write in batch {
            switch write {
            case .append(let first, let entries, _): try log.append(entries, at: first)
            case .compact(let marker, let keeping): try log.compact(to: marker, keeping: keeping)
            case .reset(let marker, _): try log.reset(to: marker)
            }
        }
    }

    /// Whether to go on; if not, the driver stops.
    private func finish<Success>(_ outcome: Result<Success, LogFault>) -> Bool {
        guard case .failure(let fault) = outcome else { return self.fault == nil }
        stop(because: .log(fault))
        return false
    }

    /// Hands to the application what is due.
    private func deliver() {
        monitor.lock()
        defer { monitor.unlock() }
        while !isStopping {
            guard let consumer, let next = state.nextDelivery() else {
                monitor.wait(for: delivery)
                continue
            }
            let deliverable = state.deliverable
            monitor.unlock()
            let outcome = hand(next, to: consumer, deliverable: deliverable)
            monitor.lock()
            switch outcome {
            case .success(.through(let index)): state.delivered(through: index)
            case .success(.told(let leadership)): state.told(leadership)
            case .success(.restored):
                do {
                    perform(try state.restored(at: Monitor.now))
                } catch { stop(because: .core(error)) }
            case .failure(let fault): stop(because: fault)
            }
        }
        let consumer = self.consumer
        self.consumer = nil
        guard let fault, let consumer else { return }
        monitor.unlock()
        consumer.stopped(fault)
        monitor.lock()
    }

    private enum Handed {
        case through(LogIndex)
        case told(Leadership)
        case restored
    }

    private func hand(
        _ next: Delivery, to consumer: any CommitConsumer, deliverable: LogIndex
    ) -> Result<Handed, ConsensusFault> {
        switch next {
        case .leadership(let leadership):
            consumer.leadershipChanged(leadership)
            return .success(.told(leadership))
        case .restore(let marker):
            return consumer.restore(marker)
                ? .success(.restored) : .failure(.notRestored(marker.point.index))
        case .entries(let first, let entries):
            return .success(.through(hand(entries, first, to: consumer, deliverable)))
        case .stored(let range):
            do {
                let entries = try log.entries(
                    from: range.lowerBound, through: range.upperBound - 1,
                    maximumBytes: state.limits.deliveryBytes)
                return .success(
                    .through(hand(entries, range.lowerBound, to: consumer, deliverable)))
            } catch {
                return .failure(.log(error))
            }
        }
    }

    private func hand(
        _ entries: [LogEntry], _ first: LogIndex, to consumer: any CommitConsumer,
        _ deliverable: LogIndex
    ) -> LogIndex {
        var index = first
        for entry in entries {
            if entry.kind == .command {
                consumer.committed(
                    CommittedEntry(
                        index: index, term: entry.term, payload: entry.payload,
                        moreFollow: index < deliverable))
            }
            index += 1
        }
        return index - 1
    }

    /// What the clock's thread is waiting for.
    private var awaitedDeadline = UInt64.max

    /// Tells the core when its time has come.
    private func watchClock() {
        monitor.lock()
        defer { monitor.unlock() }
        while !isStopping {
            let now = Monitor.now
            guard now >= state.deadline else {
                awaitedDeadline = state.deadline
                monitor.wait(for: clock, until: state.deadline)
                continue
            }
            do {
                perform(try state.timeout(at: now))
            } catch {
                stop(because: .core(error))
            }
        }
    }
}

extension Driver {
    /// Whether a fault has stopped the driver, and which.
    public var stopFault: ConsensusFault? {
        monitor.lock()
        defer { monitor.unlock() }
        return fault
    }
}
