/// Seeds that are known to fail, each with the property; `docs/simulation.md` says what is behind them.
///
/// They are run like all others and told in every run. One that no longer fails in this way counts as a
/// failure, so that it is taken off the list.
enum KnownFindings {
    private static let seeds: [UInt64: String] = [1_962: "clients-are-served"]

    /// What a seed is known for, if its run was an honest one.
    static func property(ofSeed seed: UInt64, isSabotaged: Bool) -> String? {
        isSabotaged ? nil : seeds[seed]
    }
}
