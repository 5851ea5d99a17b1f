import Consensus
import Ledger

extension FuzzTarget {
    /// One node of three, to which the other two may say anything at any time.
    ///
    /// C-Raft is built without its asserts. No lie of a peer may stop the node, and none may take back what it
    /// has committed.
    static let raft = FuzzTarget("raft", seeds: { RaftHistory.seeds }) {
        (bytes) throws(FuzzFinding) in
        var history = RaftHistory(Array(bytes.prefix(2048)))
        try history.run()
    }
}

/// Plays bytes as messages, writes, time and deliveries.
private struct RaftHistory {
    private typealias Node = DriverState<CRaftCore>

    /// A vote and an election, entries with their writes, a snapshot, and whatever comes.
    static let seeds: [[UInt8]] = [
        [0, 0, 2, 3, 4, 4, 3, 3, 9, 1, 11, 200, 13, 0, 2, 3, 3, 3, 3, 3, 1, 3, 5, 7, 9, 1, 13],
        [0, 11, 255, 11, 255, 0, 1, 3, 1, 0, 0, 0, 16, 1, 3, 1, 0, 0, 0, 14, 1, 9, 1, 13, 15],
        [1] + [UInt8](0..<120), [0, 0, 4, 3, 7, 3, 3, 3, 3, 9, 1, 13, 15, 11, 90],
    ]

    private var choices: FuzzChoices
    private var node: Node?
    private var now: UInt64 = 1
    /// Writes that were queued and not reported.
    private var writes: [UInt64] = []
    private var saved = HardState(term: 1, vote: nil)
    private var committed: LogIndex = 0
    /// The last entry that the application was given one by one.
    private var last: (index: LogIndex, term: Term)?

    init(_ bytes: [UInt8]) { choices = FuzzChoices(bytes) }

    mutating func run() throws(FuzzFinding) {
        do throws(CoreFault) {
            try begin()
        } catch {
            throw FuzzFinding("raft: the node does not start: \(error)")
        }
        while !choices.isOver {
            let actions: [DriverAction]
            do throws(CoreFault) {
                actions = try step()
            } catch .refused {
                continue
            } catch {
                throw FuzzFinding("raft: the node is stopped: \(error)")
            }
            for action in actions { try perform(action) }
            try check()
        }
    }

    private mutating func begin() throws(CoreFault) {
        let founders = Self.members(voters: 0b111)
        var limits = Node.Limits()
        limits.trailingEntries = 2
        limits.waitingBytes = 200
        var node = Node(
            core: try CRaftCore(id: NodeID(2), seed: 1), id: NodeID(2), hardState: saved,
            snapshot: nil, memberships: [(1, founders)], firstIndex: 1, lastIndex: 1, applied: 0,
            isRestored: choices.byte() & 1 == 1, limits: limits)
        _ = try node.start(
            entries: [LogEntry(term: 1, kind: .membership, payload: founders.bytes)], at: now)
        self.node = node
    }

    private static func members(voters: UInt8) -> Membership {
        let members = (1...4).map { (id: UInt64) in
            Membership.Member(
                id: NodeID(id), role: voters >> (id - 1) & 1 == 1 ? .voter : .standby)
        }
        return Membership(Array(members.prefix(voters > 0b111 ? 4 : 3)))
            ?? Membership(onlyVoter: NodeID(2))
    }
}

// What happens.
extension RaftHistory {
    private mutating func step() throws(CoreFault) -> [DriverAction] {
        let choice = choices.byte()
        let peer = NodeID(choice & 16 == 0 ? 1 : 3)
        switch choice % 16 {
        case 0..<8:
            let message = message(choice % 8)
            return try node?.receive(message, from: peer, epoch: 1, at: now) ?? []
        case 8:
            var reader = ByteReader(choices.bytes())
            guard let message = try? RaftMessage(from: &reader) else { return [] }
            return try node?.receive(message, from: peer, epoch: UInt64(choice >> 6), at: now) ?? []
        case 9, 10:
            guard !writes.isEmpty else { return [] }
            let done = choices.below(writes.count)
            let write = writes[done]
            writes.removeFirst(done + 1)
            return try node?.wrote(write, at: now) ?? []
        case 11, 12:
            now += UInt64(choices.byte()) * 16
            return try node?.timeout(at: now) ?? []
        case 13: return try deliver()
        case 14:
            let payload = [choices.byte()]
            return try node?.submit(.command, payloads: [payload], at: now).actions ?? []
        default:
            guard let last else { return [] }
            return try node?.snapshot(at: last.index, term: last.term, application: [], now: now)
                ?? []
        }
    }

