import CRaft
import Glibc

/// Raft by the step core of C-Raft 0.22.
///
/// C-Raft keeps terms only, never entries, and reads a payload only to learn members. So payloads stay
/// in Swift: the core is handed stubs of eight bytes, and an update's entries, which are always the
/// tail of those just offered, get their payloads back by position.
///
/// Who owns what in 0.22.1, as `raft_step` has it:
/// - entries offered: the array stays the caller's; their one batch goes to the core, which frees it or
///   hands it on in `update.entries`; then the caller frees it. A refused submit leaves it with the caller.
/// - configurations offered (start, committed, snapshot taken or persisted): the core's from then on.
/// - a snapshot to install: its configuration and chunk are the caller's.
/// - messages and addresses in an update: the core's, until the next step.
public final class CRaftCore: RaftCore {
    /// How a core measures time.
    public struct Timing: Sendable {
        /// Milliseconds without a leader after which an election may start; random up to twice that.
        public var electionMilliseconds: UInt32 = 1_000
        /// Milliseconds between a leader's signs of life.
        public var heartbeatMilliseconds: UInt32 = 100
        /// Milliseconds after which a snapshot is sent again.
        public var snapshotMilliseconds: UInt32 = 30_000
        /// How many entries may be on their way to one peer.
        public var entriesInFlight: UInt32 = 32

        /// The usual timing: a second, a tenth of it, half a minute, 32 entries.
        public init() {}
    }

    /// The node that this core stands for.
    public let id: NodeID
    let core: UnsafeMutablePointer<raft>
    /// The addresses that the core wants are identities in decimal: real ones stay outside of it.
    private var peerAddresses: [NodeID: UnsafeMutablePointer<CChar>] = [:]
    /// When a leader was last heard of, on the clock of the steps.
    private var heardLeader: UInt64 = 0
    private var scratch: UnsafeMutableBufferPointer<raft_entry>

    /// Makes a core that has not started.
    ///
    /// - Parameters:
    ///   - id: this node; not 0.
    ///   - seed: for the random part of election timeouts.
    ///   - timing: how it measures time.
    /// - Throws: ``CoreFault/library(found:wanted:)`` if the library is not 0.22.
    public init(id: NodeID, seed: UInt32, timing: Timing = Timing()) throws(CoreFault) {
        precondition(id.rawValue != 0, "a node's identity is not 0")
        try Self.checkLibrary()
        self.id = id
        core = .allocate(capacity: 1)
        scratch = .allocate(capacity: 64)
        memset(core, 0, MemoryLayout<raft>.size)
        let code = id.description.withCString { raft_init(core, nil, nil, id.rawValue, $0) }
        guard code == 0 else { throw .broken(code: code, reason: "cannot be initialised") }
        raft_set_election_timeout(core, timing.electionMilliseconds)
        raft_set_heartbeat_timeout(core, timing.heartbeatMilliseconds)
        raft_set_install_snapshot_timeout(core, timing.snapshotMilliseconds)
        raft_set_max_inflight_entries(core, timing.entriesInFlight)
        raft_set_pre_vote(core, true)
        raft_seed(core, seed)
    }

    deinit {
        raft_close(core, nil)
        core.deallocate()
        scratch.deallocate()
        for address in peerAddresses.values { free(address) }
    }

