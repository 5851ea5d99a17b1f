/// What a leader knows of another member.
public struct PeerProgress: Equatable, Sendable {
    /// Entries up to here are on the peer's disk, as it said in this leader's term; 0 if it has not.
    public var matchIndex: LogIndex
    /// How many milliseconds ago it was last heard; nil if never in this leader's term.
    public var lastHeardMilliseconds: UInt64?
    /// Whether it answers and does not come on all the same.
    public var isStuck: Bool

    /// Describes a peer.
    public init(matchIndex: LogIndex, lastHeardMilliseconds: UInt64?, isStuck: Bool) {
        self.matchIndex = matchIndex
        self.lastHeardMilliseconds = lastHeardMilliseconds
        self.isStuck = isStuck
    }
}

/// The same, as the rules keep it, with what they have done about it.
struct PeerRecord: Equatable {
    /// As the core's own match index: the greatest that the peer has acknowledged in this term.
    var match: LogIndex = 0
    var heardAt: UInt64?
    /// When it was first seen not to have everything committed, since it last came on.
    var behindSince: UInt64?
    /// It refused what it had acknowledged before: its disk has lost something.
    var hasLost = false
    /// Its connection was made anew because it was stuck.
    var isReconnected = false
    /// It is to install a snapshot up to here, which may take long.
    var installing: LogIndex = 0
    /// The term in which it asked for the term, as one does that was restored: it does not vote in that one.
    var votelessIn: Term?
    /// The greatest commit index that it was sent.
    var toldCommit: LogIndex = 0

    func isHeard(at now: UInt64, within milliseconds: UInt64) -> Bool {
        heardAt.map { now < $0 + milliseconds } ?? false
    }
}
