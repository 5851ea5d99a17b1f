import Glibc
import Simulation

/// Many seeds, on all cores.
struct Campaign {
    /// One seed of so many is run a second time, in other processes, to see that it gives the same.
    private static let repeated: UInt64 = 40
    /// Failures told with their story; of the others the seed must do.
    private static let toldMax = 5

    private let command: Command
    private let program: String

    init(_ command: Command, program: String) {
        self.command = command
        self.program = program
    }

    /// - Returns: whether everything held.
    func run() -> Bool {
        let start = time(nil)
        var counts = Counts()
        var hashes: [UInt64: String] = [:]
        var failed: [UInt64] = []
        var passed = 0
        runSeeds(until: command.minutes.map { start + Int(clamping: $0) * 60 }) { result in
            counts.add(result.counts)
            if result.seed % Self.repeated == 0 { hashes[result.seed] = result.hash }
            let known = KnownFindings.property(
                ofSeed: result.seed, isSabotaged: command.sabotage != nil)
            guard result.property != known else {
                passed += 1
                if let known { say("seed \(result.seed): \(known), a known finding") }
                return
            }
            let property = result.property ?? "no longer fails: take it off the known findings"
            failed.append(result.seed)
            guard failed.count <= Self.toldMax else { return }
            say("seed \(result.seed): \(property)")
            for line in result.words { say("  \(line)") }
        }
        failed += differing(hashes)
        if failed.isEmpty, let lack = counts.lack(seeds: passed) {
            say("these runs prove little: \(lack)")
            return false
        }
        if !failed.isEmpty {
            let seeds = Set(failed).sorted().prefix(40).map { "\($0)" }.joined(separator: " ")
            say("failed seeds: \(seeds)")
        }
        say("\(counts), \(time(nil) - start) s")
        say("\(passed) passed, \(failed.count) failed")
        return failed.isEmpty
    }

    private func runSeeds(until end: Int?, _ take: (Result) -> Void) {
        let crew = Crew(program: program, workers: command.workers, sabotage: command.sabotage)
        var next = command.first
        crew.run(
            {
                if let end { guard time(nil) < end else { return nil } }
                guard end != nil || next - command.first < command.seeds else { return nil }
                defer { next += 1 }
                return next
            }, take)
        crew.dismiss()
    }

    /// Runs seeds again in new processes, in which every hash table has another order.
    private func differing(_ hashes: [UInt64: String]) -> [UInt64] {
        var rest = hashes.keys.sorted()[...]
        guard !rest.isEmpty else { return [] }
        var differing: [UInt64] = []
        let crew = Crew(program: program, workers: command.workers, sabotage: command.sabotage)
        crew.run({ rest.popFirst() }) { result in
            guard result.hash != hashes[result.seed] else { return }
            say("seed \(result.seed): a second run was another one")
            differing.append(result.seed)
        }
        crew.dismiss()
        return differing
    }
}
