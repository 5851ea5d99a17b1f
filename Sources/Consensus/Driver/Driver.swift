import Ledger
import Threads

/// Orders an application's entries with Raft: submitted on the leader, durable on a majority, handed to
/// every node's application in the same order.
///
/// The rules are ``DriverState``'s. This class gives them a lock, a disk, a clock and threads: two that
/// write (one appends while the other syncs), one that delivers, one that waits for deadlines. A submit
/// runs on its caller's thread, so on an idle node an entry crosses two threads: to a writer, and from
/// it, once synced, to the application.
public final class Driver: @unchecked Sendable {
    // `@unchecked`: the monitor's lock guards what changes.

    /// What a driver needs to know.
    public struct Options: Sendable {
        /// The ledger and the node.
        public var owner: LogOwner
        /// The members with which an empty log begins, the same on each of them; nil on a node that
        /// joins later and gets its log from the leader.
        public var founders: Membership?
        /// The last entry whose effects the application has; 0 for none.
        ///
        /// Those behind it are delivered. A log that ends before it has lost what this node acknowledged.
        public var applied: LogIndex
        /// How the log is laid out.
        public var log = SegmentedLog.Options()
        /// How the core measures time.
        public var timing = CRaftCore.Timing()
        /// What a leader may bring to this node's log; nil lets in everything.
        public var admission: Admission?
        /// Payload bytes that may wait for the disk before a follower takes no more of them.
        public var waitingBytes = 256 << 20
        /// Entries that stay behind a snapshot, for peers that are a little late.
        public var trailingEntries: UInt64 = 1_024

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

    /// What became of the wish to hand leadership over.
    public enum Transfer: Equatable, Sendable {
        /// It is on its way to that voter.
        case begun(to: NodeID)
        /// This node does not lead.
        case notLeader(leader: NodeID?)
        /// It is on its way already.
        case underWay
        /// The other does not vote or was not heard lately, or there is no other.
        case unsuitableMember
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
        /// Whether that entry is not committed yet.
        public var isChangingMembers: Bool
        /// How the other members stand; empty unless this node leads.
        public var peers: [NodeID: PeerProgress]
        /// To whom leadership is being handed.
        public var successor: NodeID?
        /// Whether this node votes; not while it was restored and does not know enough.
        public var mayVote: Bool
        /// What this node refused since it started.
        public var refusals: Refusals
    }

    let log: SegmentedLog
    let outbox: any Outbox
    let monitor = Monitor(conditions: 5)
    var work: Monitor.Condition { monitor[0] }
    var syncDone: Monitor.Condition { monitor[1] }
    var delivery: Monitor.Condition { monitor[2] }
    var clock: Monitor.Condition { monitor[3] }
    /// A thread has come to its end.
    private var ending: Monitor.Condition { monitor[4] }

    // Behind the monitor's lock.
    var state: DriverState<CRaftCore>
    var consumer: (any CommitConsumer)?
    var queue: [Write] = []
    var isAppending = false
    var isSyncing = false
    var isStopping = false
    var fault: ConsensusFault?
    private var threads: [SystemThread] = []
    /// How many of them have not come to their end.
    private var running = 0
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
        } catch { throw .log(error) }
        try Self.check(log, has: options.applied)
        do { try Self.begin(log, with: options.founders) } catch { throw .log(error) }
        do {
            let seed = UInt32.random(in: .min ... .max)
            let core = try CRaftCore(id: id, seed: seed, timing: options.timing)
            var limits = DriverState<CRaftCore>.Limits()
            limits.electionMilliseconds = UInt64(options.timing.electionMilliseconds)
            limits.waitingBytes = options.waitingBytes
            limits.trailingEntries = options.trailingEntries
            state = DriverState(
                core: core, id: id, log: log, applied: options.applied, limits: limits,
                admission: options.admission)
        } catch { throw .core(error) }
        guard state.membership != nil || options.founders == nil else {
            throw .membership("the log has no members")
        }
    }

    /// Refuses a log that ends before an entry that it is known to have had.
    package static func check(
        _ log: SegmentedLog, has index: LogIndex
    ) throws(ConsensusFault) {
        guard index > log.lastIndex else { return }
        throw .appliedBeyondLog(applied: index, last: log.lastIndex)
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
            perform(try state.start(entries: log.startEntries(), at: monotonicMillis()))
        } catch { throw .core(error) }
        if let fault { throw fault }
        threads = [
            thread("log-write-0") { $0.write() }, thread("log-write-1") { $0.write() },
            thread("deliver") { $0.deliver() }, thread("raft-clock") { $0.watchClock() },
        ]
        running = threads.count
    }

    private func thread(
        _ name: String, _ body: @escaping @Sendable (Driver) -> Void
    ) -> SystemThread {
        SystemThread(named: name) {
            body(self)
            self.monitor.lock()
            self.running -= 1
            self.monitor.broadcast(self.ending)
            self.monitor.unlock()
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
            membership: state.membership, isChangingMembers: state.isChangingMembers,
            peers: state.progress(at: monotonicMillis()), successor: state.handOver?.target,
            mayVote: state.mayVote, refusals: state.refusals)
    }

    /// Whether the core hears of the time as it should, to within ten seconds; also once the driver has stopped.
    public var isOnTime: Bool {
        monitor.lock()
        defer { monitor.unlock() }
        let now = monotonicMillis()
        return isStopping || now - min(now, state.deadline) < 10_000
    }

    /// Lets the driver stop as ``stop()`` does, without waiting for it; somebody has to call that as well.
    ///
    /// What is being delivered may wait for the caller.
    public func beginToStop() {
        monitor.lock()
        isStopping = true
        wakeAll()
        monitor.unlock()
    }

    /// Stops after what is queued is durable, and waits for it; nothing is delivered afterwards.
    ///
    /// May be called more than once, and from within the consumer, where it does not wait.
    public func stop() {
        monitor.lock()
        isStopping = true
        wakeAll()
        guard !threads.contains(where: \.isCurrent) else { return monitor.unlock() }
        // Several may stop it at once: each waits for the ends, one joins, and nobody gives the log away before.
        while running > 0 { monitor.wait(for: ending) }
        let threads = self.threads
        self.threads = []
        monitor.unlock()
        for thread in threads { thread.join() }
        log.release()
    }
}
