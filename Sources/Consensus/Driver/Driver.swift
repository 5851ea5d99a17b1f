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

    let log: SegmentedLog
    let outbox: any Outbox
    let monitor = Monitor(conditions: 4)
    var work: Monitor.Condition { monitor[0] }
    var syncDone: Monitor.Condition { monitor[1] }
    var delivery: Monitor.Condition { monitor[2] }
    var clock: Monitor.Condition { monitor[3] }

    // Behind the monitor's lock.
    var state: DriverState<CRaftCore>
    var consumer: (any CommitConsumer)?
    var queue: [Write] = []
    var isAppending = false
    var isSyncing = false
    var isStopping = false
    var fault: ConsensusFault?
    private var threads: [SystemThread] = []
    /// What the clock's thread is waiting for.
    var awaitedDeadline = UInt64.max

    /// What a writing thread is to do.
    enum Write {
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
    package static func begin(_ log: SegmentedLog, with founders: Membership?) throws(LogFault) {
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

    /// Why the driver stopped by itself, if it did.
    public var stopFault: ConsensusFault? {
        monitor.lock()
        defer { monitor.unlock() }
        return fault
    }
}
