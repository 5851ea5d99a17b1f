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

    @Test func `what names its file too is the redemption's, wherever it went`() async throws {
        let bench = try await bench(to: Self.iban)
        let file = try bench.paymentFile()
        let text = Self.debit(to: "DE41500105170123456789")
        try await bench.tell(
            text.replacing("<Refs>", with: "<Refs><MsgId>\(file)</MsgId>"))
        #expect(try bench.standing() == ["settled"])
        #expect(try bench.reasons().isEmpty)
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

    private static let finnish = "FI2112345600000785"

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
        // Filled up with zeros, before it or within, or with the branch before it.
        ("0000012345", "12345", true), ("12345", "0000012345", true),
        ("20-00-00 12345678", "12345678", true), ("12345679", "20-00-00 12345678", false),
        ("0012345", "20-00-00 12345", true), ("00123", "123", true), ("0124", "123", false),
        ("123456-785", finnish, true), (finnish, "123456-785", true),
        ("123456-0785", finnish, true), ("123457-785", finnish, false),
        // What can be read of a number that is partly made unreadable counts.
        ("****9999", iban, false), ("XXXXXXXX3001", iban, false), ("********", iban, true),
        ("DE89**************3000", iban, true), ("DE89 3704 ****", iban, true),
        ("DE41 5001 XXXXXXXX", iban, false), ("***3000", "0532013000", true),
        ("****0000012345", "12345", true),
    ])
    func `numbers of accounts are compared as banks write them`(
        told: String, known: String, isSame: Bool
    ) {
        #expect(AccountNumber.canBe(told, known) == isSame)
    }
}
