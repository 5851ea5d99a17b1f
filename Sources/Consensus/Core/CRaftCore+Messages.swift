import CRaft
import Glibc
import Ledger

// Messages and members, between Swift's values and C-Raft's structures.
extension CRaftCore {
    /// Writes a message that arrived into the library's form.
    func fill(
        _ native: inout raft_message, from message: RaftMessage,
        entries: UnsafeMutablePointer<raft_entry>?
    ) throws(CoreFault) {
        switch message.body {
        case .requestVote(let ask):
            native.type = RAFT_REQUEST_VOTE
            native.request_vote = raft_request_vote(
                version: message.version, term: message.term, candidate_id: ask.candidate.rawValue,
                last_log_index: ask.lastIndex, last_log_term: ask.lastTerm,
                disrupt_leader: ask.disruptsLeader, pre_vote: ask.isPreVote)
        case .voteResult(let answer):
            native.type = RAFT_REQUEST_VOTE_RESULT
            native.request_vote_result = raft_request_vote_result(
                version: message.version, term: message.term, vote_granted: answer.isGranted,
                pre_vote: answer.isPreVote, features: answer.features, capacity: answer.capacity)
        case .appendEntries(let append):
            native.type = RAFT_APPEND_ENTRIES
            native.append_entries = raft_append_entries(
                version: message.version, term: message.term,
                prev_log_index: append.previousIndex, prev_log_term: append.previousTerm,
                leader_commit: append.commitIndex, entries: entries,
                n_entries: UInt32(append.entries.count))
        case .appendResult(let answer):
            native.type = RAFT_APPEND_ENTRIES_RESULT
            native.append_entries_result = raft_append_entries_result(
                version: message.version, term: message.term, rejected: answer.rejected,
                last_log_index: answer.lastIndex, features: answer.features,
                capacity: answer.capacity)
        case .installSnapshot(let marker):
            native.type = RAFT_INSTALL_SNAPSHOT
            native.install_snapshot = raft_install_snapshot(
                version: message.version, term: message.term, last_index: marker.point.index,
                last_term: marker.point.term, conf: configuration(of: marker.point.membership),
                conf_index: marker.point.membershipIndex, data: try joined(marker))
        case .timeoutNow(let lastIndex, let lastTerm):
            native.type = RAFT_TIMEOUT_NOW
            native.timeout_now = raft_timeout_now(
                version: message.version, term: message.term, last_log_index: lastIndex,
                last_log_term: lastTerm)
        }
    }

    /// Reads a message that the library wants sent.
    func outgoing(_ native: raft_message) throws(CoreFault) -> RaftUpdate.Outgoing {
        let receiver = NodeID(native.server_id)
        switch native.type {
        case RAFT_REQUEST_VOTE:
            let ask = native.request_vote
            return .message(
                RaftMessage(
                    version: ask.version, term: ask.term,
                    body: .requestVote(
                        .init(
                            candidate: NodeID(ask.candidate_id), lastIndex: ask.last_log_index,
                            lastTerm: ask.last_log_term, disruptsLeader: ask.disrupt_leader,
                            isPreVote: ask.pre_vote))), to: receiver)
        case RAFT_REQUEST_VOTE_RESULT:
            let answer = native.request_vote_result
            return .message(
                RaftMessage(
                    version: answer.version, term: answer.term,
                    body: .voteResult(
                        .init(
                            isGranted: answer.vote_granted, isPreVote: answer.pre_vote,
                            features: answer.features, capacity: answer.capacity))), to: receiver)
        case RAFT_APPEND_ENTRIES:
            let append = native.append_entries
            let message = RaftMessage(
                version: append.version, term: append.term,
                body: .appendEntries(
                    .init(
                        previousIndex: append.prev_log_index, previousTerm: append.prev_log_term,
                        commitIndex: append.leader_commit, entries: [])))
            return append.n_entries == 0
                ? .message(message, to: receiver)
                : .entries(message, count: Int(append.n_entries), to: receiver)
        case RAFT_APPEND_ENTRIES_RESULT:
            var answer = native.append_entries_result
            // To a leader of an earlier term the library sends what was in its memory by chance.
            if answer.rejected > 0, answer.last_log_index >= answer.rejected {
                answer.last_log_index = 0
            }
            return .message(
                RaftMessage(
                    version: answer.version, term: answer.term,
                    body: .appendResult(
                        .init(
                            rejected: answer.rejected, lastIndex: answer.last_log_index,
                            features: answer.features, capacity: answer.capacity))), to: receiver)
        case RAFT_INSTALL_SNAPSHOT:
            let install = native.install_snapshot
            return .snapshot(
                version: install.version, term: install.term, index: install.last_index,
                to: receiver)
        case RAFT_TIMEOUT_NOW:
            let now = native.timeout_now
            return .message(
                RaftMessage(
                    version: now.version, term: now.term,
                    body: .timeoutNow(lastIndex: now.last_log_index, lastTerm: now.last_log_term)),
                to: receiver)
        default:
            throw .broken(code: 0, reason: "a message of unknown kind \(native.type.rawValue)")
        }
    }

    // MARK: Members

    /// The members in the library's memory; whoever takes it owns it.
    func configuration(of membership: Membership) -> raft_configuration {
        var configuration = raft_configuration()
        raft_configuration_init(&configuration)
        for member in membership.members {
            let code = raft_configuration_add(
                &configuration, member.id.rawValue, address(of: member.id),
                Int32(member.role.rawValue))
            // A Membership is valid by its type, so only a lack of memory is left.
            precondition(code == 0, "raft_configuration_add failed with \(code)")
        }
        return configuration
    }

    func metadata(of point: SnapshotPoint) -> raft_snapshot_metadata {
        raft_snapshot_metadata(
            index: point.index, term: point.term,
            configuration: configuration(of: point.membership),
            configuration_index: point.membershipIndex)
    }

    /// The members in the library's own encoding.
    func encoded(_ membership: Membership) -> [UInt8] {
        var configuration = configuration(of: membership)
        defer { raft_configuration_close(&configuration) }
        var buffer = raft_buffer()
        let code = raft_configuration_encode(&configuration, &buffer)
        precondition(code == 0, "raft_configuration_encode failed with \(code)")
        defer { raft_free(buffer.base) }
        return Array(UnsafeRawBufferPointer(start: buffer.base, count: buffer.len))
    }

    // MARK: A snapshot's chunk

    // The library gives back a snapshot's chunk but our members only in its own form, without their
    // addresses; so the chunk carries ours as well.

    private func joined(_ marker: SnapshotMarker) throws(CoreFault) -> raft_buffer {
        var writer = ByteWriter()
        writer.write(counted: marker.point.membership.bytes)
        writer.write(raw: marker.application)
        guard let memory = raft_malloc(writer.bytes.count) else { throw Self.outOfMemory }
        writer.bytes.withUnsafeBytes { bytes in
            UnsafeMutableRawBufferPointer(start: memory, count: bytes.count).copyMemory(from: bytes)
        }
        return raft_buffer(base: memory, len: writer.bytes.count)
    }

    static func split(_ chunk: [UInt8]) -> (Membership, [UInt8])? {
        var reader = ByteReader(chunk)
        guard let members = try? reader.readCounted(),
            let membership = try? Membership(Array(members)),
            let application = try? reader.readRaw(reader.remaining)
        else { return nil }
        return (membership, Array(application))
    }
}
