import Ledger
import TestSupport

@testable import Consensus

/// One node of a simulation: rules, core and log are the real ones, disk and time are not.
final class SimulatedNode {
    let position: Int
    private let owner: LogOwner
    private let founders: Membership?
    private unowned let simulation: Simulation

    private(set) var isUp = false
    /// Counts starts, so that events of an earlier life are ignored.
    private(set) var life = 0
    private(set) var state: DriverState<CRaftCore>!
    private var files: MemoryFiles
    private var log: SegmentedLog!
    /// Appended in memory, synced when its time comes.
    private var queue: [DriverAction] = []
    private var isWriting = false
    private var awaited: UInt64 = 0
    /// The last entry in the application's store; it lags behind what was delivered.
    private var applied: LogIndex = 0
    /// The entry that said who shall be a member.
    private var wishedAt: LogIndex = 0
    /// An older copy of the disk and what the store had then.
    private var backup: (files: MemoryFiles, applied: LogIndex)?

    var id: NodeID { owner.node }

    init(position: Int, founders: Membership?, simulation: Simulation) {
        self.position = position
        self.founders = founders
        self.simulation = simulation
        owner = LogOwner(chain: Hash32(1, 2, 3, 4), node: NodeID(UInt64(position) + 1))
        files = MemoryFiles(path: "node\(position)")
    }

    func start() throws {
        life += 1
        isUp = true
        queue = []
        isWriting = false
        awaited = 0
        wishedAt = 0
        var options = SegmentedLog.Options()
        options.segmentBytes = 24 << 10
        let salt = simulation.random.next()
        options.salt = { salt }
        log = try SegmentedLog.open(files, owner: owner, options: options)
        try Driver.begin(log, with: founders)
        guard applied <= log.lastIndex else {
            throw Simulation.Finding(description: "node \(position) lost what it had applied")
        }
        let seed = UInt32(truncatingIfNeeded: simulation.random.next())
        let core = try CRaftCore(id: owner.node, seed: seed)
        var limits = DriverState<CRaftCore>.Limits()
        // Small enough that a late peer's entries are read from the disk, and that snapshots are needed.
        limits.cacheBytes = 4_000
        limits.messageBytes = 2_000
        limits.trailingEntries = 10
        limits.deliveryBytes = 1_000
        limits.stuckMilliseconds = 600
        limits.handOverPauseMilliseconds = 2_000
        state = DriverState(core: core, id: owner.node, log: log, applied: applied, limits: limits)
        try perform(try state.start(entries: log.startEntries(), at: simulation.now))
        try want(simulation.wish(at: applied))
    }

    /// Takes note of who shall be a member, unless it knows of a later wish: carrying out one may deliver
    /// the next.
    private func want(_ wish: (index: LogIndex, wanted: [NodeID])?) throws {
        guard let wish, wish.index > wishedAt else { return }
        wishedAt = wish.index
        try perform(try state.want(wish.wanted, at: simulation.now))
    }

    /// Copies the disk as it would be after a crash now.
    func backUp() {
        backup = (files.afterCrash(using: &simulation.random), applied)
    }

    /// Starts again from the copy.
    func restore(isMarked: Bool) throws -> Bool {
        guard let backup else { return false }
        crash()
        files = backup.files.afterCrash(using: &simulation.random)
        applied = backup.applied
        if isMarked {
            _ = try files.create(LogNames.restored)
            try files.syncFolder()
        }
        try start()
        return true
    }

    /// Whether it was restored and may not vote yet.
    var isOnProbation: Bool {
        isUp ? !state.mayVote : (try? files.names().contains(LogNames.restored)) ?? false
    }

    /// Asks for a hand-over, which may be refused.
    func handOver() -> Bool {
        guard let actions = try? state.transfer(to: nil, at: simulation.now).actions else {
            return false
        }
        return (try? perform(actions)) != nil
    }

    func crash() {
        guard isUp else { return }
        isUp = false
        simulation.noteCrash(of: position)
        // Some of what is queued may have been written, but not synced.
        for action in queue {
            guard case .append(let first, let entries, _) = action, simulation.random.chance(50)
            else { break }
            try? log.append(entries, at: first)
        }
        files = files.afterCrash(using: &simulation.random)
    }

    /// How it stands, for the message of a run that failed.
    var summary: String {
        guard isUp else { return "\(position): down" }
        return """
            \(position): \(state.role) in \(state.term), delivered \(state.delivered), committed \
            \(state.commitIndex), durable \(state.durable), last \(state.lastIndex), snapshot \
            \(state.snapshot?.point.index ?? 0), voters \(state.membership?.voters ?? []), \
            may vote \(state.mayVote), wants \(state.wanted ?? []), \(state.refusals)
            """
    }

