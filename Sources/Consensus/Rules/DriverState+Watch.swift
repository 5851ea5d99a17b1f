/// When a leader last saw things move, and when it may do something about it again.
struct Watch: Equatable {
    /// When an entry was last committed, acknowledged or made durable here, or nothing was left to be.
    var movedAt: UInt64 = 0
    /// When to look again.
    var lookAt: UInt64 = 0
    /// Where the log ended at the last looks of this reign, of an election timeout, the oldest first.
    var ends: [LogIndex] = []
    /// When leadership may be handed over again because nothing is committed.
    var mayHandOverAt: UInt64 = 0
    /// When leadership may be handed over again because of a peer that is stuck.
    var mayHandOverForPeerAt: UInt64 = 0
    /// Until when this node, which gave up leadership, lets others be elected.
    var abstainsUntil: UInt64 = 0
}

/// Leadership on its way to another voter.
struct HandOver: Equatable {
    let target: NodeID
    /// When to give it up.
    let deadline: UInt64
    /// Whether to give up leadership too if the other does not take it.
    let resigns: Bool
    /// Whether the other was asked to start its election.
    var isAsked = false
}

extension Watch {
    /// How often a leader looks in an election timeout.
    static let looks = 4

    /// Takes note of where the log ends now.
    mutating func note(end: LogIndex) {
        ends = (ends + [end]).suffix(Self.looks)
    }
}

// A leader's view of its peers.
extension DriverState {
    /// Takes note of a peer's answer.
    /// - Returns: what the core may be told of it.
    mutating func noted(
        _ answer: RaftMessage.AppendResult, of peer: NodeID, at now: UInt64
    ) -> RaftMessage.AppendResult {
        guard membership?.members.contains(where: { $0.id == peer }) == true else { return answer }
        var record = peers[peer, default: PeerRecord()]
        defer { peers[peer] = record }
        record.heardAt = now
        var told = answer
        if answer.rejected == 0 {
            let match = min(answer.lastIndex, lastIndex)
            if match > record.match {
                record = PeerRecord(
                    match: match, heardAt: now, installing: record.installing,
                    toldCommit: record.toldCommit)
                watch.movedAt = now
            }
        } else if answer.rejected <= record.match {
            // C-Raft 0.22.1 would go back below what the peer has acknowledged, and from then on send it
            // signs of life only. Over an ordered connection such an answer means that the peer has lost
            // entries; a new leader, which does not know what it acknowledged, will send them again.
            record.hasLost = true
            told.rejected = 0
            told.lastIndex = 0
        } else {
            told.lastIndex = max(answer.lastIndex, record.match)
        }
        return told
    }

    /// How the peers stand, for people and for ``MembershipPlan``; empty unless this node leads.
    package func progress(at now: UInt64) -> [NodeID: PeerProgress] {
        guard role == .leader else { return [:] }
        var progress: [NodeID: PeerProgress] = [:]
        for member in membership?.members ?? [] where member.id != id {
            let record = peers[member.id, default: PeerRecord()]
            progress[member.id] = PeerProgress(
                matchIndex: record.match,
                lastHeardMilliseconds: record.heardAt.map { now - min(now, $0) },
                isStuck: isStuck(record, at: now))
        }
        return progress
    }

    private func isStuck(_ record: PeerRecord, at now: UInt64) -> Bool {
        record.behindSince.map { now >= $0 + limits.stuckMilliseconds } ?? false
    }

    private func isHeard(_ peer: NodeID, at now: UInt64) -> Bool {
        peers[peer]?.isHeard(at: now, within: limits.electionMilliseconds) ?? false
    }

    // MARK: The watchdog

    /// Looks whether things move as they should, and does something about it if not.
    mutating func look(_ now: UInt64, _ actions: inout [DriverAction]) throws(CoreFault) {
        guard role == .leader, let membership else { return }
        try lookAtCommits(membership, now, &actions)
        for member in membership.members where member.id != id && member.role != .spare {
            try look(at: member.id, now, &actions)
        }
    }

    /// Hands over if a majority is there and nothing moves all the same.
    private mutating func lookAtCommits(
        _ membership: Membership, _ now: UInt64, _ actions: inout [DriverAction]
    ) throws(CoreFault) {
        // The others can commit without this node's disk, but it executes nothing, and so soon orders nothing,
        // that its own disk does not have.
        if commitIndex == lastIndex, durable == lastIndex { watch.movedAt = now }
        let patience = 3 * limits.electionMilliseconds
        let heard = membership.voters.count { $0 == id || isHeard($0, at: now) }
        guard now >= watch.movedAt + patience, now >= watch.mayHandOverAt, handOver == nil,
            2 * heard > membership.voters.count, let successor = successor(at: now)
        else { return }
        watch.mayHandOverAt = now + patience
        try beginHandOver(to: successor, resigns: true, now, &actions)
    }

