import Testing

@testable import Consensus

@Suite struct PromotionTests {
    /// Who votes by the newest entry about members.
    private func voters(_ leader: TestLeader) -> [NodeID] {
        leader.state.membership?.voters ?? []
    }

    /// A leader of three banks of which a fourth shall be one, too; it has made that one a standby, and no more.
    private func leaderWithStandby() throws -> (leader: TestLeader, standbySince: LogIndex) {
        var leader = try TestLeader(answering: [2, 3])
        try leader.perform { state, now in
            try state.want((1...4).map { NodeID($0) }, at: now)
        }
        let since = leader.state.lastIndex
        try #require(leader.state.membership?.members.last?.role == .standby)
        try #require(leader.state.commitIndex == since)
        return (leader, since)
    }

    @Test func `a bank that has nothing yet does not vote, however short the log is`() throws {
        // If it did and the leader died, the others could need the vote of one that cannot give it: C-Raft
        // refuses wherever the log does not say that this node is a member.
        var (leader, _) = try leaderWithStandby()
        // It is heard, and acknowledges nothing: so it answers while it fetches a snapshot's state.
        leader.answering[4] = .some(0)
        try leader.pass(5_000)
        #expect(voters(leader).count == 3)
    }

    @Test func `a bank votes only once its log says that it is a member`() throws {
        var (leader, since) = try leaderWithStandby()
        leader.answering[4] = .some(since - 1)
        try leader.pass(5_000)
        #expect(voters(leader).count == 3)
        leader.answering[4] = .some(since)
        try leader.pass(500)
        #expect(voters(leader).count == 4)
    }

    @Test func `a bank votes if it has what was there an election timeout ago, under load`() throws
    {
        var (leader, _) = try leaderWithStandby()
        var ends: [LogIndex] = []
        // It lags by two seconds at first, then by half of one.
        for lag in [20, 5] {
            for _ in 0..<40 {
                ends.append(leader.state.lastIndex)
                leader.answering[4] = .some(ends.dropLast(lag).last ?? 0)
                try leader.submit()
                try leader.pass(100)
            }
            #expect(voters(leader).count == (lag == 20 ? 3 : 4))
        }
    }
}
