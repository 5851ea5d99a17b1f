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
        if update.role != role || update.term != term { firstOwn = nil }
        role = update.role
        term = update.term
        // Never at once again: a deadline in the past would make the timer spin.
        deadline = max(update.deadline, now + 1)
        if let append = update.append { take(append, &actions) }
        if let marker = update.install { install(marker, &actions) }
        for message in update.messages { send(message, &actions) }
        if update.commitIndex > commitIndex {
            commitIndex = update.commitIndex
            actions.append(.deliver)
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
        }
        for (offset, entry) in append.entries.enumerated() where entry.kind == .membership {
            // The core has read it before, so it can be read.
            if let membership = try? Membership(entry.payload) {
                memberships.append((append.first + UInt64(offset), membership))
            }
        }
        if role == .leader, firstOwn == nil { firstOwn = append.first }
        cache.replace(from: append.first, with: append.entries)
        lastIndex = append.first + UInt64(append.entries.count) - 1
        writes.append((nextWrite, lastIndex))
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
        cache = EntryCache(next: marker.point.index + 1)
        installing = (marker, nextWrite, false)
        actions.append(.reset(marker, write: nextWrite))
        nextWrite += 1
    }

    mutating func noteLeadership(
        _ update: RaftUpdate, _ actions: inout [DriverAction]
    ) {
        leader = update.leader
        let now =
            update.role == .leader
            ? Leadership.leading(update.term) : .following(leader: update.leader)
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
