import Consensus
import Execution
import Ledger
import Peers
import Replica

/// How the banks' nodes stand, as this one sees it.
struct GroupStatus: Sendable {
    /// One bank's node.
    struct Member: Sendable {
        let bank: Bank
        /// Its part in ordering; nil for a bank that is not a member yet, or not known to this node.
        var role: Membership.Role?
        /// What it said last, and when; of this node what is so now.
        var told: PeerTable.Entry?
        /// Both connections to and from it, its certificate, the last refusal; nil of this node.
        var connection: PeerState?
        /// What the leader knows of it; only on the leader.
        var progress: PeerProgress?
    }

    /// The own bank's number.
    let id: UInt64
    /// Who leads as far as known.
    let leader: UInt64?
    let raft: Driver.Status
    /// All banks of the ledger, by number.
    let members: [Member]
    /// The certificate with which this node comes; nil where it has no peers.
    let certificate: CertificateFacts?
    /// The height that most is known of: the highest that a bank told of lately, or this node's own.
    let highest: UInt64

    /// How many blocks a bank is behind the highest one; nil if it told nothing.
    func lag(of member: Member) -> UInt64? {
        member.told.map { highest > $0.status.height ? highest - $0.status.height : 0 }
    }
}

extension Node {
    /// How the banks' nodes stand.
    var groupStatus: GroupStatus {
        let raft = driver.status
        let set = bankSet
        let now = clock.nowMillis
        let group = consortium?.group
        let height = head.header.height
        let own = PeerTable.Entry(
            status: PeerStatus(
                height: height, certified: min(certifiedHeight, height), oldest: oldestHeight,
                timeMillis: now, version: Machine.versionsKnown.upperBound,
                isServing: status.closedBecause == nil), heardMillis: now)
        let connections = group?.network.states() ?? []
        let members = set.banks.map { bank in
            let node = NodeID(bank.id)
            var member = GroupStatus.Member(bank: bank)
            member.role = raft.membership?.members.first { $0.id == node }?.role
            if node == id {
                member.told = own
            } else {
                member.told = group?.table[node]
                member.connection = connections.first { $0.id == node }
                member.progress = raft.peers[node]
            }
            return member
        }
        let leader: UInt64? =
            switch raft.leadership {
            case .leading: id.rawValue
            case .following(let leader): leader?.rawValue
            }
        return GroupStatus(
            id: id.rawValue, leader: leader, raft: raft, members: members,
            certificate: group?.network.certificate,
            highest: members.compactMap { $0.told?.status.height }.max() ?? 0)
    }
}
