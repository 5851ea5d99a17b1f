/// Raft's rules as a function: an event goes in, what must be done comes out; no I/O, no clock.
///
/// The caller carries out an update in this order: make the hard state durable, queue the entries
/// for the disk, then send the messages. It reports entries as persisted only after they were synced,
/// and every committed change of members back to the core.
public protocol RaftCore: AnyObject {
    /// Takes one event.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - now: milliseconds of a clock that never goes back.
    /// - Returns: what must be done.
    /// - Throws: ``CoreFault``; after ``CoreFault/refused(_:)`` the core is unchanged, after any other
    ///   the node must stop.
    func step(_ event: RaftEvent, at now: UInt64) throws(CoreFault) -> RaftUpdate
}

/// What a core can be told.
public enum RaftEvent: Sendable {
    /// What the disk has kept; the first event, once.
    case start(RaftStart)
    /// A peer's message arrived.
    case received(RaftMessage, from: NodeID)
    /// Entries are durable up to here.
    case persisted(through: LogIndex)
    /// A snapshot that the leader sent is durable and the application has its state.
    case persistedSnapshot(SnapshotPoint)
    /// A committed entry changed the members.
    case membershipCommitted(Membership, at: LogIndex)
    /// A marker is durable; the core may forget entries up to it, except that many.
    case snapshotTaken(SnapshotPoint, trailing: UInt32)
    /// The deadline of the last update has come.
    case timeout
    /// The application wants these entries in the log; their terms are set by the core.
    case submit(LogEntry.Kind, payloads: [[UInt8]])
    /// A voter shall take over; nil means the best one.
    case transfer(to: NodeID?)
    /// The leader gives up, for a term that it has no part in.
    case stepDown
}

/// What the disk has kept when a node starts.
public struct RaftStart: Sendable {
    /// Term and vote.
    public var hardState: HardState
    /// The newest snapshot, if any.
    public var snapshot: SnapshotPoint?
    /// The index of the first entry.
    public var firstIndex: LogIndex
    /// The entries; only those about members need their payload.
    public var entries: [LogEntry]

    /// Makes a start.
    public init(
        hardState: HardState, snapshot: SnapshotPoint?, firstIndex: LogIndex, entries: [LogEntry]
    ) {
        self.hardState = hardState
        self.snapshot = snapshot
        self.firstIndex = firstIndex
        self.entries = entries
    }
}

/// What must be done after a step, and how things stand.
public struct RaftUpdate: Sendable {
    /// What a node is in its term.
    public enum Role: Sendable, Equatable { case follower, candidate, leader }

    /// Consecutive entries for the disk; they replace whatever stands at or after `first`.
    public struct Append: Sendable, Equatable {
        /// The first entry's index.
        public var first: LogIndex
        /// The entries, at least one.
        public var entries: [LogEntry]
    }

    /// A message to send.
    public enum Outgoing: Sendable, Equatable {
        /// A message that is complete.
        case message(RaftMessage, to: NodeID)
        /// Entries: `count` of them shall be filled in from the log.
        case entries(RaftMessage, count: Int, to: NodeID)
        /// The newest snapshot marker, which the caller has.
        case snapshot(version: UInt8, term: Term, index: LogIndex, to: NodeID)
    }

    /// To be made durable before anything else, if it changed.
    public var hardState: HardState?
    /// To be queued for the disk.
    public var append: Append?
    /// A snapshot that a leader sent: the whole log is to be replaced by it.
    public var install: SnapshotMarker?
    /// To be sent, in this order.
    public var messages: [Outgoing]
    /// What the node is now.
    public var role: Role
    /// Its term.
    public var term: Term
    /// Who leads, as far as known.
    public var leader: NodeID?
    /// Entries up to here will never be undone.
    public var commitIndex: LogIndex
    /// When to send ``RaftEvent/timeout``, on the clock of the steps.
    public var deadline: UInt64
}

/// Why a core did not take a step.
public enum CoreFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// Why a request was turned down; nothing changed.
    public enum Refusal: Equatable, Sendable {
        /// Another node leads, or leadership is being handed over.
        case notLeader
        /// Another change of members is still under way.
        case changeUnderWay
        /// The member is unknown or has not the right role.
        case unsuitableMember
        /// Most voters are short of disk space.
        case noSpace
    }

    /// The request was turned down and nothing changed.
    case refused(Refusal)
    /// The installed library is not one whose memory rules are known.
    case library(found: String, wanted: String)
    /// The core met something that it must not survive.
    case broken(code: Int32, reason: String)

    /// The fault in one line.
    public var description: String {
        switch self {
        case .refused(let refusal): "raft core: refused, \(refusal)"
        case .library(let found, let wanted):
            "raft core: found \(found), but \(wanted) is needed; run Tools/setup"
        case .broken(let code, let reason): "raft core: \(reason) (code \(code))"
        }
    }
}
