/// What came of a run.
public struct Report: Sendable {
    /// The seed.
    public let seed: UInt64
    /// What did not hold, if anything.
    public let finding: Finding?
    /// A hash of all that happened: the same for two runs of one seed.
    public let traceHash: UInt64
    /// The story, if it was kept.
    public let lines: [String]
    /// How much of what happened.
    public let counts: Counts

    init(of world: World, _ finding: Finding?) {
        seed = world.seed
        self.finding = finding
        traceHash = world.trace.hash
        lines = world.trace.lines
        counts = world.properties.counts
    }
}
