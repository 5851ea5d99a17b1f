/// Brings the members of the group to those that the ledger wants, one step at a time.
///
/// A leader asks for the next step whenever something may have changed, and takes it. Nothing is kept
/// between steps, so another leader goes on where the last one stopped.
public struct MembershipPlan: Sendable {
    /// Who shall be a member and vote.
    public var wanted: [NodeID]
    /// The newest members in the log.
    public var present: Membership
    /// Whether those are not committed yet.
    public var isChanging: Bool
    /// This node.
    public var id: NodeID
    /// Whether it leads.
    public var isLeading: Bool
    /// What it knows of the others.
    public var peers: [NodeID: PeerProgress]
    /// The entry up to which a member must have the log that is to vote.
    public var neededIndex: LogIndex
    /// How lately a peer must have been heard to count on it.
    public var heardMilliseconds: UInt64

    /// Describes the wish and how things stand.
    public init(
        wanted: [NodeID], present: Membership, isChanging: Bool, id: NodeID, isLeading: Bool,
        peers: [NodeID: PeerProgress], neededIndex: LogIndex, heardMilliseconds: UInt64 = 1_000
    ) {
        self.wanted = wanted
        self.present = present
        self.isChanging = isChanging
        self.id = id
        self.isLeading = isLeading
        self.peers = peers
        self.neededIndex = neededIndex
        self.heardMilliseconds = heardMilliseconds
    }

    /// What to do now.
    public enum Step: Equatable, Sendable {
        /// Put these members in force.
        case change(Membership)
        /// Hand leadership over, for this node is to leave; the other goes on.
        case transfer(to: NodeID)
        /// Nothing can be done now.
        case wait
        /// The members are those wanted.
        case done
    }

    /// The next step.
    ///
    /// In this order: a leader that is to go hands over to one that stays; who is to go loses its vote,
    /// then its place, so that it is told; who is to come gets the log first (as a standby, which C-Raft
    /// brings up to date like any other), and votes when it has as much of it as is needed. So nobody's vote
    /// is counted on who is not there or far behind.
    public var next: Step {
        let wanted = self.wanted.sorted()
        guard present.voters != wanted || present.members.count != wanted.count else {
            return .done
        }
        guard isLeading, !isChanging, !wanted.isEmpty else { return .wait }
        if !wanted.contains(id), let successor = successor(among: wanted) {
            return .transfer(to: successor)
        }
        let changes = departures(wanted) + arrivals(wanted) + promotions(wanted)
        return changes.first(where: hasMajority).map { .change($0) } ?? .wait
    }

    /// The members without the vote or the place of each other one that is to go.
    private func departures(_ wanted: [NodeID]) -> [Membership] {
        present.members.filter { !wanted.contains($0.id) && $0.id != id }.compactMap { member in
            member.role == .voter
                ? present.with(.standby, member.id) : present.with(nil, member.id)
        }
    }

    /// The members with each new one, which does not vote yet.
    private func arrivals(_ wanted: [NodeID]) -> [Membership] {
        let known = present.members.map(\.id)
        return wanted.filter { !known.contains($0) }.compactMap { present.with(.standby, $0) }
    }

    /// The members with the vote of each one that has come far enough.
    private func promotions(_ wanted: [NodeID]) -> [Membership] {
        present.members.filter {
            $0.role != .voter && wanted.contains($0.id) && isHeard($0.id)
                && (peers[$0.id]?.matchIndex ?? 0) >= neededIndex
        }.compactMap { present.with(.voter, $0.id) }
    }

    /// The voter that stays and has come furthest of those that are there.
    private func successor(among wanted: [NodeID]) -> NodeID? {
        present.voters.filter { $0 != id && wanted.contains($0) && isHeard($0) }.max {
            (peers[$0]?.matchIndex ?? 0, $1.rawValue) < (peers[$1]?.matchIndex ?? 0, $0.rawValue)
        }
    }

    /// Whether those of the voters that are there could commit anything.
    private func hasMajority(_ members: Membership) -> Bool {
        2 * members.voters.count { $0 == id || isHeard($0) } > members.voters.count
    }

    private func isHeard(_ peer: NodeID) -> Bool {
        peers[peer]?.lastHeardMilliseconds.map { $0 < heardMilliseconds } ?? false
    }
}

extension Membership {
    /// The same members, but for one with another role, or none if the role is nil.
    /// - Returns: nil if nobody would be left.
    public func with(_ role: Role?, _ id: NodeID) -> Membership? {
        let address = members.first { $0.id == id }?.address ?? ""
        let others = members.filter { $0.id != id }
        return Membership(
            others + (role.map { [Member(id: id, role: $0, address: address)] } ?? []))
    }
}
