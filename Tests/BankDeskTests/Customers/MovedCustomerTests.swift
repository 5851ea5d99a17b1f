import Ledger
import Signing
import Testing

@testable import BankDesk

/// A customer with another account on the ledger, while its money is on the way.
@Suite struct MovedCustomerTests {
    private static let next = Address(high: 5, middle: 5, low: 5)

    @Test func `what waits for the checker goes to the account that the customer has by then`()
        async throws
    {
        let (bench, mill) = try Bench.withMill()
        bench.ledger.set { $0.perDay = 100 }
        try await bench.tell(Message.notification("N1", [.credit("5.00", "R1")]))
        #expect(try bench.counts("entry") == ["issuing": 1])
        try bench.journal.update(mill.id, address: Self.next)
        try await bench.work()
        // Each call is made anew once.
        #expect(try bench.journal.waitingCalls().count == 1)
        bench.ledger.set { $0.perDay = 10_000 }
        bench.now += 10
        bench.start()
        try await bench.work()
        #expect(bench.ledger.contents.balances == [Self.next: 500])
        #expect(try bench.counts("entry") == ["issued": 1])
    }

    @Test func `others in the same call get theirs`() async throws {
        let (bench, mill) = try Bench.withMill()
        let shop = try bench.customer("Shop", account: "5678")
        bench.ledger.impoverish(bench.settings.bank)
        try await bench.tell(
            Message.notification(
                "N1",
                [
                    .credit("5.00", "R1"),
                    .init(amount: "7.00", reference: "R2", remittance: shop.reference.text),
                ]))
        try bench.journal.update(mill.id, address: Self.next)
        bench.ledger.enrich(bench.settings.bank)
        bench.now += 10
        bench.start()
        try await bench.work()
        #expect(bench.ledger.contents.balances == [Self.next: 500, shop.address: 700])
    }

    /// It was the lost key that asked; the ledger gives what is rejected to the new one.
    @Test func `of what the customer asked for, what is in hand is paid and the rest rejected`()
        async throws
    {
        let (bench, mill) = try Bench.withMill()
        try await bench.tell(Message.notification("N1", [.credit("50.00", "R1")]))
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        try await bench.work()
        #expect(try bench.standing() == ["sent"])
        bench.ledger.redeem(700, by: mill.address, payout: mill.payout)
        try bench.journal.update(mill.id, address: Self.next)
        bench.start()
        try await bench.work()
        #expect(try bench.standing() == ["sent", "rejected"])
        #expect(bench.ledger.contents.redemptions[2]?.state == .rejected)
    }
}
