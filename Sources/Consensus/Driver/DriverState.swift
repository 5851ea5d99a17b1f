/// What a driver must do after an event, in this order.
enum DriverAction: Equatable {
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
enum Delivery: Equatable {
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
struct DriverState<Core: RaftCore> {
    /// How much a driver keeps and says at once.
    struct Limits {
        /// Payload bytes of durable entries that stay in memory.
        var cacheBytes = 64 << 20
        /// Payload bytes in one message, if it has more than one entry.
        var messageBytes = 4 << 20
        /// Entries that stay behind a snapshot for peers that are a little late.
        var trailingEntries: UInt64 = 1_024
        /// Payload bytes in one delivery.
        var deliveryBytes = 4 << 20
    }

    let core: Core
    let id: NodeID
    let limits: Limits

    // How things stand.
    private(set) var role = RaftUpdate.Role.follower
    private(set) var term: Term
    private(set) var leader: NodeID?
    private(set) var commitIndex: LogIndex = 0
    /// When to call ``timeout(at:)``.
    private(set) var deadline = UInt64.max
    /// Entries up to here are on this node's disk and match what the core believes is in the log.
    private(set) var durable: LogIndex
    /// The last entry of the log, durable or not.
    private(set) var lastIndex: LogIndex
    /// The last entry that the application has.
    private(set) var delivered: LogIndex
    private(set) var snapshot: SnapshotMarker?

    private var hardState: HardState
    /// Entries before this one are gone; what the application lacks of them it must fetch elsewhere.
    private var firstIndex: LogIndex
    private var cache: EntryCache
    /// Members as entries in the log say, ascending; the first one is the snapshot's if there is one.
    private(set) var memberships: [(index: LogIndex, membership: Membership)]
    /// The core was told of committed changes of members up to here.
    private var configured: LogIndex
    /// Writes under way in the order of the queue, and which of their entries still count.
    private var writes: [(write: UInt64, last: LogIndex)] = []
    private var nextWrite: UInt64 = 1
    /// The core does not want to hear of the disk while it is a candidate.
    private var unreported: LogIndex = 0
    /// The first entry that this node appended as the leader that it is now.
    private var firstOwn: LogIndex?
    /// A snapshot from the leader, on its way into log and application.
    private var installing: (marker: SnapshotMarker, write: UInt64, isDurable: Bool)?
    private var told: Leadership?
    private var toTell: (leadership: Leadership, after: LogIndex)?
    /// The newest connection of each peer.
    private var epochs: [NodeID: UInt64] = [:]

