/// What the application lets a leader bring to this node's log.
///
/// It is asked while the driver is locked.
public struct Admission: Sendable {
    /// Says whether an entry may be added.
    ///
    /// - Parameters:
    ///   - payload: the entry, which this node does not have.
    ///   - isSaidCommitted: whether the leader says that a majority has it, which a dishonest one makes up.
    public typealias Entry = @Sendable (_ payload: [UInt8], _ isSaidCommitted: Bool) -> Bool
    /// Says whether a snapshot may take the place of the log, by what the application once put into it.
    public typealias Snapshot = @Sendable (_ application: [UInt8]) -> Bool

    let entry: Entry
    let snapshot: Snapshot

    /// Lets in what both say yes to.
    ///
    /// If one says no, the leader's message counts as lost: a majority of such nodes keeps a leader from
    /// adding what they do not bear, and soon elects another.
    public init(
        entry: @escaping Entry, snapshot: @escaping Snapshot = { _ in true }
    ) {
        self.entry = entry
        self.snapshot = snapshot
    }
}
