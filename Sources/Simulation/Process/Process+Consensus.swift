import Consensus
import Execution
import Ledger
import Replica

// The driver: its rules are DriverState's, its threads, disk and sockets are the world's.
extension Process {
    /// Ends a process in the middle of what it does.
    struct Interrupted: Error {}

    /// Takes an event and does what follows from it.
    func handle(_ event: (UInt64) throws(CoreFault) -> [DriverAction]) throws {
        guard haltedBecause == nil else { return }
        do {
            try perform(try event(node.ticks))
        } catch CoreFault.refused {
            // Nothing changed; what was asked for no longer applies.
        } catch let fault as CoreFault {
            try halt("core: \(fault)")
        }
    }

    /// Takes a message of a peer.
    func receive(_ message: RaftMessage, from peer: NodeID, connection: UInt64) throws {
        // An old connection's messages would pass for the newest one's.
        let epoch = world.sabotage == .ignoreEpoch ? 0 : connection
        if case .appendEntries(let append) = message.body { liveAbove = append.commitIndex }
        defer { liveAbove = nil }
        var actions: [DriverAction] = []
        try handle { now throws(CoreFault) in
            actions = try driver.receive(message, from: peer, epoch: epoch, at: now)
            return actions
        }
        try connections.note(actions, of: connection, from: peer, by: self)
    }

    /// The core's time has come.
    func timeOut() throws {
        awaitedDeadline = .max
        try handle { now throws(CoreFault) in try driver.timeout(at: now) }
        awaitDeadline()
    }

    private func awaitDeadline() {
        guard driver.deadline < awaitedDeadline else { return }
        awaitedDeadline = driver.deadline
        let time = node.clock.time(ofTicks: driver.deadline)
        world.push(.work(node.position, life: life, .timeOut), at: max(time, world.now + 1))
    }

    func perform(_ actions: [DriverAction]) throws {
        for action in actions {
            try countDown()
            switch action {
            case .save(let hardState):
                if world.sabotage == .forgetVote { break }
                do { try log.save(hardState) } catch { return try halt("log: \(error)") }
            case .append(let first, let entries, _):
                if let liveAbove {
                    try TimesAreTrue.check(entries, first, above: liveAbove, on: node)
                }
                writer.queue.append(action)
            case .reset, .compact: writer.queue.append(action)
            case .send(let message, let peer):
                world.send(.raft(embellished(message)), from: node, to: peer)
            case .sendStored(let message, let range, let rest, let peer):
                do {
                    let limit = driver.limits.messageBytes
                    for part in try log.fill(message, with: range, then: rest, limit: limit) {
                        world.send(.raft(embellished(part)), from: node, to: peer)
                    }
                } catch { return try halt("log: \(error)") }
            case .deliver: wakeDelivery()
            case .reconnect(let peer): world.reconnect(node, peer)
            case .endProbation:
                do { try log.endProbation() } catch { return try halt("log: \(error)") }
            }
        }
        try world.properties.leads(node, driver.role, driver.term)
        writeNext()
        awaitDeadline()
    }

    /// The world may have decided that the process ends here.
    private func countDown() throws {
        guard node.actionsUntilCrash > 0 else { return }
        node.actionsUntilCrash -= 1
        if node.actionsUntilCrash == 0 { throw Interrupted() }
    }

    // MARK: Towards the application

    func wakeDelivery() {
        guard !isDelivering, driver.nextDelivery() != nil else { return }
        isDelivering = true
        schedule(.deliver, after: 5 + world.chance.below(100))
    }

    /// Hands one entry, or one word about leadership, to the application.
    func deliver() throws {
        if let batch = delivery {
            let entry = batch.entries[batch.next]
            let index = batch.first + UInt64(batch.next)
            if entry.kind == .command { try committed(entry.payload, at: index) }
            guard haltedBecause == nil else { return }
            delivery?.next += 1
            if batch.next + 1 == batch.entries.count {
                delivery = nil
                driver.delivered(through: index)
            }
        } else if let next = driver.nextDelivery() {
            try take(next)
        }
        // A state that is fetched from peers holds everything up.
        guard haltedBecause == nil, catchUp == nil else { return }
        guard delivery != nil || driver.nextDelivery() != nil else {
            isDelivering = false
            return
        }
        schedule(.deliver, after: 20 + world.chance.below(world.scenario.executionMicros))
    }

    private func take(_ next: Delivery) throws {
        switch next {
        case .leadership(let leadership):
            leadershipChanged(leadership)
            driver.told(leadership)
        case .entries(let first, let entries):
            delivery = (first, entries, 0)
        case .stored(let range):
            do {
                let entries = try log.entries(
                    from: range.lowerBound, through: range.upperBound - 1,
                    maximumBytes: driver.limits.deliveryBytes)
                delivery = (range.lowerBound, entries, 0)
            } catch { try halt("log: \(error)") }
        case .restore(let marker):
            restoring = marker
            if try restore(marker) { try restored() }
        }
    }

    private func leadershipChanged(_ leadership: Leadership) {
        switch leadership {
        case .leading(let term):
            world.trace.note("leads", node.position, term)
            pool.lead(from: machine.tip, as: node.id)
        case .following(let leader):
            pool.follow(leader)
        }
        wakeSequencer()
    }

    /// The state that a snapshot stands for is here, durably.
    func restored() throws {
        guard let marker = restoring else { return }
        restoring = nil
        indexExecuted = marker.point.index
        try handle { now throws(CoreFault) in try driver.restored(marker, at: now) }
    }
}
