import Synchronization
import TestSupport
import Testing

@testable import Consensus

@Suite struct RefusalTests {
    /// Notes what it was asked and refuses payloads that end in 9.
    private final class Judge: Sendable {
        let asked = Mutex<[UInt8]>([])
        var admission: Admission {
            Admission { [self] payload, isSaidCommitted in
                asked.withLock { $0.append(payload.last ?? 0) }
                // Of what is said to be committed it has other witnesses, but none of 8.
                return payload.last != 9 && payload.last != 8
                    || isSaidCommitted && payload.last == 9
            }
        }
    }

    private func command(_ number: UInt8, term: Term = 1) -> LogEntry {
        LogEntry(term: term, kind: .command, payload: [number])
    }

    @Test func `the application is asked for what is new, and for nothing else`()
        throws
    {
        let judge = Judge()
        var follower = try TestFollower(admission: judge.admission)
        try follower.receive(after: 1, 1, [command(2), command(3), command(4)], commit: 2)
        #expect(judge.asked.withLock { $0 } == [2, 3, 4])
        // The same once more, and members.
        let change = LogEntry(
            term: 1, kind: .membership, payload: TestFollower.members(voters: 3).bytes)
        try follower.receive(
            after: 1, 1, [command(2), command(3), command(4), change, command(5)], commit: 2)
        #expect(judge.asked.withLock { $0 } == [2, 3, 4, 5])
        #expect(follower.state.lastIndex == 6 && follower.state.refusals == Refusals())
        // Another leader's entries in the place of those.
        try follower.receive(after: 3, 1, [command(6, term: 2)], commit: 2, term: 2, from: 3)
        #expect(judge.asked.withLock { $0 } == [2, 3, 4, 5, 6])
    }

    @Test func `a message with an entry that is not accepted is not even answered`() throws {
        let judge = Judge()
        var follower = try TestFollower(admission: judge.admission)
        try follower.receive(after: 1, 1, [command(2), command(9), command(4)], commit: 1)
        #expect(follower.actions == [] && follower.state.lastIndex == 1)
        #expect(follower.state.refusals.unaccepted == 1)
        // Committed by others in spite of it, it is taken.
        try follower.receive(after: 1, 1, [command(2), command(9), command(4)], commit: 3)
        #expect(follower.state.lastIndex == 4 && follower.state.refusals.unaccepted == 1)
        // That the leader says so is not enough.
        try follower.receive(after: 4, 1, [command(8)], commit: 5)
        #expect(follower.actions == [] && follower.state.lastIndex == 4)
    }

    @Test func `a snapshot that the application cannot read is refused`() throws {
        var follower = try TestFollower(
            admission: Admission(entry: { _, _ in true }, snapshot: { $0 == [7] }))
        try follower.receive(after: 1, 1, [command(2), command(3)], commit: 2)
        try follower.wrote(1)
        let point = SnapshotPoint(
            index: 1_000, term: 1, membership: TestFollower.members(voters: 3), membershipIndex: 1)
        try follower.install(SnapshotMarker(point: point, application: []))
        #expect(follower.actions == [] && follower.state.installing == nil)
        #expect(follower.state.refusals.implausible == 1)
        try follower.install(SnapshotMarker(point: point, application: [7]))
        #expect(follower.state.installing != nil)
    }

    @Test func `while too much waits for the disk, entries are left and the leader is answered`()
        throws
    {
        var follower = try TestFollower(waitingBytes: 250)
        let entries = (0..<3).map { _ in
            LogEntry(term: 1, kind: .command, payload: [UInt8](repeating: 1, count: 100))
        }
        try follower.receive(after: 1, 1, entries, commit: 1)
        #expect(follower.appends == [[1, 2, 3]])
        try follower.receive(after: 4, 1, entries, commit: 1)
        #expect(follower.appends == [] && follower.acknowledged == [1])
        #expect(follower.state.refusals.early == 1)
        try follower.wrote(1)
        #expect(follower.acknowledged == [4])
        try follower.receive(after: 4, 1, entries, commit: 4)
        #expect(follower.appends == [[2, 5, 3]] && follower.state.refusals.early == 1)
    }

