/// How often a node refused what its peers sent, since it started.
public struct Refusals: Equatable, Sendable {
    /// Entries of a leader that the application did not accept (``Driver/Options/admission``).
    public var unaccepted = 0
    /// Entries that came while too many bytes waited for the disk.
    public var early = 0
    /// Messages that no node that keeps the rules sends, or that contradict what is committed here.
    public var implausible = 0

    /// None.
    public init() {}
}
