// Messages to and from peers, as the core and the wire want them.
extension DriverState {
    mutating func send(_ outgoing: RaftUpdate.Outgoing, _ actions: inout [DriverAction]) {
        switch outgoing {
        case .message(let message, let peer):
            noteCommit(in: message, to: peer)
            actions.append(.send(message, to: peer))
        case .snapshot(let version, let term, let index, let peer):
            guard let snapshot, snapshot.point.index == index else { return }
            peers[peer, default: PeerRecord()].installing = index
            let message = RaftMessage(
                version: version, term: term, body: .installSnapshot(snapshot))
            actions.append(.send(message, to: peer))
        case .entries(let message, let count, let peer):
            guard case .appendEntries(let append) = message.body else { return }
            let range = (append.previousIndex + 1)..<(append.previousIndex + 1 + UInt64(count))
            if let change = memberships.last, change.membership.isOnlyVoter(id),
                range.contains(change.index), change.index > durable
            {
                // Should a crash take it from here but not from there, that one would have a longer log and
                // no vote, and this one would need its vote. So it is lost on the way until it is safe.
                return
            }
            noteCommit(in: message, to: peer)
            guard let entries = cache.entries(range) else {
                let stored = range.clamped(to: range.lowerBound..<cache.first)
                let rest = cache.entries(stored.upperBound..<range.upperBound) ?? []
                actions.append(.sendStored(message, stored, then: Array(rest), to: peer))
                return
            }
            for part in Self.parts(of: message, carrying: entries, limit: limits.messageBytes) {
                actions.append(.send(part, to: peer))
            }
        }
    }

    private mutating func noteCommit(in message: RaftMessage, to peer: NodeID) {
        guard role == .leader, case .appendEntries(let append) = message.body else { return }
        version = message.version
        let told = peers[peer, default: PeerRecord()].toldCommit
        peers[peer, default: PeerRecord()].toldCommit = max(told, append.commitIndex)
    }

    /// Says at once what is committed to those who have everything, unless entries bring it to them anyway.
    ///
    /// The core says it with the next entries or the next sign of life. On an idle group every follower would
    /// execute a tenth of a second late, and whoever waits there or for a certificate would wait as long.
    mutating func tellCommit(_ actions: inout [DriverAction]) {
        guard role == .leader, commitIndex == lastIndex, let version,
            let lastTerm = terms.term(of: lastIndex)
        else { return }
        for peer in peers.keys.sorted() {
            guard let record = peers[peer], record.match == lastIndex,
                record.toldCommit < commitIndex
            else { continue }
            peers[peer]?.toldCommit = commitIndex
            let news = RaftMessage.AppendEntries(
                previousIndex: lastIndex, previousTerm: lastTerm, commitIndex: commitIndex,
                entries: [])
            actions.append(
                .send(
                    RaftMessage(version: version, term: term, body: .appendEntries(news)),
                    to: peer))
        }
    }

    /// Messages that carry these entries, several if there are too many bytes for one.
    static func parts(
        of message: RaftMessage, carrying entries: ArraySlice<LogEntry>, limit: Int
    ) -> [RaftMessage] {
        guard case .appendEntries(var append) = message.body else { return [] }
        var parts: [RaftMessage] = []
        var rest = entries
        repeat {
            var bytes = rest.first?.payload.count ?? 0
            let end = rest.dropFirst().firstIndex {
                bytes += $0.payload.count
                return bytes > limit
            }
            append.entries = Array(rest[..<(end ?? rest.endIndex)])
            parts.append(
                RaftMessage(
                    version: message.version, term: message.term, body: .appendEntries(append)))
            append.previousIndex += UInt64(append.entries.count)
            append.previousTerm = append.entries.last?.term ?? append.previousTerm
            rest = rest[(end ?? rest.endIndex)...]
        } while !rest.isEmpty
        return parts
    }

    /// The same entries, without those that this node's snapshot stands for.
    ///
    /// C-Raft 0.22.1 takes entries it has forgotten for new ones if the message begins at the first, and
    /// otherwise refuses them and lets the leader go back one by one. They are committed, so whoever
    /// leads has the same ones, and the snapshot's last entry is as good a place to go on from.
    func skippingForgotten(
        _ append: RaftMessage.AppendEntries
    ) -> RaftMessage.AppendEntries {
        guard let point = snapshot?.point, append.previousIndex < point.index, installing == nil
        else { return append }
        var rest = append
        rest.entries.removeFirst(
            min(append.entries.count, Int(clamping: point.index - append.previousIndex)))
        rest.previousIndex = point.index
        rest.previousTerm = point.term
        return rest
    }

    /// The same message in parts, so that a change of members always comes first in its part.
    ///
    /// C-Raft 0.22.1 books a change under the index of the first new entry of its message; further back
    /// it would never see that change committed.
    static func parts(
        of message: RaftMessage, _ append: RaftMessage.AppendEntries
    ) -> [RaftMessage] {
        var parts: [RaftMessage] = []
        var part = append
        part.entries = []
        for entry in append.entries {
            if entry.kind == .membership, !part.entries.isEmpty {
                parts.append(
                    RaftMessage(
                        version: message.version, term: message.term, body: .appendEntries(part)))
                part.previousIndex += UInt64(part.entries.count)
                part.previousTerm = part.entries.last?.term ?? part.previousTerm
                part.entries = []
            }
            part.entries.append(entry)
        }
        parts.append(
            RaftMessage(version: message.version, term: message.term, body: .appendEntries(part)))
        return parts
    }
}
