/// An entry that will never be undone and is on this node's disk.
public struct CommittedEntry: Equatable, Sendable {
    /// Its place in the log; places of entries that are not the application's are left out.
    public let index: LogIndex
    /// The term in which a leader made it.
    public let term: Term
    /// The application's bytes.
    public let payload: [UInt8]
    /// Whether the next one is ready, so that the application may put off what it does per batch.
    public let moreFollow: Bool

    /// Describes an entry.
    public init(index: LogIndex, term: Term, payload: [UInt8], moreFollow: Bool) {
        self.index = index
        self.term = term
        self.payload = payload
        self.moreFollow = moreFollow
    }
}

/// The application, as a ``Driver`` sees it.
///
/// All calls come from one thread of the driver's own, one after the other, so an application may do
/// its work in them; what comes next waits, on disk if it is much. ``Driver/submit(_:)`` may be called
/// from within.
public protocol CommitConsumer: AnyObject, Sendable {
    /// Takes the next entry, each once, in the order of the log.
    func committed(_ entry: CommittedEntry)

    /// Learns who leads; `leading` only after all entries of earlier leaders were taken.
    func leadershipChanged(_ leadership: Leadership)

    /// Fetches the state that a snapshot stands for, because the entries before it are gone.
    ///
    /// The next entry taken is the one after the marker's. Blocks until the state is durable.
    /// - Returns: false if it cannot be had; the driver then stops.
    func restore(_ marker: SnapshotMarker) -> Bool

    /// Learns that the driver has stopped because of a fault; the last call.
    func stopped(_ fault: ConsensusFault)
}

/// Why a node can no longer take part.
public enum ConsensusFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The disk.
    case log(LogFault)
    /// The core.
    case core(CoreFault)
    /// The application has applied an entry that the log does not have.
    case appliedBeyondLog(applied: LogIndex, last: LogIndex)
    /// The log was begun with other members, or is empty and no members were given.
    case membership(String)
    /// The application could not fetch the state of a snapshot.
    case notRestored(LogIndex)

    /// Whether to start again is of no use before somebody has changed something.
    public var isLasting: Bool {
        switch self {
        case .log(let fault): fault.isLasting
        case .appliedBeyondLog, .membership: true
        case .core, .notRestored: false
        }
    }

    /// The fault and what to do, in one line.
    public var description: String {
        switch self {
        case .log(let fault): fault.description
        case .core(let fault): fault.description
        case .appliedBeyondLog(let applied, let last):
            """
            raft log: the stored state has entry \(applied), but the log ends at \(last): what was \
            acknowledged may be lost with it. Put the log back that belongs to this state; else make \
            a backup of what is here, and restore that or another one.
            """
        case .membership(let reason): "raft log: \(reason)."
        case .notRestored(let index):
            "raft log: the state at entry \(index) could not be fetched from the peers."
        }
    }
}
