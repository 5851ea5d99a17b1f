// What happens to a node: an event goes in, actions come out.
extension DriverState {
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
}
