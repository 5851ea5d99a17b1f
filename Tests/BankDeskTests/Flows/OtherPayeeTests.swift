import GRDB
import Ledger
import Testing

@testable import BankDesk

/// Debits that are called like a redemption, and are somebody else's payment.
@Suite struct OtherPayeeTests {
    private static let iban = "DE89370400440532013000"

    /// A desk that has asked to pay 10.00 to an account.
    private func bench(to account: String) async throws -> Bench {
        let bench = try Bench()
        let mill = try bench.customer("Mill", account: account)
        bench.ledger.set {
            $0.balances[mill.address] = 1000
            $0.supply = 1000
        }
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        try await bench.work()
        return bench
    }

    private static func debit(to account: String?) -> String {
        Message.notification(
            "N",
            [
                Message.Entry(
                    amount: "10.00", reference: "D1", isCredit: false, creditorAccount: account,
                    endToEnd: "1")
            ])
    }

    @Test func `what went to another account settles nothing before a person has looked`()
        async throws
    {
        let bench = try await bench(to: Self.iban)
        try await bench.tell(Self.debit(to: "DE41500105170123456789"))
        #expect(try bench.standing() == ["sent"])
        let found = try #require(try bench.journal.cases().first)
        #expect(found.reason == "other-payee")
        // The bank may have paid it to the customer's new account.
        try bench.journal.release(
            found.id, Decision(redemption: 1), bench.settings, at: bench.now)
        try await bench.work()
        #expect(try bench.standing() == ["settled"])
    }

    @Test func `nor does it wait for the desk's own file`() async throws {
        let bench = try Bench()
        let mill = try bench.customer("Mill", account: Self.iban)
        bench.ledger.set {
            $0.balances[mill.address] = 1000
            $0.supply = 1000
        }
        bench.ledger.certify(false)
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        try await bench.work()
        try await bench.tell(Self.debit(to: "DE41500105170123456789"))
        #expect(try bench.reasons() == ["other-payee"])
        bench.ledger.certify(true)
        try await bench.work()
        #expect(try bench.standing() == ["sent"])
    }

    @Test(arguments: [iban, nil]) func `what went to its account, or names none, settles it`(
        account: String?
    ) async throws {
        let bench = try await bench(to: Self.iban)
        try await bench.tell(Self.debit(to: account))
        #expect(try bench.standing() == ["settled"])
        #expect(try bench.reasons().isEmpty)
    }

    @Test(arguments: [
        (iban, iban, true), ("DE89 3704 0044 0532 0130 00", iban, true),
        // The number within its country, and one that is partly made unreadable.
        ("0532013000", iban, true), (iban, "532013000", true), ("****3000", iban, true),
        ("XXXXXXXX3000", iban, true), ("NOTPROVIDED", iban, true),
        ("6222-0212-3456", "622202123456", true), ("0532013001", iban, false),
        ("DE41500105170123456789", iban, false), ("1234", "12345", false), ("12", iban, false),
    ])
    func `numbers of accounts are compared as banks write them`(
        told: String, known: String, isSame: Bool
    ) {
        #expect(AccountNumber.canBe(told, known) == isSame)
    }
}
