import Testing

@testable import Consensus

@Suite struct DriverStateTests {
    @Test func `a write that was overtaken by a new leader's entries acknowledges none of them`()
        throws
    {
        var follower = try TestFollower()
        try follower.receive(after: 1, 1, (2...10).map { entry($0) }, commit: 1)
        #expect(follower.appends == [[1, 2, 9]])
        try follower.receive(
            after: 1, 1, (2...4).map { entry($0, term: 2) }, commit: 1, term: 2, from: 3)
        #expect(follower.appends == [[2, 2, 3]])
        try follower.wrote(1)
        #expect(follower.acknowledged == [] && follower.state.durable == 1)
        try follower.wrote(2)
        #expect(follower.acknowledged == [4] && follower.state.durable == 4)
    }

    @Test func `entries that a snapshot stands for are not taken for new ones`() throws {
        var follower = try TestFollower()
        try follower.receive(after: 1, 1, (2...30).map { entry($0) }, commit: 30)
        try follower.wrote(1)
        #expect(follower.state.deliverable == 30)
        _ = try follower.state.snapshot(at: 25, term: 1, application: [], now: 4)
        let first = LogEntry(
            term: 1, kind: .membership, payload: TestFollower.members(voters: 3).bytes)
        try follower.receive(after: 0, 0, [first] + (2...40).map { entry($0) }, commit: 30)
        #expect(follower.appends == [[2, 31, 10]])
        try follower.wrote(2)
        #expect(follower.acknowledged == [40])
        // Nothing but what is forgotten.
        try follower.receive(after: 0, 0, [first, entry(2)], commit: 30)
        #expect(follower.appends == [] && follower.acknowledged == [25])
    }

    @Test func `a snapshot that comes while another is fetched is fetched too`() throws {
        let markers = [20, 30].map { index in
            SnapshotMarker(
                point: SnapshotPoint(
                    index: index, term: 1, membership: TestFollower.members(voters: 3),
                    membershipIndex: 1),
                application: [UInt8(index)])
        }
        // Its log was reset before it could fetch the state, and then it was started again.
        var follower = try TestFollower(snapshot: markers[0])
        follower.state.told(.following(leader: nil))
        #expect(follower.state.nextDelivery() == .restore(markers[0]))
        try follower.install(markers[1])
        try follower.wrote(1)
        try follower.restored(markers[0])
        follower.state.told(.following(leader: NodeID(1)))
        #expect(follower.state.delivered == 20)
        #expect(follower.state.nextDelivery() == .restore(markers[1]))
        try follower.restored(markers[1])
        #expect(follower.state.delivered == 30)
        #expect(follower.state.nextDelivery() != .restore(markers[1]))
    }

    @Test func `a change of members is seen as committed also behind other entries`() throws {
        var follower = try TestFollower()
        let change = LogEntry(
            term: 1, kind: .membership, payload: TestFollower.members(voters: 2).bytes)
        try follower.receive(after: 1, 1, [entry(2), entry(3), change, entry(5)], commit: 1)
        #expect(follower.state.core.uncommittedChange == 4)
        #expect(follower.state.membership == TestFollower.members(voters: 2))
        try follower.receive(after: 5, 1, [], commit: 5)
        #expect(follower.state.core.uncommittedChange == 0)
    }

    @Test func `a change of members that a new leader does not have is taken back`() throws {
        var follower = try TestFollower()
        let change = LogEntry(
            term: 1, kind: .membership, payload: TestFollower.members(voters: 2).bytes)
        try follower.receive(after: 1, 1, [entry(2), change], commit: 1)
        try follower.receive(after: 2, 1, [entry(3, term: 2)], commit: 1, term: 2, from: 3)
        #expect(follower.state.membership == TestFollower.members(voters: 3))
        #expect(follower.state.core.uncommittedChange == 0)
    }

