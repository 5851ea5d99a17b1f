// Who belongs to the group.
extension DriverState {
    /// Whether the newest change of members is not committed yet.
    package var isChangingMembers: Bool { (memberships.last?.index ?? 0) > commitIndex }

    /// Puts other members in force, if this node leads.
    ///
    /// One member may come, go or change its role at a time. A leader must have committed an entry of its
    /// own term before, which C-Raft does not see to: otherwise two groups of voters could each have a
    /// majority.
    /// - Returns: as ``submit(_:payloads:at:)``; the index is nil if an entry of this term had to be
    ///   submitted first, and the change must be asked for again.
    /// - Throws: ``CoreFault/refused(_:)`` if it does not lead, or the change is not one of those.
    package mutating func change(
        to new: Membership, at now: UInt64
    ) throws(CoreFault) -> (index: LogIndex?, term: Term, actions: [DriverAction]) {
        guard role == .leader, let membership else { throw .refused(.notLeader) }
        guard Self.isOneStep(from: membership, to: new),
            // A lone voter leads again in the term that it is in, in which another may have led.
            new.voters.count > 1 || membership.voters.count == 1 || new.isOnlyVoter(id)
        else { throw .refused(.unsuitableMember) }
        guard let firstOwn else {
            let (_, term, actions) = try submit(.barrier, payloads: [[]], at: now)
            return (nil, term, actions)
        }
        guard commitIndex >= firstOwn, !isChangingMembers else { throw .refused(.changeUnderWay) }
        return try submit(.membership, payloads: [new.bytes], at: now)
    }

    /// Whether at most one member differs, and somebody votes.
    ///
    /// With as many members as before C-Raft 0.22.1 goes on with what it knows of them by position, so one
    /// must not go while another comes.
    private static func isOneStep(from old: Membership, to new: Membership) -> Bool {
        let (before, after) = (old.members.map(\.id), new.members.map(\.id))
        let moved = Set(before).symmetricDifference(after).count
        let revoted = Set(old.voters).symmetricDifference(new.voters).count
        return moved <= 1 && revoted <= 1 && !new.voters.isEmpty
    }

    /// Takes note of who shall be a member; whoever leads sees to it, step by step.
    package mutating func want(
        _ members: [NodeID], at now: UInt64
    ) throws(CoreFault) -> [DriverAction] {
        wanted = members
        var actions: [DriverAction] = []
        try arrangeMembers(now, &actions)
        return actions
    }

    /// The entry up to which a standby must have the log before it is made a voter.
    ///
    /// It has what was there an election timeout ago: that is the round of Ongaro's thesis (4.2.1), and not so
    /// many entries, for a young log is shorter than any number of them. And it has the entry that
    /// makes it a member: C-Raft lets nobody vote whose own log does not name it, and if the leader died
    /// after the promotion, a group that needs that vote would stand still for ever.
    private var neededToVote: LogIndex {
        max(watch.ends.first ?? lastIndex, memberships.last?.index ?? 0)
    }

    /// Takes the next step towards the members that are wanted.
    mutating func arrangeMembers(
        _ now: UInt64, _ actions: inout [DriverAction]
    ) throws(CoreFault) {
        guard let wanted, role == .leader, handOver == nil, let membership else { return }
        let plan = MembershipPlan(
            wanted: wanted, present: membership, isChanging: isChangingMembers, id: id,
            isLeading: true, peers: progress(at: now), neededIndex: neededToVote,
            heardMilliseconds: limits.electionMilliseconds)
        do {
            switch plan.next {
            case .change(let new): actions += try change(to: new, at: now).actions
            case .transfer(let peer):
                try beginHandOver(to: peer, resigns: false, now, &actions)
            case .wait, .done: break
            }
        } catch .refused {
            // Not now; the next look tries again.
        }
    }
}