    /// Takes one event; see ``RaftCore/step(_:at:)``.
    public func step(_ event: RaftEvent, at now: UInt64) throws(CoreFault) -> RaftUpdate {
        var native = raft_event()
        native.time = now
        switch event {
        case .start(let start): return try begin(start, &native)
        case .received(let message, let sender): return try receive(message, sender, &native)
        case .submit(let kind, let payloads): return try submit(kind, payloads, &native)
        case .persisted(let index):
            native.type = RAFT_PERSISTED_ENTRIES
            native.persisted_entries.index = index
        case .persistedSnapshot(let point):
            native.type = RAFT_PERSISTED_SNAPSHOT
            native.persisted_snapshot.metadata = metadata(of: point)
            native.persisted_snapshot.last = true
        case .membershipCommitted(let membership, let index):
            native.type = RAFT_CONFIGURATION
            native.configuration.index = index
            native.configuration.conf = configuration(of: membership)
        case .snapshotTaken(let point, let trailing):
            native.type = RAFT_SNAPSHOT
            native.snapshot.metadata = metadata(of: point)
            native.snapshot.trailing = trailing
        case .timeout:
            native.type = RAFT_TIMEOUT
        case .transfer(let member):
            native.type = RAFT_TRANSFER
            native.transfer.server_id = member?.rawValue ?? 0
        case .stepDown:
            guard isLeading else { throw .refused(.notLeader) }
            // The library has no such event. But a leader that hears of a later term follows, and it may
            // hear of one from anybody, itself included.
            let news = RaftMessage(
                version: 0, term: raft_current_term(core) + 1,
                body: .appendResult(.init(rejected: 0, lastIndex: 0, features: 0, capacity: 0)))
            return try receive(news, id, &native)
        }
        return try run(&native, offered: [])
    }

    // MARK: Events with entries

    private func begin(
        _ start: RaftStart, _ native: inout raft_event
    ) throws(CoreFault) -> RaftUpdate {
        // What the library would only assert, in a build without asserts.
        guard start.firstIndex >= 1, start.firstIndex <= (start.snapshot?.index ?? 0) + 1,
            start.snapshot != nil || start.entries.first.map({ $0.kind == .membership }) ?? true,
            start.hardState.term > 0 || (start.entries.isEmpty && start.snapshot == nil)
        else { throw .broken(code: 0, reason: "the log to start from has a gap or no members") }
        native.type = RAFT_START
        native.start.term = start.hardState.term
        native.start.voted_for = start.hardState.vote?.rawValue ?? 0
        native.start.start_index = start.firstIndex
        native.start.n_entries = UInt32(start.entries.count)
        native.start.entries = try offer(start.entries)
        guard let point = start.snapshot else {
            let update = try run(&native, offered: [])
            release(batchOf: start.entries)
            return update
        }
        var snapshot = metadata(of: point)
        // The compiler types the closure as throwing anything, so the fault travels as a value.
        let outcome = withUnsafeMutablePointer(to: &snapshot) { pointer in
            native.start.metadata = pointer
            return Result { () throws(CoreFault) in try run(&native, offered: []) }
        }
        let update = try outcome.get()
        release(batchOf: start.entries)
        return update
    }

    private func submit(
        _ kind: LogEntry.Kind, _ payloads: [[UInt8]], _ native: inout raft_event
    ) throws(CoreFault) -> RaftUpdate {
        precondition(
            !payloads.isEmpty && (kind != .membership || payloads.count == 1),
            "submit one change of members or some commands")
        let term = raft_current_term(core)
        let entries = payloads.map { LogEntry(term: term, kind: kind, payload: $0) }
        native.type = RAFT_SUBMIT
        native.submit.entries = try offer(entries)
        native.submit.n = UInt32(entries.count)
        do {
            return try run(&native, offered: entries)
        } catch {
            if case .refused = error { release(batchOf: entries) }
            throw error
        }
    }

    private func receive(
        _ message: RaftMessage, _ sender: NodeID, _ native: inout raft_event
    ) throws(CoreFault) -> RaftUpdate {
        var body = raft_message()
        body.server_id = sender.rawValue
        body.server_address = UnsafePointer(address(of: sender))
        var offered: [LogEntry] = []
        if case .appendEntries(let append) = message.body { offered = append.entries }
        try fill(&body, from: message, entries: offered.isEmpty ? nil : try offer(offered))
        native.type = RAFT_RECEIVE
        func step() -> Result<RaftUpdate, CoreFault> {
            withUnsafeMutablePointer(to: &body) { pointer in
                native.receive.message = pointer
                return Result { () throws(CoreFault) in try run(&native, offered: offered) }
            }
        }
        switch message.body {
        case .requestVote:
            let now = native.time
            return try asVoter(at: now, step).get()
        case .appendEntries, .installSnapshot:
            if message.term >= raft_current_term(core) { heardLeader = native.time }
            return try step().get()
        default: return try step().get()
        }
    }