    @Test func `a member that missed its promotion votes, but not while a leader is heard`() throws
    {
        var follower = try TestFollower()
        let demotion = LogEntry(
            term: 1, kind: .membership,
            payload: Membership([
                .init(id: NodeID(1)), .init(id: NodeID(2), role: .standby), .init(id: NodeID(3)),
            ])!.bytes)
        try follower.receive(after: 1, 1, [demotion], commit: 2)
        try follower.wrote(1)
        func answer(at now: UInt64) throws -> RaftMessage.VoteResult? {
            let ask = RaftMessage(
                version: 2, term: 2,
                body: .requestVote(
                    .init(
                        candidate: NodeID(3), lastIndex: 3, lastTerm: 1, disruptsLeader: false,
                        isPreVote: false)))
            for action in try follower.state.receive(ask, from: NodeID(3), epoch: 1, at: now) {
                if case .send(let message, _) = action, case .voteResult(let result) = message.body
                {
                    return result
                }
            }
            return nil
        }
        #expect(try answer(at: 500)?.isGranted == false)
        #expect(try answer(at: 5_000)?.isGranted == true)
        #expect(follower.state.membership?.voters == [NodeID(1), NodeID(3)])
    }

    @Test func `messages of an older connection are dropped`() throws {
        var follower = try TestFollower()
        try follower.receive(after: 1, 1, [entry(2)], commit: 1, epoch: 5)
        try follower.receive(after: 2, 1, [entry(3)], commit: 1, epoch: 4)
        #expect(follower.actions == [] && follower.state.lastIndex == 2)
        try follower.receive(after: 2, 1, [entry(3)], commit: 1, epoch: 6)
        #expect(follower.state.lastIndex == 3)
    }

    @Test func `term and vote come before what depends on them`() throws {
        var follower = try TestFollower()
        let ask = RaftMessage(
            version: 2, term: 7,
            body: .requestVote(
                .init(
                    candidate: NodeID(3), lastIndex: 9, lastTerm: 6, disruptsLeader: false,
                    isPreVote: false)))
        let actions = try follower.state.receive(ask, from: NodeID(3), epoch: 1, at: 5_000)
        #expect(actions.first == .save(HardState(term: 7, vote: NodeID(3))))
        guard case .send(let answer, let peer)? = actions.dropFirst().first,
            case .voteResult(let result) = answer.body
        else {
            Issue.record("no answer")
            return
        }
        #expect(peer == NodeID(3) && result.isGranted && answer.term == 7)
    }

    @Test func `many bytes go out in several messages that follow on each other`() {
        let message = RaftMessage(
            version: 0, term: 3,
            body: .appendEntries(
                .init(previousIndex: 9, previousTerm: 2, commitIndex: 4, entries: [])))
        let entries = [500, 600, 100, 5_000, 1, 1].enumerated().map {
            LogEntry(
                term: UInt64(3 + $0.offset), kind: .command,
                payload: [UInt8](repeating: 0, count: $0.element))
        }
        let parts = DriverState<CRaftCore>.parts(of: message, carrying: entries[...], limit: 1_000)
        let bodies = parts.compactMap { part -> RaftMessage.AppendEntries? in
            if case .appendEntries(let body) = part.body { body } else { nil }
        }
        #expect(bodies.flatMap(\.entries) == entries)
        #expect(bodies.map(\.entries.count) == [1, 2, 1, 2])
        #expect(bodies.map(\.previousIndex) == [9, 10, 12, 13])
        #expect(bodies.map(\.previousTerm) == [2, 3, 5, 6])
    }

    @Test func `only one voter may come or go, and never all but one`() throws {
        let files = MemoryFiles()
        let driver = try Driver(files: files, options: .alone())
        let collector = Collector()
        try driver.start(collector)
        collector.waitForLeading()
        let one = Membership(onlyVoter: NodeID(1))
        let two = Membership([.init(id: NodeID(1)), .init(id: NodeID(2), role: .spare)])!
        #expect(driver.change(to: TestFollower.members(voters: 3)) == .unsuitableMembers)
        // A leader first commits something of its own.
        #expect(driver.change(to: two) == .changeUnderWay)
        _ = driver.submit([1])
        _ = collector.waitForEntries(1)
        guard case .accepted = driver.change(to: two) else {
            Issue.record("refused")
            return
        }
        _ = driver.submit([2])
        _ = collector.waitForEntries(2)
        #expect(driver.status.membership == two)
        guard case .accepted = driver.change(to: one) else {
            Issue.record("refused")
            return
        }
        driver.stop()
    }
}