    /// What no node that keeps the rules sends to a follower in term 1 whose leader is node 1 and which has
    /// entries 1 to 4 of term 1, the first three committed.
    static let lies: [(why: String, message: RaftMessage)] = {
        func append(
            after index: LogIndex, _ term: Term, _ entries: [LogEntry] = [], commit: LogIndex = 3,
            in claimed: Term = 2
        ) -> RaftMessage {
            RaftMessage(
                version: 0, term: claimed,
                body: .appendEntries(
                    .init(
                        previousIndex: index, previousTerm: term, commitIndex: commit,
                        entries: entries)))
        }
        func marker(
            _ index: LogIndex, _ term: Term, voters: [UInt64] = [1], at: LogIndex = 1,
            in claimed: Term = 2
        ) -> RaftMessage {
            let members = Membership(
                [1, 2].map { .init(id: NodeID($0), role: voters.contains($0) ? .voter : .standby) }
            )!
            return RaftMessage(
                version: 0, term: claimed,
                body: .installSnapshot(
                    SnapshotMarker(
                        point: SnapshotPoint(
                            index: index, term: term, membership: members, membershipIndex: at),
                        application: [])))
        }
        func ask(by candidate: UInt64, in term: Term) -> RaftMessage {
            RaftMessage(
                version: 2, term: term,
                body: .requestVote(
                    .init(
                        candidate: NodeID(candidate), lastIndex: 9, lastTerm: 1,
                        disruptsLeader: true, isPreVote: false)))
        }
        let nobody = Membership([.init(id: NodeID(3), role: .standby)])!.bytes
        return [
            ("a second leader in a term", append(after: 4, 1, in: 1)),
            ("a second leader's snapshot", marker(9, 1, in: 1)),
            ("a leap of terms", ask(by: 3, in: 1 << 40)),
            ("a vote for somebody else", ask(by: 1, in: 2)),
            ("no term before the first entry", append(after: 4, 0)),
            ("a term before any entry", append(after: 0, 1)),
            ("an index beyond all", append(after: .max, 1, [entry(1)])),
            (
                "an entry of a later term than the leader's",
                append(after: 4, 1, [entry(1, term: 3)])
            ),
            ("an entry of term 0", append(after: 4, 1, [entry(1, term: 0)])),
            ("terms that go down", append(after: 4, 1, [entry(1, term: 2), entry(1, term: 1)])),
            (
                "another entry in the place of a committed one",
                append(after: 2, 1, [entry(1, term: 2)])
            ),
            ("another entry before it", append(after: 3, 2, [entry(1, term: 2)])),
            (
                "members that cannot be read",
                append(after: 4, 1, [LogEntry(term: 2, kind: .membership, payload: [1])])
            ),
            (
                "members of whom none votes",
                append(after: 4, 1, [LogEntry(term: 2, kind: .membership, payload: nobody)])
            ),
            ("a beginning without members", append(after: 0, 0, [entry(1)])),
            ("a snapshot of nothing", marker(0, 1)),
            ("a snapshot of a later term", marker(9, 3)),
            ("a snapshot with members from after it", marker(9, 1, at: 10)),
            ("a snapshot without voters", marker(9, 1, voters: [])),
            ("a snapshot that contradicts what is committed", marker(3, 2)),
            (
                "an answer that refuses less than it has",
                RaftMessage(
                    version: 1, term: 1,
                    body: .appendResult(
                        .init(rejected: 3, lastIndex: .max, features: 0, capacity: 0)))
            ),
        ]
    }()

    @Test(arguments: lies.indices)
    func `what no honest node sends is refused, and changes nothing`(_ position: Int) throws {
        let lie = Self.lies[position]
        var follower = try TestFollower()
        try follower.receive(after: 1, 1, [entry(2), entry(3), entry(4)], commit: 3)
        try follower.wrote(1)
        try follower.receive(lie.message, from: 3)
        #expect(follower.actions == [], "\(lie.why)")
        #expect(follower.state.refusals.implausible == 1, "\(lie.why)")
        #expect(follower.state.term == 1 && follower.state.lastIndex == 4, "\(lie.why)")
        // And the leader goes on.
        try follower.receive(after: 4, 1, [entry(5)], commit: 4)
        #expect(follower.state.lastIndex == 5 && follower.state.commitIndex == 4)
    }

    @Test func `a leader does not believe in another one of its term`() throws {
        var leader = try TestLeader(answering: [2, 3])
        let append = RaftMessage.AppendEntries(
            previousIndex: 2, previousTerm: 2, commitIndex: 2, entries: [entry(3, term: 2)])
        try leader.receive(.appendEntries(append), from: 3)
        #expect(leader.state.refusals.implausible == 1 && leader.state.role == .leader)
        try leader.submit()
        #expect(leader.state.commitIndex == 3)
    }

    @Test func `random messages never stop a node`() throws {
        var random = SeededNumbers(seed: 5)
        for round in 0..<300 {
            var follower = try TestFollower()
            try follower.receive(after: 1, 1, [entry(2), entry(3), entry(4)], commit: 3)
            try follower.wrote(1)
            for _ in 0..<40 {
                try follower.receive(Self.any(&random), from: 1 + 2 * UInt64(random.below(2)))
                if follower.state.installing != nil { break }
                for action in follower.actions {
                    guard case .append(_, _, let write) = action else { continue }
                    if random.chance(70) { try follower.wrote(write) }
                }
            }
            #expect(follower.state.commitIndex >= 3, "round \(round)")
        }
    }

    /// A message of any kind with numbers that are small, or at an edge.
    private static func any(_ random: inout SeededNumbers) -> RaftMessage {
        func number() -> UInt64 {
            random.chance(90)
                ? UInt64(random.below(8)) : [.max, .max - 1, 1 << 62, 1 << 32][random.below(4)]
        }
        func flag() -> Bool { random.chance(50) }
        let entries = (0..<random.below(4)).map { _ in
            LogEntry(
                term: number(), kind: random.chance(90) ? .command : .membership,
                payload: random.chance(50) ? [1] : TestFollower.members(voters: 2).bytes)
        }
        let body: RaftMessage.Body =
            switch random.below(6) {
            case 0:
                .requestVote(
                    .init(
                        candidate: NodeID(1 + 2 * UInt64(random.below(2))), lastIndex: number(),
                        lastTerm: number(), disruptsLeader: flag(), isPreVote: flag()))
            case 1:
                .voteResult(
                    .init(isGranted: flag(), isPreVote: flag(), features: 1, capacity: 2))
            case 2:
                .appendResult(
                    .init(rejected: number(), lastIndex: number(), features: 0, capacity: 0))
            case 3: .timeoutNow(lastIndex: number(), lastTerm: number())
            case 4 where random.chance(10):
                .installSnapshot(
                    SnapshotMarker(
                        point: SnapshotPoint(
                            index: number(), term: number(),
                            membership: TestFollower.members(voters: 2), membershipIndex: number()),
                        application: []))
            default:
                .appendEntries(
                    .init(
                        previousIndex: number(), previousTerm: number(), commitIndex: number(),
                        entries: entries))
            }
        return RaftMessage(version: UInt8(random.below(3)), term: number(), body: body)
    }
}
