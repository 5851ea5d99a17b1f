import Ledger
import Testing

@testable import BankDesk

/// Money that comes in, and the tokens for it.
@Suite("Incoming money")
struct IncomingTests {
    @Test("a credit is issued to the customer whom its virtual account names")
    func virtualAccount() async throws {
        let (bench, mill) = try Bench.withMill()
        try bench.drop(
            "a.xml",
            Message.notification(
                "N1", [.credit("10.50", "R1")]))
        try await bench.work()
        #expect(bench.ledger.contents.balances == [mill.address: 1050])
        #expect(try bench.counts("entry") == ["issued": 1])
        #expect(
            bench.ledger.contents.issues.keys.first
                == Keccak256.hash(Array("R1\0\(Bench.account)".utf8)))
        #expect(try bench.files(bench.folder.inbox).isEmpty)
        #expect(try bench.files(bench.folder.archive).count == 1)
    }

    @Test("a credit is issued to the customer whom its text names by reference or address")
    func texts() async throws {
        let bench = try Bench()
        let mill = try bench.customer("Mill", account: "1234")
        let shop = try bench.customer("Shop", account: "5678")
        try bench.drop(
            "a.xml",
            Message.notification(
                "N1",
                [
                    .init(
                        amount: "1.00", reference: "R1", remittance: "for \(mill.reference.text)"),
                    .init(amount: "2.00", reference: "R2", creditorReference: mill.reference.text),
                    .init(
                        amount: "4.00", reference: "R3",
                        remittance: "to \(shop.address.checksummed), thanks"),
                ]))
        try await bench.work()
        #expect(bench.ledger.contents.balances == [mill.address: 300, shop.address: 400])
    }

    /// What is put aside, and why.
    @Test("what cannot be issued without a person is put aside with its reason")
    func aside() async throws {
        let (bench, mill) = try Bench.withMill()
        let shop = try bench.customer("Shop", account: "5678")
        let entries: [(Message.Entry, EntryDoubt)] = [
            (.init(amount: "1.00", creditorAccount: Bench.virtual), .noReference),
            (.init(amount: "2.00", reference: "A"), .unknownPayer),
            (
                .init(
                    amount: "3.00", reference: "B", remittance: shop.reference.text,
                    creditorAccount: Bench.virtual), .ambiguous
            ),
            (
                .init(
                    amount: "4.00", reference: "C", currency: "CHF", creditorAccount: Bench.virtual),
                .otherCurrency
            ),
            (
                .init(
                    amount: "5.00", reference: "D", day: "2026-12-24",
                    creditorAccount: Bench.virtual), .future
            ),
            (
                .init(
                    amount: "6.00", reference: "E", creditorAccount: Bench.virtual,
                    isReversal: true), .reversal
            ),
            (
                .init(
                    amount: "7.00", reference: "F",
                    remittance: PaymentReference.order(42).text), .unknownOrder
            ),
            (
                .init(amount: "8.00", reference: "G", isCredit: false), .unknownDebit
            ),
        ]
        try bench.drop("a.xml", Message.notification("N1", entries.map(\.0)))
        try bench.drop(
            "b.xml",
            Message.notification(
                "N2", [.credit("9.00", "H")],
                account: "DE75512108001245126199"))
        try await bench.work()
        #expect(bench.ledger.contents.supply == 0)
        let reasons = try bench.journal.cases().map(\.reason)
        #expect(
            Set(reasons) == Set(entries.map(\.1.rawValue) + [EntryDoubt.otherAccount.rawValue]))
        #expect(reasons.count == 9)
        // A person says whose it is.
        let unknown = try #require(
            try bench.journal.cases().first { $0.reason == EntryDoubt.unknownPayer.rawValue })
        try bench.journal.release(
            unknown.id, Decision(customer: mill.id), bench.settings, at: bench.now)
        #expect(throws: DeskFault.self) {
            try bench.journal.release(
                unknown.id, Decision(customer: mill.id), bench.settings, at: bench.now)
        }
        try await bench.work()
        #expect(bench.ledger.contents.balances == [mill.address: 200])
    }

    @Test("entries that are not booked have no effect")
    func pending() async throws {
        let (bench, _) = try Bench.withMill()
        try bench.drop(
            "a.xml",
            Message.notification(
                "N1",
                ["PDNG", "INFO", "FUTR"].map {
                    .init(
                        amount: "1.00", reference: $0, status: $0, creditorAccount: Bench.virtual)
                }))
        try await bench.work()
        #expect(bench.ledger.contents.supply == 0)
        #expect(try bench.counts("entry").isEmpty)
    }

    @Test("an order's reference pays the order at once, once, where the customer wants it")
    func funding() async throws {
        let bench = try Bench()
        let buyer = try bench.customer("Buyer", account: "1", isKept: true, fundsOrders: true)
        let other = try bench.customer("Other", account: "2", isKept: true)
        let token = bench.settings.token
        bench.ledger.set { contents in
            contents.orders = [
                42: OrderFacts(buyer: buyer.address, token: token, outstanding: 1000),
                43: OrderFacts(buyer: other.address, token: token, outstanding: 1000),
                44: OrderFacts(buyer: buyer.address, token: .dip, outstanding: 1000),
            ]
        }
        try bench.drop(
            "a.xml",
            Message.notification(
                "N1",
                [
                    .init(
                        amount: "6.00", reference: "A", remittance: PaymentReference.order(42).text),
                    .init(
                        amount: "6.00", reference: "B", remittance: PaymentReference.order(42).text),
                    .init(
                        amount: "6.00", reference: "C", remittance: PaymentReference.order(43).text),
                    .init(
                        amount: "6.00", reference: "D", remittance: PaymentReference.order(44).text),
                    .init(
                        amount: "1.00", reference: "E",
                        remittance: "ORDER 42 \(buyer.reference.text)"),
                ]))
        try await bench.work()
        let contents = bench.ledger.contents
        #expect(contents.orders[42]?.outstanding == 0)
        #expect(contents.orders[43]?.outstanding == 1000)
        #expect(contents.balances == [buyer.address: 900, other.address: 600])
        #expect(contents.done.filter { $0.hasPrefix("fund") } == ["fund 42 600", "fund 42 400"])
    }

    @Test("a reference of a customer that is not there makes no guess of who else is named")
    func unknownCustomer() async throws {
        let (bench, mill) = try Bench.withMill()
        try await bench.tell(
            Message.notification(
                "N1",
                [
                    .init(
                        amount: "10.00", reference: "R1",
                        remittance: "\(PaymentReference.customer(99).text), \(mill.reference.text)")
                ]))
        #expect(bench.ledger.contents.supply == 0)
        #expect(try bench.reasons() == [EntryDoubt.ambiguous.rawValue])
    }
}
