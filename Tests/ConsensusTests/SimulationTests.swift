import Glibc
import Testing

@testable import Consensus

@Suite struct SimulationTests {
    /// How many seeds; `CONSENSUS_SEEDS=5000` for a long run, `CONSENSUS_FIRST_SEED` for one that failed.
    static let seeds: Range<UInt64> = {
        func number(_ name: String) -> UInt64? {
            getenv(name).flatMap { UInt64(String(cString: $0)) }
        }
        let first = number("CONSENSUS_FIRST_SEED") ?? 1
        return first..<(first + (number("CONSENSUS_SEEDS") ?? 100))
    }()

    /// What came together in all runs.
    struct Sum {
        var acknowledged = 0
        var crashes = 0
        var restores = 0
        var changes = 0
        var handOvers = 0
        var replacedDisks = 0
        var probationsEnded = 0
        var failures: [(seed: UInt64, error: any Error)] = []
    }

    /// Tells the story once for each seed.
    static func run(
        _ seeds: Range<UInt64> = seeds, _ story: (UInt64) -> Simulation.Story
    ) -> Sum {
        var sum = Sum()
        for seed in seeds {
            do {
                let simulation = try Simulation(seed: seed, story(seed))
                defer {
                    sum.acknowledged += simulation.acknowledged.count
                    sum.crashes += simulation.crashes
                    sum.restores += simulation.restores
                    sum.changes += simulation.changes
                    sum.handOvers += simulation.handOvers
                    sum.replacedDisks += simulation.replacedDisks
                    sum.probationsEnded += simulation.probationsEnded
                }
                try simulation.run()
            } catch {
                sum.failures.append((seed, error))
            }
        }
        return sum
    }

    private func expectNoFailure(_ sum: Sum) {
        for (seed, error) in sum.failures { Issue.record("seed \(seed): \(error)") }
    }

    @Test
    func `nodes that crash, lose writes and are cut off agree, and lose nothing acknowledged`() {
        let sum = Self.run { seed in
            Simulation.Story(
                nodeCount: seed % 3 == 0 ? 5 : 3, changesRoles: seed % 4 == 0,
                handsOver: seed % 2 == 0)
        }
        expectNoFailure(sum)
        print(
            """
            \(sum.acknowledged) acknowledged, \(sum.crashes) crashes, \(sum.restores) snapshots \
            fetched, \(sum.changes) changes, \(sum.handOvers) hand-overs
            """)
        // A run in which nothing happens would prove nothing.
        let count = Self.seeds.count
        #expect(sum.acknowledged > count * 20)
        #expect(sum.crashes > count)
        #expect(sum.changes > count / 4)
        #expect(sum.handOvers > count / 4)
    }

    @Test func `banks come and go under faults, and in the end those are members who shall be`() {
        let sum = Self.run { seed in
            // Up to five come and as many go, in steps of a quarter of a second, after two elections.
            Simulation.Story(
                nodeCount: 7, founders: 3, milliseconds: 24_000, calmMilliseconds: 10_000,
                changesWishes: true)
        }
        expectNoFailure(sum)
        print("members as wished: \(sum.acknowledged) acknowledged, \(sum.crashes) crashes")
        #expect(sum.acknowledged > Self.seeds.count * 20)
    }

    @Test func `a node restored from an old copy of its disk does no harm`() {
        let sum = Self.run { seed in
            Simulation.Story(nodeCount: seed % 3 == 0 ? 5 : 3, restores: true)
        }
        expectNoFailure(sum)
        print(
            """
            restored: \(sum.replacedDisks) disks, \(sum.probationsEnded) earned their vote, \
            \(sum.acknowledged) acknowledged
            """)
        #expect(sum.replacedDisks > Self.seeds.count / 2)
        #expect(sum.probationsEnded > Self.seeds.count / 8)
    }

    @Test func `without its probation it does`() {
        let sum = Self.run(1..<100) { seed in
            Simulation.Story(
                nodeCount: seed % 3 == 0 ? 5 : 3, restores: true, marksRestored: false)
        }
        let contradictions = sum.failures.filter {
            "\($0.error)".contains("differs") || "\($0.error)".contains("two leaders")
        }
        #expect(!contradictions.isEmpty)
    }
}
