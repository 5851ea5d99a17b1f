import Glibc
import Simulation

/// The process that runs seeds, one a line of its standard input, and answers in lines.
///
/// `!` what did not hold, `.` a line of the story, and at last `=` with the hash of all that happened and
/// the counts.
enum Worker {
    /// How many lines of a story that ended badly are told.
    static let linesTold = 25

    static func run(_ sabotage: Sabotage?) {
        while let line = readLine(), let seed = UInt64(line) {
            let report = World(seed: seed, sabotage: sabotage).run()
            if let finding = report.finding {
                say("! \(finding.property.rawValue) \(finding)")
                // The same again, with words.
                let story = World(seed: seed, sabotage: sabotage, keepsWords: true).run()
                for line in story.lines.suffix(linesTold) { say(". \(line)") }
                if story.traceHash != report.traceHash {
                    say(
                        ". The second run was another one: something does not follow from the seed."
                    )
                }
            }
            let numbers = report.counts.numbers.map { "\($0)" }.joined(separator: " ")
            say("= \(report.traceHash) \(numbers)")
        }
    }
}
