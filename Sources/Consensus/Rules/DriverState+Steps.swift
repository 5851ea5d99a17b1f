// What a step of the core means for the node.
extension DriverState {
    mutating func step(
        _ event: RaftEvent, _ now: UInt64, _ actions: inout [DriverAction]
    ) throws(CoreFault) {
        take(try core.step(event, at: now), now, &actions)
        try report(now, &actions)
        // Each committed change of members is told to the core, which may answer with more to do.
        while let change = memberships.first(where: { $0.index > configured }),
            change.index <= commitIndex
        {
            configured = change.index
            let event = RaftEvent.membershipCommitted(change.membership, at: change.index)
            take(try core.step(event, at: now), now, &actions)
        }
        settleProbation(&actions)
        // The core leaves this out where nothing is uncommitted. But without an entry of its own term a
        // leader may not change members, and a restored node does not know that it has everything.
        if role == .leader, firstOwn == nil, (membership?.voters.count ?? 0) > 1 {
            try step(.submit(.barrier, payloads: [[]]), now, &actions)
        }
    }

    /// Tells the core what is durable, unless it is a candidate.
    mutating func report(
        _ now: UInt64, _ actions: inout [DriverAction]
    ) throws(CoreFault) {
        guard unreported > 0, role != .candidate, installing == nil else { return }
        let through = unreported
        unreported = 0
        try step(.persisted(through: through), now, &actions)
    }

    mutating func take(
        _ update: RaftUpdate, _ now: UInt64, _ actions: inout [DriverAction]
    ) {
        if let hardState = update.hardState, hardState != self.hardState {
            self.hardState = hardState
            actions.append(.save(hardState))
        }
        if update.role != role || update.term != term {
            firstOwn = nil
            handOver = nil
            peers = [:]
            watch.movedAt = now
            watch.lookAt = now + limits.electionMilliseconds / UInt64(Watch.looks)
            watch.ends = []
        }
        role = update.role
        term = update.term
        // Never at once again: a deadline in the past would make the timer spin.
        coreDeadline = max(update.deadline, now + 1)
        if let append = update.append { take(append, &actions) }
        if let marker = update.install { install(marker, &actions) }
        for message in update.messages { send(message, &actions) }
        if update.commitIndex > commitIndex {
            commitIndex = update.commitIndex
            watch.movedAt = now
            actions.append(.deliver)
            tellCommit(&actions)
        }
        noteLeadership(update, &actions)
    }

    mutating func take(_ append: RaftUpdate.Append, _ actions: inout [DriverAction]) {
        if append.first <= lastIndex {
            // What is on its way to the disk from here on no longer counts once it gets there.
            let kept = append.first - 1
            for position in writes.indices {
                writes[position].last = min(writes[position].last, kept)
            }
            durable = min(durable, kept)
            unreported = min(unreported, kept)
            memberships.removeAll { $0.index >= append.first }
            terms.cut(from: append.first)
        }
        var bytes = 0
        for (offset, entry) in append.entries.enumerated() {
            let index = append.first + UInt64(offset)
            terms.append(entry.term, at: index)
            bytes += entry.payload.count
            // The core has read it before, so it can be read.
            if entry.kind == .membership, let membership = try? Membership(entry.payload) {
                memberships.append((index, membership))
                // One that comes back is new to the core.
                let ids = membership.members.map(\.id)
                peers = peers.filter { ids.contains($0.key) }
            }
        }
        if role == .leader, firstOwn == nil { firstOwn = append.first }
        cache.replace(from: append.first, with: append.entries)
        lastIndex = append.first + UInt64(append.entries.count) - 1
        writes.append((nextWrite, lastIndex, bytes))
        waitingBytes += bytes
        actions.append(.append(first: append.first, entries: append.entries, write: nextWrite))
        nextWrite += 1
    }

    mutating func install(_ marker: SnapshotMarker, _ actions: inout [DriverAction]) {
        for position in writes.indices { writes[position].last = 0 }
        unreported = 0
        durable = 0
        lastIndex = marker.point.index
        snapshot = marker
        firstIndex = marker.point.index + 1
        memberships = [(marker.point.membershipIndex, marker.point.membership)]
        configured = marker.point.index
        terms = TermRuns()
        cache = EntryCache(next: marker.point.index + 1)
        installing = (marker, nextWrite, false)
        actions.append(.reset(marker, write: nextWrite))
        nextWrite += 1
    }

    mutating func noteLeadership(
        _ update: RaftUpdate, _ actions: inout [DriverAction]
    ) {
        // A follower's core believes in the leader of the term before until it hears from another.
        let isOld = update.role == .follower && newestLeader?.term != update.term
        leader = isOld ? nil : update.leader
        let now =
            update.role == .leader
            ? Leadership.leading(update.term) : .following(leader: leader)
        guard now != (toTell?.leadership ?? told) else { return }
        toTell = (now, after: update.role == .leader ? lastIndex : 0)
        actions.append(.deliver)
    }

    /// Forgets entries that can be read from the disk again.
    mutating func evict() {
        while !cache.isEmpty, cache.first <= durable,
            cache.bytes > limits.cacheBytes || (!hasPeers && cache.first <= delivered)
        {
            cache.removeFirst()
        }
    }
}
