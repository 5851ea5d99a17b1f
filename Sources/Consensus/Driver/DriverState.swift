/// What a driver must do after an event, in this order.
package enum DriverAction: Equatable {
    /// Make term and vote durable before anything that follows.
    case save(HardState)
    /// Queue entries for the disk; report ``DriverState/wrote(_:at:)`` once they were synced.
    case append(first: LogIndex, entries: [LogEntry], write: UInt64)
    /// Queue the replacement of the whole log; report it like an append.
    case reset(SnapshotMarker, write: UInt64)
    /// Queue a marker, and the removal of entries before `keeping`.
    case compact(SnapshotMarker, keeping: LogIndex)
    /// Send a message.
    case send(RaftMessage, to: NodeID)
    /// Send a message with entries of which the first ones, which are durable, must be read from disk.
    case sendStored(RaftMessage, Range<LogIndex>, then: [LogEntry], to: NodeID)
    /// There is something new to hand to the application.
    case deliver
}

/// What the application is told next.
package enum Delivery: Equatable {
    /// Committed entries from this index on.
    case entries(first: LogIndex, [LogEntry])
    /// Committed entries that must be read from the disk first.
    case stored(Range<LogIndex>)
    /// Who leads now.
    case leadership(Leadership)
    /// The application has to fetch a state, for the entries before it are gone.
    case restore(SnapshotMarker)
}

/// Who decides what comes next in the log.
public enum Leadership: Equatable, Sendable {
    /// This node, in that term. Told only after every entry of earlier leaders was delivered.
    case leading(Term)
    /// Another node, or nobody as far as known.
    case following(leader: NodeID?)
}

