/// What nodes say to each other; the transport adds from whom and over which connection.
public struct RaftMessage: Equatable, Sendable {
    /// The core's version of the message's body.
    public var version: UInt8
    /// The sender's term, or the one it asks votes for.
    public var term: Term
    /// What is said.
    public var body: Body

    /// Makes a message.
    public init(version: UInt8, term: Term, body: Body) {
        self.version = version
        self.term = term
        self.body = body
    }

    /// The six kinds of message.
    public enum Body: Equatable, Sendable {
        /// A candidate asks for a vote.
        case requestVote(RequestVote)
        /// The answer to it.
        case voteResult(VoteResult)
        /// The leader sends entries, or none as a sign of life.
        case appendEntries(AppendEntries)
        /// The answer to that, and to a snapshot.
        case appendResult(AppendResult)
        /// The leader no longer has the entries that the other needs.
        case installSnapshot(SnapshotMarker)
        /// The leader hands over: start an election now.
        case timeoutNow(lastIndex: LogIndex, lastTerm: Term)
    }

    /// A candidate asks for a vote.
    public struct RequestVote: Equatable, Sendable {
        /// Who asks.
        public var candidate: NodeID
        /// Its last durable entry.
        public var lastIndex: LogIndex
        /// That entry's term.
        public var lastTerm: Term
        /// Whether the present leader asked for this election.
        public var disruptsLeader: Bool
        /// Whether this only asks how a vote would go.
        public var isPreVote: Bool

        /// Makes the question.
        public init(
            candidate: NodeID, lastIndex: LogIndex, lastTerm: Term, disruptsLeader: Bool,
            isPreVote: Bool
        ) {
            self.candidate = candidate
            self.lastIndex = lastIndex
            self.lastTerm = lastTerm
            self.disruptsLeader = disruptsLeader
            self.isPreVote = isPreVote
        }
    }

    /// The answer to a request for a vote.
    public struct VoteResult: Equatable, Sendable {
        /// Whether the vote is given.
        public var isGranted: Bool
        /// Whether the question was a pre-vote.
        public var isPreVote: Bool
        /// What the answering core can do.
        public var features: UInt16
        /// Disk space that the answering core reserves.
        public var capacity: UInt16

        /// Makes the answer.
        public init(isGranted: Bool, isPreVote: Bool, features: UInt16, capacity: UInt16) {
            self.isGranted = isGranted
            self.isPreVote = isPreVote
            self.features = features
            self.capacity = capacity
        }
    }

    /// The leader's entries after one that both should have.
    public struct AppendEntries: Equatable, Sendable {
        /// The entry before the first one sent.
        public var previousIndex: LogIndex
        /// Its term.
        public var previousTerm: Term
        /// The leader's commit index.
        public var commitIndex: LogIndex
        /// The entries, the first one at `previousIndex + 1`.
        public var entries: [LogEntry]

        /// Makes the message's body.
        public init(
            previousIndex: LogIndex, previousTerm: Term, commitIndex: LogIndex,
            entries: [LogEntry]
        ) {
            self.previousIndex = previousIndex
            self.previousTerm = previousTerm
            self.commitIndex = commitIndex
            self.entries = entries
        }
    }

    /// How far a follower has come.
    public struct AppendResult: Equatable, Sendable {
        /// The index that did not fit, or 0 if all did.
        public var rejected: LogIndex
        /// The follower's last durable entry that matches, or where to try again.
        public var lastIndex: LogIndex
        /// What the answering core can do.
        public var features: UInt16
        /// Disk space that the answering core reserves.
        public var capacity: UInt16

        /// Makes the answer.
        public init(rejected: LogIndex, lastIndex: LogIndex, features: UInt16, capacity: UInt16) {
            self.rejected = rejected
            self.lastIndex = lastIndex
            self.features = features
            self.capacity = capacity
        }
    }
}
