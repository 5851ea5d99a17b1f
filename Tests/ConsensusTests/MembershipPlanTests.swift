import Testing

@testable import Consensus

@Suite struct MembershipPlanTests {
    /// Members as text: "1 2 3s" has two voters and a standby.
    private func members(_ text: String) -> Membership {
        Membership(
            text.split(separator: " ").map { word in
                .init(
                    id: NodeID(UInt64(word.filter(\.isNumber))!),
                    role: word.hasSuffix("s") ? .standby : .voter)
            })!
    }

    /// What node `id`, which leads, does next; all others are there with all of 100 entries, except those
    /// in `late` (at entry 10) and `silent`.
    private func next(
        _ present: String, wanted: [UInt64], id: UInt64 = 1, isChanging: Bool = false,
        late: [UInt64] = [], silent: [UInt64] = []
    ) -> MembershipPlan.Step {
        var peers: [NodeID: PeerProgress] = [:]
        for member in members(present).members where member.id.rawValue != id {
            peers[member.id] = PeerProgress(
                matchIndex: late.contains(member.id.rawValue) ? 10 : 100,
                lastHeardMilliseconds: silent.contains(member.id.rawValue) ? nil : 10,
                isStuck: false)
        }
        return MembershipPlan(
            wanted: wanted.map { NodeID($0) }, present: members(present), isChanging: isChanging,
            id: NodeID(id), isLeading: true, peers: peers, neededIndex: 90
        ).next
    }

    @Test func `a new bank gets the log first, and votes when it has come far enough`() {
        #expect(next("1 2 3", wanted: [1, 2, 3, 4]) == .change(members("1 2 3 4s")))
        #expect(next("1 2 3 4s", wanted: [1, 2, 3, 4], isChanging: true) == .wait)
        #expect(next("1 2 3 4s", wanted: [1, 2, 3, 4], late: [4]) == .wait)
        #expect(next("1 2 3 4s", wanted: [1, 2, 3, 4], silent: [4]) == .wait)
        #expect(next("1 2 3 4s", wanted: [1, 2, 3, 4]) == .change(members("1 2 3 4")))
        #expect(next("1 2 3 4", wanted: [4, 2, 3, 1]) == .done)
    }

    @Test func `several come one after the other, whoever is ready first`() {
        #expect(next("1", wanted: [1, 2, 3]) == .change(members("1 2s")))
        #expect(next("1 2s", wanted: [1, 2, 3], late: [2]) == .change(members("1 2s 3s")))
        #expect(next("1 2s 3s", wanted: [1, 2, 3], late: [2]) == .change(members("1 2s 3")))
    }

    @Test func `a bank that leaves loses its vote, then its place`() {
        #expect(next("1 2 3", wanted: [1, 2]) == .change(members("1 2 3s")))
        #expect(next("1 2 3s", wanted: [1, 2]) == .change(members("1 2")))
        // Also one that is gone already.
        #expect(next("1 2 3", wanted: [1, 2], silent: [3]) == .change(members("1 2 3s")))
        #expect(next("1 2", wanted: [1]) == .change(members("1 2s")))
    }

    @Test func `nobody loses a vote without whom nothing could be committed`() {
        #expect(next("1 2 3", wanted: [1, 2], silent: [2]) == .wait)
        #expect(next("1 2 3 4", wanted: [1, 2], silent: [2]) == .change(members("1 2 3s 4")))
        #expect(next("1 2 4", wanted: [1, 2], silent: [2]) == .wait)
        // A silent voter more would make it two of four.
        #expect(next("1 2 3 4s", wanted: [1, 2, 3, 4], silent: [2, 3]) == .wait)
    }

    @Test func `a leader that is to leave hands over to one that stays`() {
        #expect(next("1 2 3", wanted: [2, 3, 4]) == .transfer(to: NodeID(2)))
        #expect(next("1 2 3", wanted: [2, 3], late: [2]) == .transfer(to: NodeID(3)))
        #expect(next("1 2 3", wanted: [2, 3], silent: [2, 3]) == .wait)
        // Nobody who stays votes yet.
        #expect(next("1", wanted: [2]) == .change(members("1 2s")))
        #expect(next("1 2s", wanted: [2]) == .change(members("1 2")))
        #expect(next("1 2", wanted: [2]) == .transfer(to: NodeID(2)))
        #expect(next("1 2", wanted: [2], id: 2) == .change(members("1s 2")))
        #expect(next("1s 2", wanted: [2], id: 2) == .change(members("2")))
    }

    @Test func `only the leader does anything, and an empty wish is none`() {
        var plan = MembershipPlan(
            wanted: [NodeID(1), NodeID(2)], present: members("1 2 3"), isChanging: false,
            id: NodeID(1), isLeading: false, peers: [:], neededIndex: 9)
        #expect(plan.next == .wait)
        plan.isLeading = true
        plan.wanted = []
        #expect(plan.next == .wait)
    }
}
