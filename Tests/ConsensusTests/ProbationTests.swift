import Testing

@testable import Consensus

@Suite struct ProbationTests {
    private func ask(in term: Term, isPreVote: Bool = false) -> RaftMessage {
        RaftMessage(
            version: 2, term: term,
            body: .requestVote(
                .init(
                    candidate: NodeID(3), lastIndex: 99, lastTerm: term, disruptsLeader: true,
                    isPreVote: isPreVote)))
    }

    private func termAnswer(_ term: Term) -> RaftMessage {
        RaftMessage(
            version: 0, term: term,
            body: .voteResult(.init(isGranted: false, isPreVote: false, features: 0, capacity: 0)))
    }

    private func votes(_ actions: [DriverAction]) -> [RaftMessage.VoteResult] {
        actions.compactMap {
            guard case .send(let message, _) = $0, case .voteResult(let result) = message.body
            else { return nil }
            return result
        }
    }

    @Test func `a restored node asks the others for their terms, and neither votes nor stands`()
        throws
    {
        var node = try TestFollower(isRestored: true)
        for now in [UInt64(5_000), 60_000] {
            let actions = try node.state.timeout(at: now)
            let asked = actions.compactMap { action -> NodeID? in
                guard case .send(let message, let peer) = action, message.term == 0 else {
                    return nil
                }
                return peer
            }
            #expect(asked == [NodeID(1), NodeID(3)] && asked.count == actions.count)
        }
        for question in [ask(in: 2), ask(in: 2, isPreVote: true)] {
            try node.receive(question, from: 3)
            #expect(node.actions == [])
        }
        try node.receive(
            RaftMessage(version: 0, term: 1, body: .timeoutNow(lastIndex: 1, lastTerm: 1)),
            from: 1)
        #expect(node.actions == [] && node.state.role == .follower && node.state.term == 1)
    }

    @Test func `who is asked says its term, and gives no vote`() throws {
        var node = try TestFollower()
        try node.receive(ask(in: 0), from: 3)
        #expect(votes(node.actions).map(\.isGranted) == [false] && node.actions.count == 1)
        guard case .send(let answer, NodeID(3))? = node.actions.first else {
            Issue.record("no answer")
            return
        }
        #expect(answer.term == 1 && node.state.hardState.vote == nil)
    }

    @Test func `it votes again once it has all that was committed before a later term`() throws {
        var node = try TestFollower(isRestored: true)
        try node.receive(termAnswer(4), from: 1)
        // A leader in a term that it may have had a part in.
        try node.receive(termAnswer(3), from: 3)
        try node.receive(after: 1, 1, [entry(2, term: 4)], commit: 2, term: 4)
        try node.wrote(1)
        #expect(!node.state.mayVote)
        // A later one: first its entry must be here, durable and committed.
        try node.receive(after: 2, 4, [entry(3, term: 5)], commit: 2, term: 5, from: 3)
        #expect(!node.state.mayVote)
        try node.wrote(2)
        #expect(!node.state.mayVote)
        try node.receive(after: 3, 5, [], commit: 3, term: 5, from: 3)
        #expect(node.state.mayVote && node.actions.contains(.endProbation))
        let actions = try node.state.receive(ask(in: 6), from: NodeID(3), epoch: 1, at: 9)
        #expect(votes(actions).map(\.isGranted) == [true])
    }

    @Test func `it does not while one voter has not said its term`() throws {
        var node = try TestFollower(isRestored: true)
        try node.receive(termAnswer(4), from: 1)
        try node.receive(after: 1, 1, [entry(2, term: 5)], commit: 2, term: 5)
        try node.wrote(1)
        #expect(!node.state.mayVote)
        // What it says now may be later than the election that this node must have had no part in.
        try node.receive(termAnswer(5), from: 3)
        #expect(!node.state.mayVote)
        try node.receive(after: 2, 5, [entry(3, term: 6)], commit: 3, term: 6)
        try node.wrote(2)
        #expect(node.state.mayVote)
    }

    @Test func `one that is alone leads at once, and is no longer told apart`() throws {
        let files = MemoryFiles()
        let first = try Driver(files: files, options: .alone())
        try first.start(Collector())
        first.stop()
        _ = try files.create(LogNames.restored)
        let again = try Driver(files: files, options: .alone())
        #expect(!again.status.mayVote)
        try again.start(Collector())
        #expect(again.status.mayVote && again.status.leadership == .leading(3))
        again.stop()
        #expect(try !files.names().contains(LogNames.restored))
    }
}
