import Threads

// What the application and the transport ask of a driver.
extension Driver {
    /// Puts bytes at the end of the log, if this node leads; returns before they are durable.
    public func submit(_ payload: [UInt8]) -> Submission {
        submit { now throws(CoreFault) in
            let (index, term, actions) = try state.submit(.command, payloads: [payload], at: now)
            return (index, term, actions)
        }
    }

    /// Puts other members in force, if this node leads; one voter may come or go at a time.
    public func change(to membership: Membership) -> Submission {
        submit { now throws(CoreFault) in try state.change(to: membership, at: now) }
    }

    private func submit(
        _ event: (UInt64) throws(CoreFault) -> (LogIndex?, Term, [DriverAction])
    ) -> Submission {
        monitor.lock()
        defer { monitor.unlock() }
        guard !isStopping else { return .stopped }
        do {
            let (index, term, actions) = try event(monotonicMillis())
            perform(actions)
            guard !isStopping else { return .stopped }
            return index.map { .accepted(index: $0, term: term) } ?? .changeUnderWay
        } catch {
            switch error {
            case .refused(.notLeader):
                return .notLeader(leader: state.leader == state.id ? nil : state.leader)
            case .refused(.unsuitableMember): return .unsuitableMembers
            case .refused: return .changeUnderWay
            case .library, .broken:
                stop(because: .core(error))
                return .stopped
            }
        }
    }

    /// Lets the log forget entries, once the application's state has their effects for good.
    ///
    /// - Parameters:
    ///   - index: the last entry that may go; delivered before.
    ///   - application: what finds that state again: a height and a header hash, say.
    public func snapshot(at index: LogIndex, application: [UInt8]) {
        guard let term = log.term(of: index) else { return }
        handle { now throws(CoreFault) in
            try state.snapshot(at: index, term: term, application: application, now: now)
        }
    }

    /// Reads committed entries again.
    ///
    /// - Parameters:
    ///   - first: the first place wanted; not dropped yet.
    ///   - maximumBytes: ends the run after the entry with which this is reached.
    /// - Returns: the application's entries from there on, empty if there are none.
    /// - Throws: ``LogFault`` with ``LogFault/Kind/noSuchEntry(_:)`` if the log has dropped them.
    public func committedEntries(
        from first: LogIndex, maximumBytes: Int = 4 << 20
    ) throws(LogFault) -> [CommittedEntry] {
        monitor.lock()
        let last = state.deliverable
        monitor.unlock()
        guard first <= last else { return [] }
        let entries = try log.entries(from: first, through: last, maximumBytes: maximumBytes)
        return entries.enumerated().compactMap { position, entry in
            let index = first + UInt64(position)
            guard entry.kind == .command else { return nil }
            return CommittedEntry(
                index: index, term: entry.term, payload: entry.payload, moreFollow: index < last)
        }
    }

    /// Hands leadership to another voter, or to the best one.
    ///
    /// From then on ``submit(_:)`` answers that this node does not lead, so that callers try again. If the
    /// other does not take over within an election timeout, this node goes on.
    @discardableResult
    public func transferLeadership(to peer: NodeID? = nil) -> Transfer {
        monitor.lock()
        defer { monitor.unlock() }
        guard !isStopping else { return .stopped }
        do {
            let (target, actions) = try state.transfer(to: peer, at: monotonicMillis())
            perform(actions)
            return .begun(to: target)
        } catch {
            switch error {
            case .refused(.notLeader): return .notLeader(leader: state.leader)
            case .refused(.unsuitableMember): return .unsuitableMember
            case .refused: return .underWay
            case .library, .broken:
                stop(because: .core(error))
                return .stopped
            }
        }
    }

    /// Says who shall be a member, as the ledger has it; to be called on every node at each change.
    ///
    /// Whoever leads then changes the members one step at a time (``MembershipPlan``).
    public func want(members: [NodeID]) {
        handle { now throws(CoreFault) in try state.want(members, at: now) }
    }

    /// Takes a message that a peer sent, over that one of its connections.
    public func receive(_ message: RaftMessage, from peer: NodeID, epoch: UInt64) {
        handle { now throws(CoreFault) in
            try state.receive(message, from: peer, epoch: epoch, at: now)
        }
    }
}
