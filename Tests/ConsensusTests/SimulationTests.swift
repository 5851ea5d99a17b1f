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

    @Test
    func `nodes that crash, lose writes and are cut off agree, and lose nothing acknowledged`() {
        var (entries, crashes, restores, changes) = (0, 0, 0, 0)
        for seed in Self.seeds {
            do {
                let simulation = try Simulation(
                    seed: seed, nodeCount: seed % 3 == 0 ? 5 : 3, milliseconds: 14_000)
                try simulation.run()
                entries += simulation.acknowledged.count
                crashes += simulation.crashes
                restores += simulation.restores
                changes += simulation.changes
            } catch {
                Issue.record("seed \(seed): \(error)")
            }
        }
        print(
            "\(entries) acknowledged, \(crashes) crashes, \(restores) snapshots fetched, \(changes) changes"
        )
        // A run in which nothing happens would prove nothing.
        #expect(entries > Self.seeds.count * 20)
        #expect(crashes > Self.seeds.count)
        #expect(changes > Self.seeds.count / 4)
    }
}
