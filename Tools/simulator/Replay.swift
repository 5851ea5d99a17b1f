import Simulation

/// One seed again, twice, to tell its story and to see that it is the same.
struct Replay {
    let seed: UInt64
    let sabotage: Sabotage?

    /// - Returns: whether everything held.
    func run(tellsAll: Bool) -> Bool {
        let report = World(seed: seed, sabotage: sabotage, keepsWords: true).run()
        let again = World(seed: seed, sabotage: sabotage).run()
        for line in tellsAll ? report.lines : report.lines.suffix(Worker.linesTold) { say(line) }
        say("hash of the story \(report.traceHash), \(report.counts)")
        guard again.traceHash == report.traceHash else {
            say("seed \(seed): a second run was another one")
            return false
        }
        guard let finding = report.finding else {
            say("seed \(seed): passed")
            return true
        }
        say("seed \(seed): \(finding)")
        return false
    }
}