/// The driver's rules without its threads, clock and disk: an event goes in, actions come out.
package struct DriverState<Core: RaftCore> {
    /// How much a driver keeps and says at once.
    package struct Limits {
        /// Payload bytes of durable entries that stay in memory.
        package var cacheBytes = 64 << 20
        /// Payload bytes in one message, if it has more than one entry.
        package var messageBytes = 4 << 20
        /// Entries that stay behind a snapshot for peers that are a little late.
        package var trailingEntries: UInt64 = 1_024
        /// Payload bytes in one delivery.
        package var deliveryBytes = 4 << 20

        /// The usual limits.
        package init() {}
    }

    package let core: Core
    package let id: NodeID
    package let limits: Limits

    // How things stand.
    package internal(set) var role = RaftUpdate.Role.follower
    package internal(set) var term: Term
    package internal(set) var leader: NodeID?
    package internal(set) var commitIndex: LogIndex = 0
    /// When to call ``timeout(at:)``.
    package internal(set) var deadline = UInt64.max
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
    /// The core was told of committed changes of members up to here.
    var configured: LogIndex
    /// Writes under way in the order of the queue, and which of their entries still count.
    var writes: [(write: UInt64, last: LogIndex)] = []
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

    /// Makes the state of a node as its disk has it.
    package init(
        core: Core, id: NodeID, hardState: HardState, snapshot: SnapshotMarker?,
        memberships: [(index: LogIndex, membership: Membership)], firstIndex: LogIndex,
        lastIndex: LogIndex, applied: LogIndex, limits: Limits = Limits()
    ) {
        self.core = core
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
    }

    /// The members by the newest entry about them, committed or not; nil before the first.
    package var membership: Membership? { memberships.last?.membership }
    /// Entries up to here may go to the application: committed, and not to be lost by this node.
    package var deliverable: LogIndex { min(commitIndex, durable) }
    var hasPeers: Bool { (membership?.members.count ?? 0) > 1 }

    // MARK: Events

    /// Starts the core from what the disk has.
    package mutating func start(
        entries: [LogEntry], at now: UInt64
    ) throws(CoreFault) -> [DriverAction] {
        var actions: [DriverAction] = []
        if let membership, membership.isOnlyVoter(id) {
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
        return actions
    }

    /// Puts entries at the end of the log, if this node leads.
    /// - Returns: the first one's index and all their term, and what to do.
    /// - Throws: ``CoreFault/refused(_:)`` if it does not lead.
    package mutating func submit(
        _ kind: LogEntry.Kind, payloads: [[UInt8]], at now: UInt64
    ) throws(CoreFault) -> (index: LogIndex, term: Term, actions: [DriverAction]) {
        var actions: [DriverAction] = []
        let index = lastIndex + 1
        try step(.submit(kind, payloads: payloads), now, &actions)
        return (index, term, actions)
    }

    /// Puts other members in force, if this node leads.
    ///
    /// One voter may come or go at a time. A leader must have committed an entry of its own term before,
    /// which C-Raft does not see to: otherwise two groups of voters could each have a majority.
    /// - Returns: as ``submit(_:payloads:at:)``; the index is nil if an entry of this term had to be
    ///   submitted first, and the change must be asked for again.
    /// - Throws: ``CoreFault/refused(_:)`` if it does not lead, or the change is not one of those.
    package mutating func change(
        to new: Membership, at now: UInt64
    ) throws(CoreFault) -> (index: LogIndex?, term: Term, actions: [DriverAction]) {
        guard role == .leader, let membership else { throw .refused(.notLeader) }
        let moved = Set(new.voters).symmetricDifference(membership.voters).count
        // A lone voter leads again in the term that it is in, in which another may have led.
        guard moved <= 1, new.voters.count > 1 || membership.voters.count == new.voters.count else {
            throw .refused(.unsuitableMember)
        }
        guard let firstOwn else {
            let (_, term, actions) = try submit(.barrier, payloads: [[]], at: now)
            return (nil, term, actions)
        }
        guard commitIndex >= firstOwn else { throw .refused(.changeUnderWay) }
        return try submit(.membership, payloads: [new.bytes], at: now)
    }

    /// Takes a message from a peer, over a connection that `epoch` tells from earlier ones.
    ///
    /// What an older connection still holds is dropped: the core does not bear messages out of order.
    package mutating func receive(
        _ message: RaftMessage, from peer: NodeID, epoch: UInt64, at now: UInt64
    ) throws(CoreFault) -> [DriverAction] {
        guard epoch >= epochs[peer, default: 0], peer != id else { return [] }
        epochs[peer] = epoch
        var actions: [DriverAction] = []
        switch message.body {
        case .timeoutNow where durable < lastIndex || installing != nil || unreported > 0:
            // As a candidate the core could not be told of the writes under way. The leader tries again.
            break
        case .appendEntries(let append):
            for part in Self.parts(of: message, skippingForgotten(append)) {
                try step(.received(part, from: peer), now, &actions)
            }
        default:
            try step(.received(message, from: peer), now, &actions)
        }
        return actions
    }

    /// Takes note that everything queued up to this write is durable.
    package mutating func wrote(_ write: UInt64, at now: UInt64) throws(CoreFault) -> [DriverAction]
    {
        var actions: [DriverAction] = []
        let done = writes.prefix { $0.write <= write }
        let through = done.reduce(0) { max($0, $1.last) }
        writes.removeFirst(done.count)
        if let pending = installing, pending.write <= write, !pending.isDurable {
            installing?.isDurable = true
            durable = pending.marker.point.index
            actions.append(.deliver)
        } else if through > durable {
            durable = through
            unreported = through
            try report(now, &actions)
            actions.append(.deliver)
        }
        evict()
        return actions
    }

    /// Lets time pass; to be called at the ``deadline``.
    package mutating func timeout(at now: UInt64) throws(CoreFault) -> [DriverAction] {
        guard now >= deadline else { return [] }
        var actions: [DriverAction] = []
        try step(.timeout, now, &actions)
        return actions
    }

    /// Asks the leader, which this node must be, to hand over to another voter.
    package mutating func transfer(
        to peer: NodeID?, at now: UInt64
    ) throws(CoreFault) -> [DriverAction] {
        var actions: [DriverAction] = []
        try step(.transfer(to: peer), now, &actions)
        return actions
    }

    /// Starts to bring a member without a vote up to date.
    package mutating func catchUp(_ peer: NodeID, at now: UInt64) throws(CoreFault)
        -> [DriverAction]
    {
        var actions: [DriverAction] = []
        try step(.catchUp(peer), now, &actions)
        return actions
    }

    /// Lets the log forget entries up to one that the application has for good.
    /// - Returns: what to do; nothing if the log has forgotten as much already.
    package mutating func snapshot(
        at index: LogIndex, term: Term, application: [UInt8], now: UInt64
    ) throws(CoreFault) -> [DriverAction] {
        guard installing == nil, index > snapshot?.point.index ?? 0, index <= deliverable,
            let members = memberships.last(where: { $0.index <= index })
        else { return [] }
        // The application may say so within a delivery of which it has not yet taken the last entry.
        delivered = max(delivered, index)
        let point = SnapshotPoint(
            index: index, term: term, membership: members.membership,
            membershipIndex: members.index)
        let marker = SnapshotMarker(point: point, application: application)
        snapshot = marker
        memberships.removeAll { $0.index < members.index }
        let trailing = hasPeers ? min(limits.trailingEntries, index) : 0
        var actions: [DriverAction] = [.compact(marker, keeping: index - trailing + 1)]
        try step(.snapshotTaken(point, trailing: UInt32(trailing)), now, &actions)
        return actions
    }

    // MARK: Towards the application

    /// What the application is told next; nil if nothing is due.
    package func nextDelivery() -> Delivery? {
        if let toTell, delivered >= toTell.after, installing == nil {
            return .leadership(toTell.leadership)
        }
        if let installing {
            return installing.isDurable ? .restore(installing.marker) : nil
        }
        if let snapshot, delivered + 1 < firstIndex { return .restore(snapshot) }
        guard delivered < deliverable else { return nil }
        let wanted = (delivered + 1)..<(deliverable + 1)
        guard let entries = cache.entries(wanted) else {
            return .stored(wanted.lowerBound..<min(wanted.upperBound, cache.first))
        }
        var bytes = 0
        let batch = entries.prefix { entry in
            defer { bytes += entry.payload.count }
            return bytes < limits.deliveryBytes
        }
        return .entries(first: wanted.lowerBound, Array(batch))
    }

    /// Takes note that the application has everything up to here.
    package mutating func delivered(through index: LogIndex) {
        delivered = max(delivered, index)
        evict()
    }

    /// Takes note that the application knows who leads.
    package mutating func told(_ leadership: Leadership) {
        told = leadership
        if toTell?.leadership == leadership { toTell = nil }
    }

    /// Takes note that the application has the state of the newest snapshot.
    package mutating func restored(at now: UInt64) throws(CoreFault) -> [DriverAction] {
        var actions: [DriverAction] = []
        guard let marker = installing?.marker ?? snapshot else { return actions }
        delivered = max(delivered, marker.point.index)
        actions.append(.deliver)
        guard let pending = installing else { return actions }
        installing = nil
        try step(.persistedSnapshot(pending.marker.point), now, &actions)
        return actions
    }
}