    /// Makes the connection to a peer anew if it answers and does not come on, and later hands over.
    ///
    /// A new leader has forgotten what this one believes of the peer, and so begins with it afresh.
    private mutating func look(
        at peer: NodeID, _ now: UInt64, _ actions: inout [DriverAction]
    ) throws(CoreFault) {
        var record = peers[peer, default: PeerRecord()]
        let isBehind =
            record.hasLost || (record.match < commitIndex && record.match >= record.installing)
        guard isBehind, isHeard(peer, at: now) else {
            peers[peer]?.behindSince = nil
            return
        }
        let since = record.behindSince ?? now
        record.behindSince = since
        if !record.hasLost, !record.isReconnected, now >= since + limits.stuckMilliseconds {
            record.isReconnected = true
            actions.append(.reconnect(peer))
        }
        peers[peer] = record
        let patience = (record.hasLost ? 1 : 2) * limits.stuckMilliseconds
        guard now >= since + patience, now >= watch.mayHandOverForPeerAt, handOver == nil,
            let successor = successor(at: now, otherThan: peer)
        else { return }
        watch.mayHandOverForPeerAt = now + limits.handOverPauseMilliseconds
        try beginHandOver(to: successor, resigns: true, now, &actions)
    }

    // MARK: Handing over

    /// The other voter that has come furthest of those that are there; of equal ones the first.
    func successor(at now: UInt64, otherThan stuck: NodeID? = nil) -> NodeID? {
        var best: (peer: NodeID, match: LogIndex)?
        for voter in membership?.voters ?? [] where voter != id && voter != stuck {
            guard canLead(voter, at: now), let match = peers[voter]?.match else { continue }
            if best.map({ match > $0.match }) ?? true { best = (voter, match) }
        }
        return best?.peer
    }

    /// Whether a peer was heard lately, and votes as far as this node knows.
    private func canLead(_ peer: NodeID, at now: UInt64) -> Bool {
        isHeard(peer, at: now) && peers[peer]?.votelessIn != term
    }

    /// Hands leadership to another voter, or to the best one.
    ///
    /// From now on nothing is submitted; as soon as the other has the whole log it is asked to start its
    /// election. If it does not lead within an election timeout, this node goes on.
    /// - Returns: to whom, and what to do.
    /// - Throws: ``CoreFault/refused(_:)`` if this node does not lead or is handing over already, or if the
    ///   other is no voter, was restored and has no vote yet, or has not been heard lately.
    package mutating func transfer(
        to peer: NodeID?, at now: UInt64
    ) throws(CoreFault) -> (target: NodeID, actions: [DriverAction]) {
        guard role == .leader else { throw .refused(.notLeader) }
        guard handOver == nil else { throw .refused(.changeUnderWay) }
        guard let target = peer ?? successor(at: now), target != id, canLead(target, at: now),
            membership?.voters.contains(target) == true
        else { throw .refused(.unsuitableMember) }
        var actions: [DriverAction] = []
        try beginHandOver(to: target, resigns: false, now, &actions)
        return (target, actions)
    }

    mutating func beginHandOver(
        to target: NodeID, resigns: Bool, _ now: UInt64, _ actions: inout [DriverAction]
    ) throws(CoreFault) {
        handOver = HandOver(
            target: target, deadline: now + limits.electionMilliseconds, resigns: resigns)
        try askSuccessor(now, &actions)
    }

    /// Lets the core ask the successor to start its election, once that one has the whole log.
    ///
    /// C-Raft 0.22.1 itself asks at the first acknowledgement, whatever is still missing; the other then
    /// ignores it, is not asked again, and for an election timeout nothing can be submitted.
    mutating func askSuccessor(
        _ now: UInt64, _ actions: inout [DriverAction]
    ) throws(CoreFault) {
        guard let pending = handOver, !pending.isAsked, peers[pending.target]?.match == lastIndex
        else { return }
        handOver?.isAsked = true
        do {
            try step(.transfer(to: pending.target), now, &actions)
        } catch .refused {
            // The core is not yet over an earlier attempt; this one will come to its deadline.
        }
    }

    mutating func endHandOver(
        _ ended: HandOver, _ now: UInt64, _ actions: inout [DriverAction]
    ) throws(CoreFault) {
        handOver = nil
        guard ended.resigns, role == .leader else { return }
        watch.abstainsUntil = now + 3 * limits.electionMilliseconds
        try step(.stepDown, now, &actions)
    }
}