    private mutating func message(_ kind: UInt8) -> RaftMessage {
        let (term, end) = (node?.term ?? 0, node?.lastIndex ?? 0)
        let claimed = choices.number(near: term)
        let version = choices.byte() & 3
        let body: RaftMessage.Body
        switch kind {
        case 0, 6, 7:
            body = .appendEntries(
                .init(
                    previousIndex: choices.number(near: end),
                    previousTerm: choices.number(near: term),
                    commitIndex: choices.number(near: end),
                    entries: (0..<choices.below(4)).map { _ in entry(near: term) }))
        case 1:
            body = .voteResult(
                .init(
                    isGranted: choices.byte() & 1 == 1, isPreVote: choices.byte() & 1 == 1,
                    features: UInt16(choices.byte()), capacity: UInt16(choices.byte())))
        case 2:
            body = .requestVote(
                .init(
                    candidate: NodeID(choices.number(near: 2)),
                    lastIndex: choices.number(near: end), lastTerm: choices.number(near: term),
                    disruptsLeader: choices.byte() & 1 == 1, isPreVote: choices.byte() & 1 == 1))
        case 3:
            body = .appendResult(
                .init(
                    rejected: choices.number(near: end), lastIndex: choices.number(near: end),
                    features: UInt16(choices.byte()), capacity: UInt16(choices.byte())))
        case 4:
            let point = SnapshotPoint(
                index: choices.number(near: end), term: choices.number(near: term),
                membership: Self.members(voters: choices.byte()),
                membershipIndex: choices.number(near: end))
            body = .installSnapshot(SnapshotMarker(point: point, application: choices.bytes()))
        default:
            body = .timeoutNow(
                lastIndex: choices.number(near: end), lastTerm: choices.number(near: term))
        }
        return RaftMessage(version: version, term: claimed, body: body)
    }

    private mutating func entry(near term: Term) -> LogEntry {
        let term = choices.number(near: term)
        switch choices.byte() % 8 {
        case 0: return LogEntry(term: term, kind: .barrier, payload: [])
        case 1:
            let members = Self.members(voters: choices.byte())
            return LogEntry(term: term, kind: .membership, payload: members.bytes)
        case 2: return LogEntry(term: term, kind: .membership, payload: choices.bytes())
        default: return LogEntry(term: term, kind: .command, payload: choices.bytes())
        }
    }

    /// Takes what is due as an application does.
    private mutating func deliver() throws(CoreFault) -> [DriverAction] {
        switch node?.nextDelivery() {
        case .entries(let first, let entries):
            let index = first + UInt64(entries.count) - 1
            if let term = entries.last?.term { last = (index, term) }
            node?.delivered(through: index)
        case .stored(let range):
            last = nil
            node?.delivered(through: range.upperBound - 1)
        case .leadership(let leadership): node?.told(leadership)
        case .restore(let marker):
            last = nil
            return try node?.restored(marker, at: now) ?? []
        case nil: break
        }
        return []
    }
}

// What must hold.
extension RaftHistory {
    private mutating func perform(_ action: DriverAction) throws(FuzzFinding) {
        switch action {
        case .save(let state):
            guard state.term >= saved.term else {
                throw FuzzFinding("raft: term \(saved.term) became \(state.term)")
            }
            guard state.term > saved.term || saved.vote == nil || state.vote == saved.vote else {
                throw FuzzFinding("raft: two votes in term \(state.term)")
            }
            saved = state
        case .append(let first, let entries, let write):
            writes.append(write)
            guard first > committed, !entries.isEmpty else {
                throw FuzzFinding("raft: entry \(first) is written anew, \(committed) is committed")
            }
        case .reset(let marker, let write):
            writes.append(write)
            guard marker.point.index > committed else {
                throw FuzzFinding("raft: a snapshot takes back what is committed")
            }
        case .send(let message, _):
            var writer = ByteWriter()
            message.write(to: &writer)
            var reader = ByteReader(writer.bytes)
            guard writer.bytes.count == message.byteCount,
                (try? RaftMessage(from: &reader)) == message, reader.remaining == 0
            else { throw FuzzFinding("raft: it says what nobody can read: \(message)") }
        case .compact, .sendStored, .deliver, .reconnect, .endProbation: break
        }
    }

    private mutating func check() throws(FuzzFinding) {
        guard let node else { return }
        guard node.commitIndex >= committed, node.commitIndex <= node.lastIndex else {
            throw FuzzFinding(
                "raft: committed \(committed), then \(node.commitIndex) of \(node.lastIndex)")
        }
        committed = node.commitIndex
        guard node.term >= saved.term else { throw FuzzFinding("raft: the term went back") }
    }
}
