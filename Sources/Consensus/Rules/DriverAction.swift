/// What a driver must do after an event, in this order.
package enum DriverAction: Equatable {
    /// Make term and vote durable before anything that follows.
    case save(HardState)
    /// Queue entries for the disk; report ``DriverState/wrote(_:at:)`` once they were synced.
    case append(first: LogIndex, entries: [LogEntry], write: UInt64)
    /// Queue the replacement of the whole log; report it like an append.
    case reset(SnapshotMarker, write: UInt64)
    /// Queue a marker, and the removal of entries before `keeping`.
    case compact(SnapshotMarker, keeping: LogIndex)
    /// Send a message.
    case send(RaftMessage, to: NodeID)
    /// Send a message with entries of which the first ones, which are durable, must be read from disk.
    case sendStored(RaftMessage, Range<LogIndex>, then: [LogEntry], to: NodeID)
    /// There is something new to hand to the application.
    case deliver
    /// Make the connection to a peer anew: what is sent over it does not help.
    case reconnect(NodeID)
    /// Forget durably that the node was restored: it may vote from now on.
    case endProbation
}

/// What the application is told next.
package enum Delivery: Equatable {
    /// Committed entries from this index on.
    case entries(first: LogIndex, [LogEntry])
    /// Committed entries that must be read from the disk first.
    case stored(Range<LogIndex>)
    /// Who leads now.
    case leadership(Leadership)
    /// The application has to fetch a state, for the entries before it are gone.
    case restore(SnapshotMarker)
}

/// Who decides what comes next in the log.
public enum Leadership: Equatable, Sendable {
    /// This node, in that term. Told only after every entry of earlier leaders was delivered.
    case leading(Term)
    /// Another node, or nobody as far as known.
    case following(leader: NodeID?)
}