    /// Lets a member vote that has not yet heard that it may.
    ///
    /// Whose votes count is for the candidate's log to say. C-Raft denies its vote if its own log calls
    /// it no voter, and such a member believes in the last leader for ever; then a group waits for ever
    /// if it needs the vote of a member that missed its own promotion. So for this one step it is a
    /// voter without a leader, if it has not heard from one for as long as elections wait.
    private func asVoter<Outcome>(at now: UInt64, _ step: () -> Outcome) -> Outcome {
        let configuration = core.pointee.configuration
        let own = (0..<Int(configuration.n)).first { configuration.servers[$0].id == id.rawValue }
        let voter = Int32(RAFT_VOTER)
        guard let own, configuration.servers[own].role != voter, role == .follower,
            now >= heardLeader + UInt64(core.pointee.election_timeout)
        else { return step() }
        let (members, rights) = (configuration.servers, configuration.servers[own].role)
        let leader = core.pointee.follower_state.current_leader.id
        members?[own].role = voter
        core.pointee.follower_state.current_leader.id = 0
        defer {
            // A request for a vote changes neither the members nor, in a follower, the leader.
            members?[own].role = rights
            core.pointee.follower_state.current_leader.id = leader
        }
        return step()
    }

    /// Writes stubs of entries into the scratch array, all in one batch of the core's memory.
    private func offer(
        _ entries: [LogEntry]
    ) throws(CoreFault) -> UnsafeMutablePointer<raft_entry>? {
        guard !entries.isEmpty else { return nil }
        if scratch.count < entries.count {
            scratch.deallocate()
            scratch = .allocate(capacity: max(entries.count, 2 * scratch.count))
        }
        var configurations: [(position: Int, bytes: [UInt8])] = []
        for (position, entry) in entries.enumerated() where entry.kind == .membership {
            // Only members of a form that was checked here reach the library's own decoder.
            guard let membership = try? Membership(entry.payload) else {
                throw .broken(code: 0, reason: "an entry about members cannot be read")
            }
            configurations.append((position, encoded(membership)))
        }
        let size = configurations.reduce(8) { $0 + $1.bytes.count }
        guard let batch = raft_malloc(size) else { throw Self.outOfMemory }
        memset(batch, 0, size)
        for (position, entry) in entries.enumerated() {
            var stub = raft_entry()
            stub.term = entry.term
            stub.type = raft_entry_type(UInt32(entry.kind.rawValue))
            stub.buf = raft_buffer(base: batch, len: 8)
            stub.batch = batch
            scratch[position] = stub
        }
        var place = 8
        for (position, bytes) in configurations {
            UnsafeMutableRawBufferPointer(start: batch + place, count: bytes.count)
                .copyBytes(from: bytes)
            scratch[position].buf = raft_buffer(base: batch + place, len: bytes.count)
            place += bytes.count
        }
        return scratch.baseAddress
    }

    private func release(batchOf entries: [LogEntry]) {
        if !entries.isEmpty { raft_free(scratch[0].batch) }
    }

    // MARK: The step itself

    private func run(
        _ native: inout raft_event, offered: [LogEntry]
    ) throws(CoreFault) -> RaftUpdate {
        var out = raft_update()
        let code = raft_step(core, &native, &out)
        guard code == 0 else { throw fault(code) }
        let flags = Changes(rawValue: out.flags)
        var update = RaftUpdate(
            hardState: nil, append: nil, install: nil, messages: [], role: role,
            term: raft_current_term(core), leader: leader, commitIndex: raft_commit_index(core),
            deadline: raft_timeout(core))
        if !flags.isDisjoint(with: [.term, .vote]) {
            let vote = raft_voted_for(core)
            update.hardState = HardState(
                term: update.term, vote: vote == 0 ? nil : NodeID(vote))
        }
        if flags.contains(.entries) { update.append = try takeEntries(out, offered) }
        if flags.contains(.snapshot) { update.install = try takeSnapshot(out) }
        if flags.contains(.messages) {
            update.messages.reserveCapacity(Int(out.messages.n))
            for position in 0..<Int(out.messages.n) {
                update.messages.append(try outgoing(out.messages.batch[position]))
            }
        }
        return update
    }

