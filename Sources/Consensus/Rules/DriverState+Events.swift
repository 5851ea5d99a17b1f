// What happens to a node: an event goes in, actions come out.
extension DriverState {
    /// When to call ``timeout(at:)``.
    package var deadline: UInt64 {
        var next = coreDeadline
        switch role {
        case .follower:
            // The core, as a follower, only waits for elections.
            next = probation?.askAt ?? max(next, watch.abstainsUntil)
        case .leader where hasPeers: next = min(next, watch.lookAt)
        case .candidate, .leader: break
        }
        return min(next, handOver?.deadline ?? .max)
    }

    /// Puts entries at the end of the log, if this node leads and is not handing over.
    /// - Returns: the first one's index and all their term, and what to do.
    /// - Throws: ``CoreFault/refused(_:)`` otherwise.
    package mutating func submit(
        _ kind: LogEntry.Kind, payloads: [[UInt8]], at now: UInt64
    ) throws(CoreFault) -> (index: LogIndex, term: Term, actions: [DriverAction]) {
        // The successor has to catch up with a log that no longer grows.
        guard handOver == nil else { throw .refused(.notLeader) }
        var actions: [DriverAction] = []
        let index = lastIndex + 1
        try step(.submit(kind, payloads: payloads), now, &actions)
        return (index, term, actions)
    }

    /// Takes a message from a peer, over a connection that `epoch` tells from earlier ones.
    ///
    /// What an older connection still holds is dropped: the core does not bear messages out of order.
    package mutating func receive(
        _ message: RaftMessage, from peer: NodeID, epoch: UInt64, at now: UInt64
    ) throws(CoreFault) -> [DriverAction] {
        guard epoch >= epochs[peer, default: 0], peer != id else { return [] }
        epochs[peer] = epoch
        guard isPlausible(message, from: peer) else {
            refusals.implausible += 1
            return []
        }
        var actions: [DriverAction] = []
        switch message.body {
        case .requestVote where message.term == 0:
            peers[peer, default: PeerRecord()].votelessIn = term
            actions.append(.send(termAnswer(to: message), to: peer))
        case .requestVote where probation != nil, .timeoutNow where probation != nil:
            break
        case .voteResult where probation != nil:
            noteTerm(message.term, of: peer)
            settleProbation(&actions)
        case .timeoutNow where durable < lastIndex || installing != nil || unreported > 0:
            // As a candidate the core could not be told of the writes under way. The leader tries again.
            break
        case .appendEntries(let append) where message.term >= term:
            guard let admitted = admitted(skippingForgotten(append)) else { break }
            newestLeader = (message.term, peer)
            for part in Self.parts(of: message, admitted) {
                try step(.received(part, from: peer), now, &actions)
            }
        case .installSnapshot where message.term >= term:
            newestLeader = (message.term, peer)
            try step(.received(message, from: peer), now, &actions)
        case .appendResult(let answer) where role == .leader && message.term == term:
            var news = message
            news.body = .appendResult(noted(answer, of: peer, at: now))
            try step(.received(news, from: peer), now, &actions)
            tellCommit(&actions)
            try askSuccessor(now, &actions)
        default:
            try step(.received(message, from: peer), now, &actions)
        }
        return actions
    }

    /// Takes note that everything queued up to this write is durable.
    package mutating func wrote(
        _ write: UInt64, at now: UInt64
    ) throws(CoreFault) -> [DriverAction] {
        var actions: [DriverAction] = []
        let done = writes.prefix { $0.write <= write }
        let through = done.reduce(0) { max($0, $1.last) }
        waitingBytes -= done.reduce(0) { $0 + $1.bytes }
        writes.removeFirst(done.count)
        if let pending = installing, pending.write <= write, !pending.isDurable {
            installing?.isDurable = true
            durable = pending.marker.point.index
            actions.append(.deliver)
        } else if through > durable {
            durable = through
            unreported = through
            watch.movedAt = now
            try report(now, &actions)
            settleProbation(&actions)
            // On most nodes an entry is durable before it is committed.
            if deliverable > delivered { actions.append(.deliver) }
        }
        evict()
        return actions
    }

    /// Lets time pass; to be called at the ``deadline``.
    package mutating func timeout(at now: UInt64) throws(CoreFault) -> [DriverAction] {
        guard now >= deadline else { return [] }
        var actions: [DriverAction] = []
        if let handOver, now >= handOver.deadline {
            try endHandOver(handOver, now, &actions)
        }
        if role == .follower, probation != nil {
            askForTerms(now, &actions)
        } else if now >= coreDeadline, role != .follower || now >= watch.abstainsUntil {
            try step(.timeout, now, &actions)
        }
        if role == .leader, now >= watch.lookAt {
            watch.lookAt = now + limits.electionMilliseconds / UInt64(Watch.looks)
            try look(now, &actions)
            try arrangeMembers(now, &actions)
            watch.note(end: lastIndex)
        }
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
        terms.drop(before: index - trailing + 1)
        var actions: [DriverAction] = [.compact(marker, keeping: index - trailing + 1)]
        try step(.snapshotTaken(point, trailing: UInt32(trailing)), now, &actions)
        return actions
    }
}
