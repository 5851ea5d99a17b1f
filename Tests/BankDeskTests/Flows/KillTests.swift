import Ledger
import Synchronization
import Testing

@testable import BankDesk

/// Every flow, with the desk killed at every place.
@Suite("Killed anywhere")
struct KillTests {
    /// Throws the first few times that the desk comes to a place.
    private final class Killer: Sendable {
        private let left: Mutex<Int>
        let point: FaultPoint

        init(at point: FaultPoint, times: Int) {
            self.point = point
            left = Mutex(times)
        }

        var isDone: Bool { left.withLock { $0 == 0 } }

        var points: FaultPoints {
            FaultPoints { reached throws(DeskFault) in
                guard reached == self.point else { return }
                let isNow = self.left.withLock { left in
                    guard left > 0 else { return false }
                    left -= 1
                    return true
                }
                if isNow { throw .stopped(reached) }
            }
        }
    }

    /// Detached, so that the trouble of the test that asks first does not reach it.
    private static let undisturbed = Task.detached { try await play(.none) }

    private static func play(_ points: FaultPoints) async throws -> Story.Outcome {
        let bench = try Bench(issuesPerTransaction: 2)
        bench.points = points
        bench.start()
        return try await Story.play(on: bench)
    }

    @Test("all flows come out when nothing disturbs them")
    func undisturbed() async throws {
        let outcome = try await Self.undisturbed.value
        #expect(outcome.balances == [0, 2000, 0])
        #expect(outcome.supply == 6000)
        #expect(outcome.orders == 1000)
        #expect(outcome.fundings == ["funded"])
        #expect(outcome.redemptions == [.settled, .rejected])
        #expect(outcome.standing == ["settled": 1, "rejected": 1])
        #expect(outcome.entries == ["issued": 3, "confirmed": 1])
        #expect(outcome.messages == ["filed": 3, "quarantined": 1])
        #expect(outcome.attested == [6000])
        #expect(outcome.files == 1)
        #expect(outcome.isBalanced)
    }

    @Test(
        "killed at any place, the desk does everything once",
        arguments: FaultPoint.allCases.filter { !FaultPoint.betweenBanks.contains($0) })
    func killed(at point: FaultPoint) async throws {
        let undisturbed = try await Self.undisturbed.value
        for times in [1, 3] {
            let killer = Killer(at: point, times: times)
            let outcome = try await Self.play(killer.points)
            #expect(outcome == undisturbed)
            #expect(times > 1 || killer.isDone, "the desk did not come to \(point.rawValue)")
        }
    }

    @Test("with a node that is silent or loses answers, the desk does everything once")
    func trouble() async throws {
        let undisturbed = try await Self.undisturbed.value
        for seed in 1...10 as ClosedRange<UInt64> {
            let outcome = try await Self.playTroubled(seed)
            #expect(outcome == undisturbed, "seed \(seed)")
        }
    }

    /// The same with a node that fails in a quarter of all calls, before or after having done what was asked.
    private static func playTroubled(_ seed: UInt64) async throws -> Story.Outcome {
        let random = Mutex(seed &* 0x9e37_79b9_7f4a_7c15 | 1)
        let trouble: @Sendable () -> Bool? = {
            let value = random.withLock { state in
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return state
            }
            return value % 8 == 0 ? true : value % 8 == 1 ? false : nil
        }
        return try await Troubled.$trouble.withValue(trouble) { try await play(.none) }
    }
}

/// The trouble that benches of a task get.
enum Troubled {
    @TaskLocal static var trouble: (@Sendable () -> Bool?)?
}