    /// Gives the entries of an update their payloads back and frees the stubs.
    private func takeEntries(
        _ out: raft_update, _ offered: [LogEntry]
    ) throws(CoreFault) -> RaftUpdate.Append {
        let count = Int(out.entries.n)
        guard count > 0, let batch = out.entries.batch else {
            throw .broken(code: 0, reason: "an update without its entries")
        }
        defer { raft_free(batch[0].batch) }
        if count == 1, batch[0].type == RAFT_BARRIER {
            let barrier = LogEntry(term: batch[0].term, kind: .barrier, payload: [])
            return RaftUpdate.Append(first: out.entries.index, entries: [barrier])
        }
        guard count <= offered.count else {
            throw .broken(code: 0, reason: "an update with entries nobody offered")
        }
        let entries = Array(offered.suffix(count))
        for (position, entry) in entries.enumerated()
        where entry.term != batch[position].term
            || UInt32(entry.kind.rawValue) != batch[position].type.rawValue
        {
            throw .broken(code: 0, reason: "an update's entries are not the tail of those offered")
        }
        return RaftUpdate.Append(first: out.entries.index, entries: entries)
    }

    private func takeSnapshot(_ out: raft_update) throws(CoreFault) -> SnapshotMarker {
        var configuration = out.snapshot.metadata.configuration
        let chunk = out.snapshot.chunk
        defer {
            raft_configuration_close(&configuration)
            raft_free(chunk.base)
        }
        let bytes = Array(UnsafeRawBufferPointer(start: chunk.base, count: chunk.len))
        guard let (membership, application) = Self.split(bytes) else {
            throw .broken(code: 0, reason: "a snapshot's members cannot be read")
        }
        return SnapshotMarker(
            point: SnapshotPoint(
                index: out.snapshot.metadata.index, term: out.snapshot.metadata.term,
                membership: membership,
                membershipIndex: out.snapshot.metadata.configuration_index),
            application: application)
    }

    private var role: RaftUpdate.Role {
        switch raft_state(core) {
        case RAFT_LEADER: .leader
        case RAFT_CANDIDATE: .candidate
        default: .follower
        }
    }

    /// The entry with a change of members that the core does not know as committed; 0 for none.
    var uncommittedChange: LogIndex { core.pointee.configuration_uncommitted_index }

    private var isLeading: Bool { raft_state(core) == RAFT_LEADER }

    private var leader: NodeID? {
        var id: raft_id = 0
        var address: UnsafePointer<CChar>?
        raft_leader(core, &id, &address)
        return id == 0 ? nil : NodeID(id)
    }

    func address(of peer: NodeID) -> UnsafeMutablePointer<CChar> {
        if let known = peerAddresses[peer] { return known }
        guard let made = strdup(peer.description) else { fatalError("out of memory") }
        peerAddresses[peer] = made
        return made
    }

    static let outOfMemory = CoreFault.broken(code: Int32(RAFT_NOMEM), reason: "out of memory")

    private func fault(_ code: Int32) -> CoreFault {
        switch Int(code) {
        case RAFT_NOTLEADER: .refused(.notLeader)
        case RAFT_CANTCHANGE: .refused(.changeUnderWay)
        case RAFT_BADID, RAFT_NOTFOUND, RAFT_BADROLE:
            .refused(.unsuitableMember)
        case RAFT_NOSPACE: .refused(.noSpace)
        default:
            .broken(
                code: code,
                reason: raft_strerror(code).map { String(cString: $0) } ?? "unknown error")
        }
    }

    /// The flags of `raft_update`, whose C macros Swift cannot read.
    private struct Changes: OptionSet {
        let rawValue: UInt32
        static let term = Changes(rawValue: 1 << 0)
        static let vote = Changes(rawValue: 1 << 1)
        static let entries = Changes(rawValue: 1 << 2)
        static let snapshot = Changes(rawValue: 1 << 3)
        static let messages = Changes(rawValue: 1 << 4)
    }
}
