// What a node does not take from a peer. C-Raft is built without its asserts, and a peer may lie.
extension DriverState {
    /// Terms grow by one per election; a leap would only use them up.
    private static var termLeap: UInt64 { 1 << 32 }

    /// Whether a node that keeps the rules may have sent this, as far as this one can tell.
    func isPlausible(_ message: RaftMessage, from peer: NodeID) -> Bool {
        guard message.term <= min(LogLimit.greatest, term + Self.termLeap) else { return false }
        switch message.body {
        case .requestVote(let ask):
            return ask.candidate == peer
        case .voteResult, .timeoutNow:
            return true
        case .appendResult(let answer):
            return answer.rejected == 0 || answer.lastIndex < answer.rejected
        case .appendEntries(let append):
            return mayLead(peer, in: message.term) && isPlausible(append, in: message.term)
        case .installSnapshot(let marker):
            return mayLead(peer, in: message.term) && isPlausible(marker.point, in: message.term)
                && admission?.snapshot(marker.application) ?? true
        }
    }

    /// Whether the peer may be the leader of a term: each has at most one, and this node may know it.
    private func mayLead(_ peer: NodeID, in claimed: Term) -> Bool {
        guard claimed >= 1 else { return false }
        guard claimed == term else { return true }
        return role != .leader && (newestLeader?.term != term || newestLeader?.peer == peer)
    }

    private func isPlausible(_ append: RaftMessage.AppendEntries, in claimed: Term) -> Bool {
        guard append.previousIndex <= LogLimit.greatest,
            (append.previousIndex == 0) == (append.previousTerm == 0),
            agrees(at: append.previousIndex, append.previousTerm)
        else { return false }
        var (index, before) = (append.previousIndex, append.previousTerm)
        for entry in append.entries {
            index += 1
            guard entry.term >= max(1, before), entry.term <= claimed,
                agrees(at: index, entry.term),
                entry.kind != .membership || hasVoters(entry.payload),
                // Without members at its beginning a log could not be opened again.
                index > 1 || entry.kind == .membership
            else { return false }
            before = entry.term
        }
        return true
    }

    private func isPlausible(_ point: SnapshotPoint, in claimed: Term) -> Bool {
        point.index >= 1 && point.index <= LogLimit.greatest && point.term >= 1
            && point.term <= claimed && point.membershipIndex <= point.index
            && !point.membership.voters.isEmpty && agrees(at: point.index, point.term)
    }

    private func hasVoters(_ payload: [UInt8]) -> Bool {
        (try? Membership(payload))?.voters.isEmpty == false
    }

    /// Whether an entry may be in the log of somebody who has what is committed here.
    ///
    /// The core would stop the node for a contradiction, and one peer that lies must not stop it.
    private func agrees(at index: LogIndex, _ term: Term) -> Bool {
        guard index <= commitIndex, let known = self.term(of: index) else { return true }
        return known == term
    }

    /// The term of an entry, or of the snapshot's last one; nil if it is not known here.
    func term(of index: LogIndex) -> Term? {
        if let point = snapshot?.point, point.index == index { return point.term }
        return terms.term(of: index)
    }

    /// What of a leader's entries this node takes; nil if it shall not even be answered.
    mutating func admitted(_ append: RaftMessage.AppendEntries) -> RaftMessage.AppendEntries? {
        guard !append.entries.isEmpty else { return append }
        guard waitingBytes < limits.waitingBytes else {
            // As a sign of life it is still good; the leader finds out what is missing and sends it again.
            refusals.early += 1
            var rest = append
            rest.entries = []
            return rest
        }
        guard let admission else { return append }
        var index = append.previousIndex
        for entry in append.entries {
            index += 1
            // What is here was accepted before.
            guard entry.kind == .command, term(of: index) != entry.term else { continue }
            guard admission.entry(entry.payload, index <= append.commitIndex) else {
                refusals.unaccepted += 1
                return nil
            }
        }
        return append
    }
}
