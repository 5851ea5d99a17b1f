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

    /// What is compared with a run that nothing disturbed.
    private struct Outcome: Equatable {
        let balances: [UInt128]
        let supply: UInt128
        let issues: Int
        let done: [String]
        let orders: UInt128?
        let attested: [UInt128]
        let redemptions: [IBanks.Redemption]
        let entries: [String: Int]
        let standing: [String: Int]
        let messages: [String: Int]
        let cases: [String]
        let fundings: [String]
        let files: Int
        let isBalanced: Bool
    }

    /// Detached, so that the trouble of the test that asks first does not reach it.
    private static let undisturbed = Task.detached { try await play(.none) }

    /// Works as somebody does who starts the desk again whenever it ended.
    private static func work(_ bench: Bench) async throws {
        for _ in 0..<200 {
            do {
                return try await bench.work()
            } catch let fault as DeskFault {
                if case .node = fault { continue }
                guard case .stopped = fault else { throw fault }
                try bench.restart()
            }
        }
        Issue.record("the desk does not come to an end")
    }

    private static func play(_ points: FaultPoints) async throws -> Outcome {
        let bench = try Bench(issuesPerTransaction: 2)
        bench.points = points
        bench.start()
        let mill = try bench.customer(
            "Mill", account: "1234", virtual: "DE41500105170123456789")
        let shop = try bench.customer("Shop", account: "5678")
        let buyer = try bench.customer("Buyer", account: "9", isKept: true, fundsOrders: true)
        let token = bench.settings.token
        bench.ledger.set {
            $0.orders[42] = OrderFacts(buyer: buyer.address, token: token, outstanding: 5000)
        }

        // Money comes in; one file is nonsense.
        try bench.drop(
            "a.xml",
            Message.notification(
                "N1",
                [
                    .init(
                        amount: "10.00", reference: "R1",
                        creditorAccount: "DE41500105170123456789"),
                    .init(amount: "20.00", reference: "R2", remittance: shop.reference.text),
                    .init(
                        amount: "40.00", reference: "R3",
                        remittance: PaymentReference.order(42).text),
                ]))
        try bench.drop("b.xml", "<nonsense")
        try await work(bench)

        // Money is asked for.
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        bench.ledger.redeem(500, by: shop.address, payout: shop.payout)
        try await work(bench)
        let outbox = try bench.files(bench.folder.outbox)
        let file = try #require(outbox.keys.first)
        let message = String(file.dropFirst("pain.001-".count).dropLast(".xml".count))

        // One is paid, one is refused; the day ends.
        try bench.drop(
            "c.xml", Message.status("P1", of: message, [("2", "RJCT", "AC04")]))
        try bench.drop(
            "d.xml",
            Message.statement(
                "S1",
                [
                    .init(
                        amount: "10.00", reference: "R1",
                        creditorAccount: "DE41500105170123456789"),
                    .init(amount: "10.00", reference: "R4", isCredit: false, endToEnd: "1"),
                ], closing: "60.00"))
        try await work(bench)

        // What the bank sees must be one file, whatever happened.
        #expect(try bench.files(bench.folder.outbox) == outbox)
        #expect(try bench.files(bench.folder.inbox).isEmpty)
        #expect(try bench.files(bench.folder.spool).isEmpty)
        bench.ledger.setTrouble(nil)
        let contents = bench.ledger.contents
        let statement = try #require(try bench.journal.statement())
        let reconciliation = try await Reconciliation(
            statement, bench.journal, bench.ledger, bench.settings)
        return Outcome(
            balances: [mill, shop, buyer].map { contents.balances[$0.address, default: 0] },
            supply: contents.supply, issues: contents.issues.count,
            done: contents.done.sorted(), orders: contents.orders[42]?.outstanding,
            attested: contents.attested,
            redemptions: [1, 2].compactMap { contents.redemptions[$0]?.state },
            entries: try bench.counts("entry"), standing: try bench.counts("redemption"),
            messages: try bench.counts("message"), cases: try bench.journal.cases().map(\.reason),
            fundings: try bench.fundings(),
            files: outbox.count, isBalanced: reconciliation.isBalanced)
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
    private static func playTroubled(_ seed: UInt64) async throws -> Outcome {
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
