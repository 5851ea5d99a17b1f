/// The number of an entry in the log, counted from 1; 0 stands for "before the first".
public typealias LogIndex = UInt64

/// The number of a reign: each term has at most one leader; 0 stands for "none yet".
public typealias Term = UInt64

/// What is claimed of a log and cannot be.
enum LogLimit {
    /// No index and no term that is real comes near to this.
    static let greatest: UInt64 = 1 << 62
}

/// Names one node of the group; never 0.
@frozen
public struct NodeID: Hashable, Sendable, Comparable, RawRepresentable, CustomStringConvertible {
    /// The number by which Raft knows the node.
    public let rawValue: UInt64

    /// Makes an identity from its number, which is not 0 for a node that exists.
    @inlinable
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Makes an identity from its number, which is not 0 for a node that exists.
    @inlinable
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    /// The order of the numbers.
    @inlinable
    public static func < (left: NodeID, right: NodeID) -> Bool { left.rawValue < right.rawValue }

    /// The number in decimal.
    public var description: String { String(rawValue) }
}

/// One entry of the replicated log, without its index: entries travel in runs of consecutive ones.
public struct LogEntry: Equatable, Sendable {
    /// What an entry is for.
    public enum Kind: UInt8, Sendable {
        /// Bytes of the application.
        case command = 1
        /// Nothing; a new leader writes one to commit what earlier leaders left.
        case barrier = 2
        /// The group's members from here on, as ``Membership/bytes``.
        case membership = 3
    }

    /// The term in which a leader made the entry.
    public var term: Term
    /// What the entry is for.
    public var kind: Kind
    /// The entry's bytes; empty for a barrier.
    public var payload: [UInt8]

    /// Makes an entry.
    @inlinable
    public init(term: Term, kind: Kind, payload: [UInt8]) {
        self.term = term
        self.kind = kind
        self.payload = payload
    }
}

/// What a node must never forget about elections.
public struct HardState: Equatable, Sendable {
    /// The newest term the node has seen.
    public var term: Term
    /// Whom it voted for in that term.
    public var vote: NodeID?

    /// Makes a hard state.
    public init(term: Term, vote: NodeID?) {
        self.term = term
        self.vote = vote
    }
}
