/// The driver's rules without its threads, clock and disk: an event goes in, actions come out.
package struct DriverState<Core: RaftCore> {
    package let core: Core
    package let id: NodeID
    package let limits: Limits

    // How things stand.
    package internal(set) var role = RaftUpdate.Role.follower
    package internal(set) var term: Term
    package internal(set) var leader: NodeID?
    /// The last peer that sent entries or a snapshot as the leader of its term.
    var newestLeader: (term: Term, peer: NodeID)?
    package internal(set) var commitIndex: LogIndex = 0
    /// When the core wants to hear that time has passed.
    var coreDeadline = UInt64.max
    /// Entries up to here are on this node's disk and match what the core believes is in the log.
    package internal(set) var durable: LogIndex
    /// The last entry of the log, durable or not.
    package internal(set) var lastIndex: LogIndex
    /// The last entry that the application has.
    package internal(set) var delivered: LogIndex
    package internal(set) var snapshot: SnapshotMarker?

    var hardState: HardState
    /// Entries before this one are gone; what the application lacks of them it must fetch elsewhere.
    var firstIndex: LogIndex
    var cache: EntryCache
    /// Members as entries in the log say, ascending; the first one is the snapshot's if there is one.
    var memberships: [(index: LogIndex, membership: Membership)]
    /// The terms of the log's entries, as far as they are here.
    var terms = TermRuns()
    /// The core was told of committed changes of members up to here.
    var configured: LogIndex
    /// Writes under way in the order of the queue, which of their entries still count, and how many bytes
    /// their payloads have.
    var writes: [(write: UInt64, last: LogIndex, bytes: Int)] = []
    /// The bytes of all `writes`.
    var waitingBytes = 0
    var nextWrite: UInt64 = 1
    /// The core does not want to hear of the disk while it is a candidate.
    var unreported: LogIndex = 0
    /// The first entry that this node appended as the leader that it is now.
    var firstOwn: LogIndex?
    /// A snapshot from the leader, on its way into log and application.
    var installing: (marker: SnapshotMarker, write: UInt64, isDurable: Bool)?
    var told: Leadership?
    var toTell: (leadership: Leadership, after: LogIndex)?
    /// The newest connection of each peer.
    var epochs: [NodeID: UInt64] = [:]

    /// What this node knows of the other members; empty unless it leads.
    var peers: [NodeID: PeerRecord] = [:]
    /// The core's version of the messages with which it leads; nil before the first.
    var version: UInt8?
    var watch = Watch()
    /// Leadership on its way to another voter.
    var handOver: HandOver?
    /// Who shall be a member, as the application knows it.
    var wanted: [NodeID]?
    /// Not nil while this node, restored from a backup, may not vote.
    var probation: Probation?
    /// What a leader may bring; nil lets in everything.
    let admission: Admission?
    /// What was refused so far.
    package internal(set) var refusals = Refusals()

    /// Makes the state of a node as its disk has it.
    ///
    /// If that is what a backup had (`isRestored`), the node may have forgotten votes and entries.
    package init(
        core: Core, id: NodeID, hardState: HardState, snapshot: SnapshotMarker?,
        memberships: [(index: LogIndex, membership: Membership)], firstIndex: LogIndex,
        lastIndex: LogIndex, applied: LogIndex, isRestored: Bool = false,
        limits: Limits = Limits(), admission: Admission? = nil
    ) {
        self.core = core
        self.admission = admission
        self.id = id
        self.limits = limits
        self.hardState = hardState
        self.snapshot = snapshot
        self.lastIndex = lastIndex
        term = hardState.term
        durable = lastIndex
        delivered = applied
        cache = EntryCache(next: lastIndex + 1)
        self.firstIndex = firstIndex
        let forgotten = snapshot?.point.index ?? 0
        configured = forgotten
        var members = memberships.filter { $0.index > forgotten }
        if let point = snapshot?.point {
            members.insert((point.membershipIndex, point.membership), at: 0)
        }
        self.memberships = members
        if isRestored { probation = Probation() }
    }

    /// The members by the newest entry about them, committed or not; nil before the first.
    package var membership: Membership? { memberships.last?.membership }
    /// Entries up to here may go to the application: committed, and not to be lost by this node.
    package var deliverable: LogIndex { min(commitIndex, durable) }
    var hasPeers: Bool { (membership?.members.count ?? 0) > 1 }

    /// Starts the core from what the disk has.
    package mutating func start(
        entries: [LogEntry], at now: UInt64
    ) throws(CoreFault) -> [DriverAction] {
        var actions: [DriverAction] = []
        for entry in entries { terms.append(entry.term, at: (terms.last ?? firstIndex - 1) + 1) }
        if let membership, membership.isOnlyVoter(id) {
            // Nobody else can have counted its votes or its entries.
            if probation != nil { endProbation(&actions) }
            // The core makes an only voter leader without a new term. But whoever copies this log
            // without a vote may have got entries that this node then lost in a crash, so that an old
            // term would stand for two histories.
            hardState = HardState(term: hardState.term + 1, vote: id)
            actions.append(.save(hardState))
        }
        let start = RaftStart(
            hardState: hardState, snapshot: snapshot?.point, firstIndex: firstIndex,
            entries: entries)
        try step(.start(start), now, &actions)
        askForTerms(now, &actions)
        return actions
    }
}
