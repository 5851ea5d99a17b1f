import Threads

// Events and actions; all of this runs behind the lock.
extension Driver {
    func handle(_ event: (UInt64) throws(CoreFault) -> [DriverAction]) {
        monitor.lock()
        defer { monitor.unlock() }
        guard !isStopping else { return }
        do {
            perform(try event(monotonicMillis()))
        } catch .refused {
            // Nothing changed; what was asked for no longer applies.
        } catch {
            stop(because: .core(error))
        }
    }

    func perform(_ actions: [DriverAction]) {
        let deadline = state.deadline
        let waiting = queue.count
        for action in actions where fault == nil {
            switch action {
            case .save(let hardState):
                do { try log.save(hardState) } catch { stop(because: .log(error)) }
            case .append(let first, let entries, let write):
                queue.append(.append(first: first, entries: entries, write: write))
            case .reset(let marker, let write):
                queue.append(.reset(marker, write: write))
            case .compact(let marker, let keeping):
                queue.append(.compact(marker, keeping: keeping))
            case .send(let message, let peer):
                outbox.send(message, to: peer)
            case .sendStored(let message, let range, let rest, let peer):
                let limit = state.limits.messageBytes
                do {
                    for part in try log.fill(message, with: range, then: rest, limit: limit) {
                        outbox.send(part, to: peer)
                    }
                } catch { stop(because: .log(error)) }
            case .deliver:
                monitor.signal(delivery)
            case .reconnect(let peer):
                outbox.reconnect(peer)
            case .endProbation:
                do { try log.endProbation() } catch { stop(because: .log(error)) }
            }
        }
        // Behind what is sent: the other nodes' disks take longer than this one's alone.
        if queue.count > waiting { monitor.signal(work) }
        if deadline < awaitedDeadline { monitor.signal(clock) }
    }

    func stop(because fault: ConsensusFault) {
        if self.fault == nil { self.fault = fault }
        isStopping = true
        wakeAll()
    }

    func wakeAll() {
        for condition in 0..<4 { monitor.broadcast(monitor[condition]) }
    }
}
