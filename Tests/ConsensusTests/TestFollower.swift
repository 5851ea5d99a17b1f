import Testing

@testable import Consensus

/// A follower of a group of three, to which a test plays the leader.
struct TestFollower {
    var state: DriverState<CRaftCore>
    private(set) var actions: [DriverAction] = []

    init(
        trailing: UInt64 = 2, waitingBytes: Int = 1 << 20, isRestored: Bool = false,
        admission: Admission? = nil
    ) throws {
        var limits = DriverState<CRaftCore>.Limits()
        limits.trailingEntries = trailing
        limits.messageBytes = 1_000
        limits.waitingBytes = waitingBytes
        let founders = Self.members(voters: 3)
        state = DriverState(
            core: try CRaftCore(id: NodeID(2), seed: 1), id: NodeID(2),
            hardState: HardState(term: 1, vote: nil), snapshot: nil,
            memberships: [(1, founders)], firstIndex: 1, lastIndex: 1, applied: 0,
            isRestored: isRestored, limits: limits, admission: admission)
        _ = try state.start(
            entries: [LogEntry(term: 1, kind: .membership, payload: founders.bytes)], at: 1)
    }

    /// One that has nothing but a snapshot's marker.
    init(snapshot marker: SnapshotMarker) throws {
        state = DriverState(
            core: try CRaftCore(id: NodeID(2), seed: 1), id: NodeID(2),
            hardState: HardState(term: 1, vote: nil), snapshot: marker, memberships: [],
            firstIndex: marker.point.index + 1, lastIndex: marker.point.index, applied: 0)
        _ = try state.start(entries: [], at: 1)
    }

    static func members(voters: UInt64) -> Membership {
        Membership(
            (1...3).map {
                .init(id: NodeID($0), role: $0 <= voters ? .voter : .standby)
            })!
    }

    mutating func receive(
        after previous: LogIndex, _ previousTerm: Term, _ entries: [LogEntry], commit: LogIndex,
        term: Term = 1, from leader: UInt64 = 1, epoch: UInt64 = 1
    ) throws {
        let message = RaftMessage(
            version: 0, term: term,
            body: .appendEntries(
                .init(
                    previousIndex: previous, previousTerm: previousTerm, commitIndex: commit,
                    entries: entries)))
        actions = try state.receive(message, from: NodeID(leader), epoch: epoch, at: 2)
    }

    mutating func receive(_ message: RaftMessage, from peer: UInt64, epoch: UInt64 = 1) throws {
        actions = try state.receive(message, from: NodeID(peer), epoch: epoch, at: 2)
    }

    mutating func install(_ marker: SnapshotMarker) throws {
        let message = RaftMessage(version: 0, term: 1, body: .installSnapshot(marker))
        actions = try state.receive(message, from: NodeID(1), epoch: 1, at: 2)
    }

    mutating func restored(_ marker: SnapshotMarker) throws {
        actions = try state.restored(marker, at: 4)
    }

    mutating func wrote(_ write: UInt64) throws { actions = try state.wrote(write, at: 3) }

    /// What was queued for the disk: the write's number, the first index, how many entries.
    var appends: [[UInt64]] {
        actions.compactMap {
            guard case .append(let first, let entries, let write) = $0 else { return nil }
            return [write, first, UInt64(entries.count)]
        }
    }

    /// Up to where leaders were told that entries are durable.
    var acknowledged: [LogIndex] {
        actions.compactMap {
            guard case .send(let message, _) = $0, case .appendResult(let result) = message.body
            else { return nil }
            return result.rejected == 0 ? result.lastIndex : nil
        }
    }
}