    // MARK: Events

    func receive(_ message: RaftMessage, from: Int, epoch: UInt64) throws {
        try perform(
            try state.receive(
                message, from: NodeID(UInt64(from) + 1), epoch: epoch, at: simulation.now))
    }

    func timeout() throws {
        try perform(try state.timeout(at: simulation.now))
    }

    func submit(_ payload: [UInt8]) throws -> (LogIndex, Term)? {
        do {
            let (index, term, actions) = try state.submit(
                .command, payloads: [payload], at: simulation.now)
            try perform(actions)
            return (index, term)
        } catch CoreFault.refused {
            return nil
        }
    }

    /// Asks for a change of one member's role, which may be refused.
    func change(roleOf position: Int) throws -> Bool {
        guard state.role == .leader, let members = state.membership?.members else { return false }
        let changed = members.map { member in
            member.id.rawValue == UInt64(position) + 1
                ? Membership.Member(id: member.id, role: member.role == .voter ? .standby : .voter)
                : member
        }
        do {
            let (index, _, actions) = try state.change(to: Membership(changed)!, at: simulation.now)
            try perform(actions)
            return index != nil
        } catch CoreFault.refused {
            return false
        }
    }

    func finishWrites(_ count: Int) throws {
        var last: UInt64?
        for action in queue.prefix(count) {
            switch action {
            case .append(let first, let entries, let write):
                try log.append(entries, at: first)
                last = write
            case .reset(let marker, let write):
                try log.reset(to: marker)
                last = write
            case .compact(let marker, let keeping):
                try log.compact(to: marker, keeping: keeping)
            default: break
            }
        }
        queue.removeFirst(count)
        isWriting = false
        _ = try log.sync()
        if let last { try perform(try state.wrote(last, at: simulation.now)) }
        write()
    }

    private func write() {
        guard !isWriting, !queue.isEmpty else { return }
        isWriting = true
        let time =
            simulation.now + UInt64(simulation.random.below(simulation.random.chance(5) ? 300 : 15))
        simulation.push(.wrote(position, life: life, count: queue.count), at: time)
    }

    // MARK: Actions

    private func perform(_ actions: [DriverAction]) throws {
        for action in actions {
            switch action {
            case .save(let hardState): try log.save(hardState)
            case .append, .reset, .compact: queue.append(action)
            case .send(let message, let peer):
                simulation.transmit(message, from: position, to: peer)
            case .sendStored(let message, let range, let rest, let peer):
                let limit = state.limits.messageBytes
                for part in try log.fill(message, with: range, then: rest, limit: limit) {
                    simulation.transmit(part, from: position, to: peer)
                }
            case .deliver: break
            case .reconnect(let peer):
                simulation.breakLink(position, Int(peer.rawValue) - 1)
            case .endProbation:
                if log.isRestored { simulation.noteProbationEnded() }
                try log.endProbation()
            }
        }
        try deliver()
        write()
        guard state.deadline != awaited else { return }
        awaited = state.deadline
        simulation.push(.timeout(position, life: life), at: state.deadline)
    }

    private func deliver() throws {
        while let next = state.nextDelivery() {
            switch next {
            case .entries(let first, let entries): try take(entries, from: first)
            case .stored(let range):
                try take(
                    try log.entries(
                        from: range.lowerBound, through: range.upperBound - 1, maximumBytes: 1_000),
                    from: range.lowerBound)
            case .leadership(let leadership): state.told(leadership)
            case .restore(let marker):
                guard marker.application == ByteWriter.number(marker.point.index) else {
                    throw Simulation.Finding(description: "a snapshot's words were changed")
                }
                simulation.noteRestore()
                applied = max(applied, marker.point.index)
                try perform(try state.restored(marker, at: simulation.now))
                try want(simulation.wish(at: applied))
                return
            }
        }
    }

    private func take(_ entries: [LogEntry], from first: LogIndex) throws {
        for (offset, entry) in entries.enumerated() where entry.kind == .command {
            try simulation.noteCommitted(
                CommittedEntry(
                    index: first + UInt64(offset), term: entry.term, payload: entry.payload,
                    moreFollow: false), on: self)
        }
        let last = first + UInt64(entries.count) - 1
        state.delivered(through: last)
        if entries.contains(where: { Simulation.wish(in: $0.payload) != nil }) {
            try want(simulation.wish(at: last))
        }
        guard simulation.random.chance(20) else { return }
        // The store has caught up; now and then the log may forget.
        applied = last
        guard simulation.random.chance(40), let term = log.term(of: applied) else { return }
        try perform(
            try state.snapshot(
                at: applied, term: term, application: ByteWriter.number(applied),
                now: simulation.now))
    }
}
