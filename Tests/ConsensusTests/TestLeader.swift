import Testing

@testable import Consensus

/// The leader of a group of three or so, whose followers a test plays.
struct TestLeader {
    var state: DriverState<CRaftCore>
    private(set) var now: UInt64 = 1
    /// All that was asked for since it was last taken.
    private(set) var actions: [DriverAction] = []
    /// Followers that answer every message, and the last entry that each of them says it has; nil for one
    /// that takes everything.
    var answering: [UInt64: LogIndex?] = [:]
    /// Whether its disk hangs: no write comes to an end.
    var hangs = false

    init(
        members: UInt64 = 3, limits: DriverState<CRaftCore>.Limits = .init(),
        answering: [UInt64] = []
    ) throws {
        let founders = Membership((1...members).map { .init(id: NodeID($0)) })!
        state = DriverState(
            core: try CRaftCore(id: NodeID(1), seed: 1), id: NodeID(1),
            hardState: HardState(term: 1, vote: nil), snapshot: nil,
            memberships: [(1, founders)], firstIndex: 1, lastIndex: 1, applied: 0, limits: limits)
        try take(
            try state.start(
                entries: [LogEntry(term: 1, kind: .membership, payload: founders.bytes)], at: now))
        now = state.deadline
        try take(try state.timeout(at: now))
        for isPreVote in [true, false] {
            for voter in 2...(members / 2 + 1) {
                let yes = RaftMessage.VoteResult(
                    isGranted: true, isPreVote: isPreVote, features: 0, capacity: 0)
                try receive(.voteResult(yes), from: voter)
            }
        }
        try #require(state.role == .leader && state.term == 2)
        for peer in answering { self.answering[peer] = .some(nil) }
        // The entry with which a term begins.
        try pass(200)
    }

    mutating func receive(_ body: RaftMessage.Body, from peer: UInt64, term: Term = 2) throws {
        let message = RaftMessage(version: 2, term: term, body: body)
        try take(try state.receive(message, from: NodeID(peer), epoch: 1, at: now))
    }

    mutating func answer(_ peer: UInt64, through index: LogIndex, rejecting: LogIndex = 0) throws {
        try receive(
            .appendResult(.init(rejected: rejecting, lastIndex: index, features: 0, capacity: 0)),
            from: peer)
    }

    mutating func submit() throws {
        try take(try state.submit(.command, payloads: [[7]], at: now).actions)
    }

    mutating func perform(
        _ event: (inout DriverState<CRaftCore>, UInt64) throws -> [DriverAction]
    ) throws { try take(try event(&state, now)) }

    /// Lets time pass, with all timers and answers that fall into it.
    mutating func pass(_ milliseconds: UInt64) throws {
        let end = now + milliseconds
        while state.deadline <= end {
            now = max(now, state.deadline)
            try take(try state.timeout(at: now))
        }
        now = end
    }

    /// What was asked for since the last call.
    mutating func takeActions() -> [DriverAction] {
        defer { actions = [] }
        return actions
    }

    /// Carries out what can be: writes succeed at once unless the disk hangs, followers answer.
    private mutating func take(_ new: [DriverAction]) throws {
        actions += new
        for action in new {
            switch action {
            case .append(_, _, let write) where !hangs: try take(try state.wrote(write, at: now))
            case .send(let message, let peer):
                guard case .appendEntries(let append) = message.body, message.term == state.term,
                    let limit = answering[peer.rawValue]
                else { continue }
                let last = append.previousIndex + UInt64(append.entries.count)
                try answer(peer.rawValue, through: min(last, limit ?? last))
            default: break
            }
        }
    }
}

extension [DriverAction] {
    /// Who was asked to start an election.
    var asked: [UInt64] {
        compactMap {
            guard case .send(let message, let peer) = $0, case .timeoutNow = message.body else {
                return nil
            }
            return peer.rawValue
        }
    }

    /// To whom the connection was made anew.
    var reconnected: [UInt64] {
        compactMap { if case .reconnect(let peer) = $0 { peer.rawValue } else { nil } }
    }

    /// The indexes of entries that were sent to a peer.
    func entriesSent(to peer: UInt64) -> [LogIndex] {
        flatMap { action -> [LogIndex] in
            guard case .send(let message, NodeID(peer)) = action,
                case .appendEntries(let append) = message.body
            else { return [] }
            return append.entries.indices.map { append.previousIndex + 1 + UInt64($0) }
        }
    }
}
