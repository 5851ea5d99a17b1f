import Testing

@testable import Consensus

@Suite struct LeaderTests {
    @Test func `a leader knows how far its peers are and when it heard them`() throws {
        var leader = try TestLeader(answering: [2])
        try leader.submit()
        try leader.pass(70)
        let progress = leader.state.progress(at: leader.now)
        #expect(progress[NodeID(2)]?.matchIndex == 3)
        #expect((progress[NodeID(2)]?.lastHeardMilliseconds ?? .max) <= 100)
        #expect(
            progress[NodeID(3)]
                == PeerProgress(matchIndex: 0, lastHeardMilliseconds: nil, isStuck: false))
        #expect(leader.state.commitIndex == 3)
    }

    @Test func `followers hear at once what is committed, once`() throws {
        var leader = try TestLeader(answering: [2, 3])
        _ = leader.takeActions()
        try leader.submit()
        let told = leader.takeActions().compactMap { action -> NodeID? in
            guard case .send(let message, let peer) = action,
                case .appendEntries(let append) = message.body, append.commitIndex == 3
            else { return nil }
            #expect(append.entries.isEmpty && append.previousIndex == 3 && message.term == 2)
            return peer
        }
        #expect(told.sorted() == [NodeID(2), NodeID(3)])
        // A peer that lacks entries hears it with them.
        leader.answering[3] = nil
        try leader.submit()
        #expect(leader.state.commitIndex == 4)
        #expect(
            !leader.takeActions().contains { action in
                guard case .send(let message, NodeID(3)) = action,
                    case .appendEntries(let append) = message.body
                else { return false }
                return append.commitIndex == 4
            })
    }

    @Test func `the core stalls a peer that once answers below what it acknowledged`() throws {
        // What the rules below keep from it: C-Raft 0.22.1 sends nothing but signs of life afterwards.
        let leader = try TestLeader(answering: [2, 3])
        let core = leader.state.core
        let now = leader.now
        func step(_ event: RaftEvent) throws -> [Int] {
            try core.step(event, at: now + 100).messages.compactMap {
                switch $0 {
                case .entries(_, let count, NodeID(3)): count
                case .message(let message, NodeID(3)):
                    if case .appendEntries = message.body { 0 } else { nil }
                default: nil
                }
            }
        }
        func answer(_ rejected: LogIndex, _ last: LogIndex) -> RaftEvent {
            .received(
                RaftMessage(
                    version: 1, term: 2,
                    body: .appendResult(
                        .init(rejected: rejected, lastIndex: last, features: 0, capacity: 0))),
                from: NodeID(3))
        }
        #expect(try step(.submit(.command, payloads: [[1], [2]])) == [2])
        // Something was lost, and the leader probes from what was acknowledged ...
        #expect(try step(answer(4, 2)) == [2])
        // ... and now from before it.
        _ = try step(answer(2, 1))
        #expect(try step(answer(0, 2)) == [])
        for _ in 0..<5 {
            #expect(try step(.submit(.command, payloads: [[3]])).allSatisfy { $0 == 0 })
        }
    }

    @Test func `such an answer does not reach the core`() throws {
        var leader = try TestLeader(answering: [2, 3])
        leader.answering[3] = nil
        for _ in 0..<2 { try leader.submit() }
        try leader.answer(3, through: 2, rejecting: 4)
        try leader.answer(3, through: 1, rejecting: 2)
        _ = leader.takeActions()
        leader.answering[3] = .some(nil)
        try leader.pass(300)
        #expect(leader.takeActions().entriesSent(to: 3) == [3, 4])
        #expect(leader.state.progress(at: leader.now)[NodeID(3)]?.matchIndex == 4)
    }

    @Test func `a peer that is heard and does not come on is connected anew, then left`() throws {
        var leader = try TestLeader(answering: [2, 3])
        leader.answering[3] = .some(2)
        try leader.submit()
        try leader.pass(9_900)
        #expect(leader.takeActions().reconnected == [])
        #expect(leader.state.progress(at: leader.now)[NodeID(3)]?.isStuck == false)
        try leader.pass(1_000)
        let actions = leader.takeActions()
        #expect(actions.reconnected == [3] && actions.asked == [])
        #expect(leader.state.progress(at: leader.now)[NodeID(3)]?.isStuck == true)
        try leader.pass(10_000)
        let later = leader.takeActions()
        #expect(later.reconnected == [] && later.asked == [2])
        // The other does not take it, so this one gives up and lets others stand for a while.
        try leader.pass(1_000)
        #expect(leader.state.role == .follower && leader.state.term == 3)
        #expect(leader.state.deadline >= leader.now + 2_000)
    }

    @Test func `a peer that comes on, is silent or fetches a snapshot is left alone`() throws {
        var leader = try TestLeader(members: 5, answering: [2, 3, 4])
        for round in 0..<40 {
            // The fifth one is not heard at all, the fourth one limps.
            leader.answering[4] = .some(UInt64(2 + round / 9))
            try leader.submit()
            try leader.pass(1_000)
        }
        let actions = leader.takeActions()
        #expect(actions.reconnected == [] && actions.asked == [] && leader.state.role == .leader)
    }

    @Test func `a peer that lost what it had acknowledged gets another leader`() throws {
        var leader = try TestLeader(answering: [2, 3])
        try leader.answer(3, through: 1, rejecting: 2)
        try leader.pass(11_000)
        let actions = leader.takeActions()
        #expect(actions.reconnected == [] && actions.asked == [2])
    }

    @Test func `a leader hands over if a majority is there and nothing is committed`() throws {
        var leader = try TestLeader(members: 5, answering: [2, 3, 4, 5])
        for peer: UInt64 in 2...4 { leader.answering[peer] = .some(2) }
        try leader.submit()
        try leader.pass(2_900)
        #expect(leader.takeActions().asked == [])
        try leader.pass(600)
        #expect(leader.takeActions().asked == [5])
    }

    @Test func `a leader whose own disk hangs hands over, though the others commit without it`()
        throws
    {
        var leader = try TestLeader(answering: [2, 3])
        leader.hangs = true
        try leader.submit()
        #expect(leader.state.commitIndex == 3 && leader.state.durable == 2)
        #expect(leader.state.deliverable == 2)
        try leader.pass(2_900)
        #expect(leader.takeActions().asked == [])
        try leader.pass(600)
        #expect(leader.takeActions().asked == [2])
    }

    @Test func `it gives up if nobody else has the whole log`() throws {
        var leader = try TestLeader(answering: [2, 3])
        for peer: UInt64 in 2...3 { leader.answering[peer] = .some(2) }
        try leader.submit()
        try leader.pass(4_500)
        #expect(leader.takeActions().asked == [])
        #expect(leader.state.role == .follower && leader.state.term == 3)
    }

    // MARK: Handing over on request

    @Test func `the successor is asked once it has the whole log, and nothing is added meanwhile`()
        throws
    {
        var leader = try TestLeader(answering: [2, 3])
        leader.answering[3] = nil
        for _ in 0..<3 { try leader.submit() }
        try leader.perform { state, now in try state.transfer(to: NodeID(3), at: now).actions }
        #expect(throws: CoreFault.refused(.notLeader)) { try leader.submit() }
        try leader.answer(3, through: 3)
        #expect(leader.takeActions().asked == [])
        try leader.answer(3, through: 5)
        #expect(leader.takeActions().asked == [3])
    }

    @Test func `a successor that does not take over leaves the leader as it was`() throws {
        var leader = try TestLeader(answering: [2, 3])
        try leader.perform { state, now in try state.transfer(to: nil, at: now).actions }
        #expect(leader.takeActions().asked == [2])
        #expect(throws: CoreFault.refused(.changeUnderWay)) {
            try leader.perform { state, now in try state.transfer(to: nil, at: now).actions }
        }
        try leader.pass(1_200)
        try leader.submit()
        #expect(leader.state.commitIndex == 3 && leader.state.term == 2)
        try leader.perform { state, now in try state.transfer(to: nil, at: now).actions }
        #expect(leader.takeActions().asked == [2])
    }

    @Test func `leadership goes only to a voter that is there`() throws {
        var leader = try TestLeader(answering: [2])
        for peer in [NodeID(1), NodeID(3), NodeID(9)] {
            #expect(throws: CoreFault.refused(.unsuitableMember)) {
                try leader.state.transfer(to: peer, at: leader.now)
            }
        }
        #expect(try leader.state.transfer(to: nil, at: leader.now).target == NodeID(2))
    }

    @Test func `leadership does not go to a restored node that has no vote in this term`() throws {
        var leader = try TestLeader(answering: [2, 3])
        try leader.receive(
            .requestVote(
                .init(
                    candidate: NodeID(2), lastIndex: 0, lastTerm: 0, disruptsLeader: false,
                    isPreVote: false)), from: 2, term: 0)
        #expect(throws: CoreFault.refused(.unsuitableMember)) {
            try leader.state.transfer(to: NodeID(2), at: leader.now)
        }
        #expect(try leader.state.transfer(to: nil, at: leader.now).target == NodeID(3))
    }
}
