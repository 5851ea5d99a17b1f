import Ledger
import Testing

@testable import BankDesk

/// All flows of one bank in one story: money comes in, pays an order, is asked for, is paid and refused; the day ends.
enum Story {
    /// What has come of it, to be compared with a run that nothing disturbed.
    struct Outcome: Equatable {
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

    /// Plays it on a desk that takes two payments at a time.
    static func play(on bench: Bench) async throws -> Outcome {
        let (customers, outbox) = try await tell(on: bench)
        return try await outcome(bench, customers, outbox)
    }

    /// Plays it, and starts the desk again whenever it ended.
    ///
    /// - Returns: who was in it, and what was in the outbox before the bank answered.
    static func tell(
        on bench: Bench
    ) async throws -> (customers: [Customer], outbox: [String: String]) {
        let mill = try bench.customer(
            "Mill", account: "1234", virtual: Bench.virtual)
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
                    .credit("10.00", "R1"),
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
                    .credit("10.00", "R1"),
                    .init(amount: "10.00", reference: "R4", isCredit: false, endToEnd: "1"),
                ], closing: "60.00"))
        try await work(bench)
        return ([mill, shop, buyer], outbox)
    }

    private static func outcome(
        _ bench: Bench, _ customers: [Customer], _ outbox: [String: String]
    ) async throws -> Outcome {
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
            balances: customers.map { contents.balances[$0.address, default: 0] },
            supply: contents.supply, issues: contents.issues.count,
            done: contents.done.sorted(), orders: contents.orders[42]?.outstanding,
            attested: contents.attested,
            redemptions: [1, 2].compactMap { contents.redemptions[$0]?.state },
            entries: try bench.counts("entry"), standing: try bench.counts("redemption"),
            messages: try bench.counts("message"), cases: try bench.journal.cases().map(\.reason),
            fundings: try bench.fundings(),
            files: outbox.count, isBalanced: reconciliation.isBalanced)
    }
}
