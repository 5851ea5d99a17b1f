import Threads

// What a driver's threads do.
extension Driver {
    /// Takes what is queued, appends it, and syncs it, while the other thread like this one appends what
    /// was queued since.
    func write() {
        monitor.lock()
        defer { monitor.unlock() }
        while true {
            while isAppending || (queue.isEmpty && !isStopping) { monitor.wait(for: work) }
            guard !queue.isEmpty, fault == nil else { return }
            isAppending = true
            let batch = takeBatch()
            // Only appending may go on beside a sync.
            if case .append? = batch.first {} else { awaitSync() }
            monitor.unlock()
            let outcome = Result { () throws(LogFault) in try write(batch) }
            monitor.lock()
            guard finish(outcome) else {
                isAppending = false
                monitor.broadcast(work)
                return
            }
            awaitSync()
            isSyncing = true
            isAppending = false
            // If more was queued meanwhile, the other thread may go on with it now.
            if !queue.isEmpty || isStopping { monitor.broadcast(work) }
            monitor.unlock()
            let synced = Result { () throws(LogFault) in try log.sync() }
            monitor.lock()
            isSyncing = false
            monitor.broadcast(syncDone)
            guard finish(synced) else { return }
            guard let last = batch.compactMap(\.number).last else { continue }
            do {
                perform(try state.wrote(last, at: monotonicMillis()))
            } catch {
                stop(because: .core(error))
            }
        }
    }

    func awaitSync() {
        while isSyncing { monitor.wait(for: syncDone) }
    }

    /// All appends at the queue's front, or the one thing there that is not an append.
    func takeBatch() -> [Write] {
        let appends = queue.prefix { if case .append = $0 { true } else { false } }.count
        let batch = Array(queue.prefix(max(appends, 1)))
        queue.removeFirst(batch.count)
        return batch
    }

    func write(_ batch: [Write]) throws(LogFault) {
        for write in batch {
            switch write {
            case .append(let first, let entries, _): try log.append(entries, at: first)
            case .compact(let marker, let keeping): try log.compact(to: marker, keeping: keeping)
            case .reset(let marker, _): try log.reset(to: marker)
            }
        }
    }

    /// Whether to go on; if not, the driver stops.
    func finish<Success>(_ outcome: Result<Success, LogFault>) -> Bool {
        guard case .failure(let fault) = outcome else { return self.fault == nil }
        stop(because: .log(fault))
        return false
    }

    /// Hands to the application what is due.
    func deliver() {
        monitor.lock()
        defer { monitor.unlock() }
        while !isStopping {
            guard let consumer, let next = state.nextDelivery() else {
                monitor.wait(for: delivery)
                continue
            }
            let deliverable = state.deliverable
            monitor.unlock()
            let outcome = hand(next, to: consumer, deliverable: deliverable)
            monitor.lock()
            switch outcome {
            case .success(.through(let index)): state.delivered(through: index)
            case .success(.told(let leadership)): state.told(leadership)
            case .success(.restored(let marker)):
                do {
                    perform(try state.restored(marker, at: monotonicMillis()))
                } catch { stop(because: .core(error)) }
            case .failure(let fault): stop(because: fault)
            }
        }
        let consumer = self.consumer
        self.consumer = nil
        guard let fault, let consumer else { return }
        monitor.unlock()
        consumer.stopped(fault)
        monitor.lock()
    }

    enum Handed {
        case through(LogIndex)
        case told(Leadership)
        case restored(SnapshotMarker)
    }

    func hand(
        _ next: Delivery, to consumer: any CommitConsumer, deliverable: LogIndex
    ) -> Result<Handed, ConsensusFault> {
        switch next {
        case .leadership(let leadership):
            consumer.leadershipChanged(leadership)
            return .success(.told(leadership))
        case .restore(let marker):
            return consumer.restore(marker)
                ? .success(.restored(marker)) : .failure(.notRestored(marker.point.index))
        case .entries(let first, let entries):
            return .success(.through(hand(entries, first, to: consumer, deliverable)))
        case .stored(let range):
            do {
                let entries = try log.entries(
                    from: range.lowerBound, through: range.upperBound - 1,
                    maximumBytes: state.limits.deliveryBytes)
                return .success(
                    .through(hand(entries, range.lowerBound, to: consumer, deliverable)))
            } catch {
                return .failure(.log(error))
            }
        }
    }

    func hand(
        _ entries: [LogEntry], _ first: LogIndex, to consumer: any CommitConsumer,
        _ deliverable: LogIndex
    ) -> LogIndex {
        var index = first
        for entry in entries {
            if entry.kind == .command {
                consumer.committed(
                    CommittedEntry(
                        index: index, term: entry.term, payload: entry.payload,
                        moreFollow: index < deliverable))
            }
            index += 1
        }
        return index - 1
    }

    /// Tells the core when its time has come.
    func watchClock() {
        monitor.lock()
        defer { monitor.unlock() }
        while !isStopping {
            let now = monotonicMillis()
            guard now >= state.deadline else {
                awaitedDeadline = state.deadline
                monitor.wait(for: clock, until: state.deadline)
                continue
            }
            do {
                perform(try state.timeout(at: now))
            } catch {
                stop(because: .core(error))
            }
        }
    }
}
