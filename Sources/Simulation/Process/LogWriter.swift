import Consensus

/// What is on its way to the log: two threads in production, of which one appends while the other syncs.
struct LogWriter {
    /// What is queued, in order.
    var queue: [DriverAction] = []
    /// What is being written, nothing if nobody writes.
    var batch: [DriverAction] = []
    var isAppending = false
    /// Written and waiting for the sync before it to end.
    var isWaitingToSync = false
    var isSyncing = false
    /// The write that the sync under way, or the next one, makes durable.
    var syncing: UInt64?

    /// Takes all appends at the queue's front, or the one thing there that is not an append.
    mutating func takeBatch() {
        let appends = queue.prefix { $0.isAppend }.count
        batch = Array(queue.prefix(max(appends, 1)))
        queue.removeFirst(batch.count)
    }
}

extension DriverAction {
    /// Whether it adds entries.
    var isAppend: Bool { if case .append = self { true } else { false } }

    /// By which number the driver knows the write, if it wants to hear of it.
    var write: UInt64? {
        switch self {
        case .append(_, _, let write), .reset(_, let write): write
        default: nil
        }
    }
}

extension Process {
    /// Begins to write what is queued, unless somebody does.
    func writeNext() {
        guard !writer.isAppending, let first = writer.queue.first else { return }
        // Only appending may go on beside a sync.
        if !first.isAppend, writer.isSyncing { return }
        writer.takeBatch()
        writer.isAppending = true
        schedule(.appended, after: 20 + world.chance.below(400))
    }

    /// A batch is written; it counts for nothing before it is synced.
    func appended() throws {
        do {
            for action in writer.batch { try log.write(action) }
        } catch {
            return try halt("log: \(error)")
        }
        writer.isWaitingToSync = true
        if world.sabotage == .acknowledgeBeforeSync {
            try wrote(writer.batch.compactMap(\.write).last)
        }
        try syncNext()
    }

    private func syncNext() throws {
        guard writer.isWaitingToSync, !writer.isSyncing else { return }
        writer.isWaitingToSync = false
        writer.isAppending = false
        writer.isSyncing = true
        writer.syncing = writer.batch.compactMap(\.write).last
        writer.batch = []
        schedule(.synced, after: node.disk.syncTime(&world.chance))
        writeNext()
    }

    /// A sync has ended.
    func synced() throws {
        do {
            _ = try log.sync()
        } catch {
            return try halt("log: \(error)")
        }
        let write = writer.syncing
        writer.isSyncing = false
        writer.syncing = nil
        try syncNext()
        writeNext()
        if world.sabotage != .acknowledgeBeforeSync { try wrote(write) }
    }

    private func wrote(_ write: UInt64?) throws {
        guard let write else { return }
        try handle { now throws(CoreFault) in try driver.wrote(write, at: now) }
    }

    /// Writes some of what was queued when the process ends in the middle of it.
    func tearWrites() {
        // A log that has refused something is given up as it is.
        guard haltedBecause == nil else { return }
        for action in writer.batch + writer.queue {
            // After a fault the log is given up.
            guard action.isAppend, world.chance.happens(500),
                (try? log.write(action)) != nil
            else { return }
        }
    }
}

extension SegmentedLog {
    /// Carries out what is for the log; not durable before the next sync.
    func write(_ action: DriverAction) throws(LogFault) {
        switch action {
        case .append(let first, let entries, _): try append(entries, at: first)
        case .compact(let marker, let keeping): try compact(to: marker, keeping: keeping)
        case .reset(let marker, _): try reset(to: marker)
        case .save, .send, .sendStored, .deliver, .reconnect, .endProbation: break
        }
    }
}