    /// Makes the state of a node as its disk has it.
    init(
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
    var membership: Membership? { memberships.last?.membership }
    /// Entries up to here may go to the application: committed, and not to be lost by this node.
    var deliverable: LogIndex { min(commitIndex, durable) }
    private var hasPeers: Bool { (membership?.members.count ?? 0) > 1 }

    // MARK: Events

    /// Starts the core from what the disk has.
    mutating func start(
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
    mutating func submit(
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
    mutating func change(
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
    mutating func receive(
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
    mutating func wrote(_ write: UInt64, at now: UInt64) throws(CoreFault) -> [DriverAction] {
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
    mutating func timeout(at now: UInt64) throws(CoreFault) -> [DriverAction] {
        guard now >= deadline else { return [] }
        var actions: [DriverAction] = []
        try step(.timeout, now, &actions)
        return actions
    }

    /// Asks the leader, which this node must be, to hand over to another voter.
    mutating func transfer(
        to peer: NodeID?, at now: UInt64
    ) throws(CoreFault) -> [DriverAction] {
        var actions: [DriverAction] = []
        try step(.transfer(to: peer), now, &actions)
        return actions
    }

    /// Starts to bring a member without a vote up to date.
    mutating func catchUp(_ peer: NodeID, at now: UInt64) throws(CoreFault) -> [DriverAction] {
        var actions: [DriverAction] = []
        try step(.catchUp(peer), now, &actions)
        return actions
    }

    /// Lets the log forget entries up to one that the application has for good.
    /// - Returns: what to do; nothing if the log has forgotten as much already.
    mutating func snapshot(
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
    func nextDelivery() -> Delivery? {
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
    mutating func delivered(through index: LogIndex) {
        delivered = max(delivered, index)
        evict()
    }

    /// Takes note that the application knows who leads.
    mutating func told(_ leadership: Leadership) {
        told = leadership
        if toTell?.leadership == leadership { toTell = nil }
    }

    /// Takes note that the application has the state of the newest snapshot.
    mutating func restored(at now: UInt64) throws(CoreFault) -> [DriverAction] {
        var actions: [DriverAction] = []
        guard let marker = installing?.marker ?? snapshot else { return actions }
        delivered = max(delivered, marker.point.index)
        actions.append(.deliver)
        guard let pending = installing else { return actions }
        installing = nil
        try step(.persistedSnapshot(pending.marker.point), now, &actions)
        return actions
    }

    // MARK: One step

    private mutating func step(
        _ event: RaftEvent, _ now: UInt64, _ actions: inout [DriverAction]
    ) throws(CoreFault) {
        take(try core.step(event, at: now), now, &actions)
        try report(now, &actions)
        // Each committed change of members is told to the core, which may answer with more to do.
        while let change = memberships.first(where: { $0.index > configured }),
            change.index <= commitIndex
        {
            configured = change.index
            let event = RaftEvent.membershipCommitted(change.membership, at: change.index)
            take(try core.step(event, at: now), now, &actions)
        }
    }

    /// Tells the core what is durable, unless it is a candidate.
    private mutating func report(
        _ now: UInt64, _ actions: inout [DriverAction]
    ) throws(CoreFault) {
        guard unreported > 0, role != .candidate, installing == nil else { return }
        let through = unreported
        unreported = 0
        try step(.persisted(through: through), now, &actions)
    }

    private mutating func take(
        _ update: RaftUpdate, _ now: UInt64, _ actions: inout [DriverAction]
    ) {
        if let hardState = update.hardState, hardState != self.hardState {
            self.hardState = hardState
            actions.append(.save(hardState))
        }
        if update.role != role || update.term != term { firstOwn = nil }
        role = update.role
        term = update.term
        // Never at once again: a deadline in the past would make the timer spin.
        deadline = max(update.deadline, now + 1)
        if let append = update.append { take(append, &actions) }
        if let marker = update.install { install(marker, &actions) }
        for message in update.messages { send(message, &actions) }
        if update.commitIndex > commitIndex {
            commitIndex = update.commitIndex
            actions.append(.deliver)
        }
        noteLeadership(update, &actions)
    }

    private mutating func take(_ append: RaftUpdate.Append, _ actions: inout [DriverAction]) {
        if append.first <= lastIndex {
            // What is on its way to the disk from here on no longer counts once it gets there.
            let kept = append.first - 1
            for position in writes.indices {
                writes[position].last = min(writes[position].last, kept)
            }
            durable = min(durable, kept)
            unreported = min(unreported, kept)
            memberships.removeAll { $0.index >= append.first }
        }
        for (offset, entry) in append.entries.enumerated() where entry.kind == .membership {
            // The core has read it before, so it can be read.
            if let membership = try? Membership(entry.payload) {
                memberships.append((append.first + UInt64(offset), membership))
            }
        }
        if role == .leader, firstOwn == nil { firstOwn = append.first }
        cache.replace(from: append.first, with: append.entries)
        lastIndex = append.first + UInt64(append.entries.count) - 1
        writes.append((nextWrite, lastIndex))
        actions.append(.append(first: append.first, entries: append.entries, write: nextWrite))
        nextWrite += 1
    }

    private mutating func install(_ marker: SnapshotMarker, _ actions: inout [DriverAction]) {
        for position in writes.indices { writes[position].last = 0 }
        unreported = 0
        durable = 0
        lastIndex = marker.point.index
        snapshot = marker
        firstIndex = marker.point.index + 1
        memberships = [(marker.point.membershipIndex, marker.point.membership)]
        configured = marker.point.index
        cache = EntryCache(next: marker.point.index + 1)
        installing = (marker, nextWrite, false)
        actions.append(.reset(marker, write: nextWrite))
        nextWrite += 1
    }

    private mutating func noteLeadership(
        _ update: RaftUpdate, _ actions: inout [DriverAction]
    ) {
        leader = update.leader
        let now =
            update.role == .leader
            ? Leadership.leading(update.term) : .following(leader: update.leader)
        guard now != (toTell?.leadership ?? told) else { return }
        toTell = (now, after: update.role == .leader ? lastIndex : 0)
        actions.append(.deliver)
    }

    // MARK: Messages

    private func send(_ outgoing: RaftUpdate.Outgoing, _ actions: inout [DriverAction]) {
        switch outgoing {
        case .message(let message, let peer):
            actions.append(.send(message, to: peer))
        case .snapshot(let version, let term, let index, let peer):
            guard let snapshot, snapshot.point.index == index else { return }
            let message = RaftMessage(
                version: version, term: term, body: .installSnapshot(snapshot))
            actions.append(.send(message, to: peer))
        case .entries(let message, let count, let peer):
            guard case .appendEntries(let append) = message.body else { return }
            let range = (append.previousIndex + 1)..<(append.previousIndex + 1 + UInt64(count))
            guard let entries = cache.entries(range) else {
                let stored = range.clamped(to: range.lowerBound..<cache.first)
                let rest = cache.entries(stored.upperBound..<range.upperBound) ?? []
                actions.append(.sendStored(message, stored, then: Array(rest), to: peer))
                return
            }
            for part in Self.parts(of: message, carrying: entries, limit: limits.messageBytes) {
                actions.append(.send(part, to: peer))
            }
        }
    }

    /// Messages that carry these entries, several if there are too many bytes for one.
    static func parts(
        of message: RaftMessage, carrying entries: ArraySlice<LogEntry>, limit: Int
    ) -> [RaftMessage] {
        guard case .appendEntries(var append) = message.body else { return [] }
        var parts: [RaftMessage] = []
        var rest = entries
        repeat {
            var bytes = rest.first?.payload.count ?? 0
            let end = rest.dropFirst().firstIndex {
                bytes += $0.payload.count
                return bytes > limit
            }
            append.entries = Array(rest[..<(end ?? rest.endIndex)])
            parts.append(
                RaftMessage(
                    version: message.version, term: message.term, body: .appendEntries(append)))
            append.previousIndex += UInt64(append.entries.count)
            append.previousTerm = append.entries.last?.term ?? append.previousTerm
            rest = rest[(end ?? rest.endIndex)...]
        } while !rest.isEmpty
        return parts
    }

    /// The same entries, without those that this node's snapshot stands for.
    ///
    /// C-Raft 0.22.1 takes entries it has forgotten for new ones if the message begins at the first, and
    /// otherwise refuses them and lets the leader go back one by one. They are committed, so whoever
    /// leads has the same ones, and the snapshot's last entry is as good a place to go on from.
    private func skippingForgotten(
        _ append: RaftMessage.AppendEntries
    ) -> RaftMessage.AppendEntries {
        guard let point = snapshot?.point, append.previousIndex < point.index, installing == nil
        else { return append }
        var rest = append
        rest.entries.removeFirst(
            min(append.entries.count, Int(clamping: point.index - append.previousIndex)))
        rest.previousIndex = point.index
        rest.previousTerm = point.term
        return rest
    }

    /// The same message in parts, so that a change of members always comes first in its part.
    ///
    /// C-Raft 0.22.1 books a change under the index of the first new entry of its message; further back
    /// it would never see that change committed.
    private static func parts(
        of message: RaftMessage, _ append: RaftMessage.AppendEntries
    ) -> [RaftMessage] {
        var parts: [RaftMessage] = []
        var part = append
        part.entries = []
        for entry in append.entries {
            if entry.kind == .membership, !part.entries.isEmpty {
                parts.append(
                    RaftMessage(
                        version: message.version, term: message.term, body: .appendEntries(part)))
                part.previousIndex += UInt64(part.entries.count)
                part.previousTerm = part.entries.last?.term ?? part.previousTerm
                part.entries = []
            }
            part.entries.append(entry)
        }
        parts.append(
            RaftMessage(version: message.version, term: message.term, body: .appendEntries(part)))
        return parts
    }

    // MARK: Memory

    /// Forgets entries that can be read from the disk again.
    private mutating func evict() {
        while !cache.isEmpty, cache.first <= durable,
            cache.bytes > limits.cacheBytes || (!hasPeers && cache.first <= delivered)
        {
            cache.removeFirst()
        }
    }
}
