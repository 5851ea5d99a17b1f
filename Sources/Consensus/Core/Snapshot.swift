/// Up to where the log may be forgotten, and who the members were there.
public struct SnapshotPoint: Equatable, Sendable {
    /// The last entry that the snapshot stands for; not 0.
    public var index: LogIndex
    /// That entry's term.
    public var term: Term
    /// The members as of that entry.
    public var membership: Membership
    /// The entry that made them so; at most `index`.
    public var membershipIndex: LogIndex

    /// Makes a point.
    public init(index: LogIndex, term: Term, membership: Membership, membershipIndex: LogIndex) {
        self.index = index
        self.term = term
        self.membership = membership
        self.membershipIndex = membershipIndex
    }
}

/// A snapshot as this module knows it: a marker in the log and the application's own words for it.
public struct SnapshotMarker: Equatable, Sendable {
    /// Where in the log.
    public var point: SnapshotPoint
    /// What the application needs to find or fetch that state: a height and a header hash, say.
    public var application: [UInt8]

    /// Makes a marker.
    public init(point: SnapshotPoint, application: [UInt8]) {
        self.point = point
        self.application = application
    }
}
