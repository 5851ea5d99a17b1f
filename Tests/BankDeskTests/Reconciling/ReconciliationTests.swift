import Ledger
import Testing

@testable import BankDesk

/// The books at the end of a day.
@Suite("Reconciliation")
struct ReconciliationTests {
    private func bench() throws -> (Bench, Customer) {
        let bench = try Bench()
        return (bench, try bench.customer("Mill", account: "1234", virtual: Bench.virtual))
    }

    private func result(_ bench: Bench) async throws -> Reconciliation {
        try await Reconciliation(
            #require(try bench.journal.statement()), bench.journal, bench.ledger, bench.settings)
    }

    private static func credit(_ amount: String, _ reference: String) -> Message.Entry {
        Message.Entry(amount: amount, reference: reference, creditorAccount: Bench.virtual)
    }

    @Test("what is on its way is no difference, and each line says what it is")
    func onItsWay() async throws {
        let (bench, mill) = try bench()
        var late = Self.credit("7.00", "R9")
        late.day = "2025-11-25"
        try bench.drop(
            "a.xml", Message.notification("N1", [Self.credit("100.00", "R1"), late]))
        try await bench.work()
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        bench.ledger.redeem(2000, by: mill.address, payout: mill.payout)
        try await bench.work()
        // The first is told as paid and booked; the second as paid and not booked yet.
        let file = try #require(try bench.files(bench.folder.outbox).keys.first)
        let message = String(file.dropFirst("pain.001-".count).dropLast(".xml".count))
        try bench.drop("b.xml", Message.status("P1", of: message, [("2", "ACSC", nil)]))
        try await bench.work()
        bench.ledger.hold(true)
        try bench.drop(
            "c.xml",
            Message.statement(
                "S1",
                [
                    Self.credit("100.00", "R1"),
                    .init(amount: "10.00", reference: "D1", isCredit: false, endToEnd: "1"),
                ], closing: "90.00"))
        try await bench.work()
        var found = try await result(bench)
        #expect(found.supply == 8700)
        #expect(found.inFlight == 1000)
        #expect(
            Set(found.lines.map(\.kind)) == [
                .issuedLater, .settledNotBooked, .paidNotSettled,
            ])
        #expect(found.unexplained == 0)
        #expect(found.isBalanced)
        bench.ledger.hold(false)
        try await bench.work()
        found = try await result(bench)
        #expect(found.supply == 7700)
        #expect(found.isBalanced)
        #expect(bench.ledger.contents.attested == [9000])
    }

    @Test("what was put aside, and money that nobody told of, is a difference")
    func differences() async throws {
        let (bench, _) = try bench()
        try bench.drop(
            "a.xml",
            Message.statement(
                "S1", [Self.credit("10.00", "R1"), .init(amount: "5.00", reference: "R2")],
                closing: "15.00"))
        try await bench.work()
        var found = try await result(bench)
        #expect(found.unexplained == 0)
        #expect(!found.isBalanced)
        #expect(found.lines.map(\.amount) == [500])
        #expect(found.lines.map(\.kind) == [.aside])

        try bench.drop("b.xml", Message.statement("S2", [], closing: "14.99"))
        try await bench.work()
        found = try await result(bench)
        #expect(found.unexplained == -1)
        #expect(!found.isBalanced)
    }

    @Test("an entry that a person knows as told already does not count in the books")
    func known() async throws {
        let (bench, _) = try bench()
        try bench.drop("a.xml", Message.notification("N1", [Self.credit("10.00", "R1")]))
        try await bench.work()
        try bench.drop(
            "b.xml", Message.statement("S1", [Self.credit("10.00", "X1")], closing: "10.00"))
        try await bench.work()
        let twin = try #require(try bench.journal.cases().first)
        #expect(twin.reason == EntryDoubt.twin.rawValue)
        #expect(try await !result(bench).isBalanced)
        try bench.journal.refuse(twin.id, "the same", isKnown: true, at: bench.now)
        #expect(try await result(bench).isBalanced)
        #expect(bench.ledger.contents.supply == 1000)
    }

    @Test("a statement in the red is not attested, and a person told")
    func overdrawn() async throws {
        let (bench, _) = try bench()
        try bench.drop("a.xml", Message.statement("S1", [], closing: "1.00", isDebit: true))
        try await bench.work()
        #expect(bench.ledger.contents.attested.isEmpty)
        #expect(try bench.journal.cases().map(\.reason) == ["statement-not-attested"])
        #expect(try await result(bench).unexplained == -100)
    }

    @Test("a statement that contradicts itself is not attested, and a person told")
    func contradiction() async throws {
        for summary in [nil, 3] {
            let (bench, _) = try bench()
            try bench.drop(
                "a.xml",
                Message.statement(
                    "S1", [Self.credit("10.00", "R1")], opening: "5.00",
                    closing: summary == nil ? "15.01" : "15.00", summary: summary))
            try await bench.work()
            #expect(bench.ledger.contents.attested.isEmpty)
            #expect(bench.ledger.contents.supply == 1000)
            #expect(try bench.journal.cases().map(\.reason) == ["statement-not-attested"])
            #expect(try bench.journal.statement() != nil)
        }
        let (bench, _) = try bench()
        try bench.drop(
            "a.xml",
            Message.statement(
                "S1", [Self.credit("10.00", "R1")], opening: "5.00", closing: "15.00", summary: 1))
        try await bench.work()
        #expect(bench.ledger.contents.attested == [1500])
    }

    @Test("an older day that comes late is not attested after a newer one")
    func late() async throws {
        let (bench, _) = try bench()
        try bench.drop(
            "a.xml", Message.statement("S1", [], closing: "0.00", day: "2025-11-24"))
        try await bench.work()
        try bench.drop(
            "b.xml", Message.statement("S0", [], closing: "5.00", day: "2025-11-23"))
        try await bench.work()
        #expect(bench.ledger.contents.attested == [0])
    }

    @Test("a statement of a day to come is a person's, and the next day's is attested")
    func toCome() async throws {
        let (bench, _) = try bench()
        try await bench.tell(
            Message.statement("S1", [], closing: "9.00", day: "2025-11-24")
                .replacing("<Dt><Dt>2025-11-24", with: "<Dt><Dt>2052-11-24"))
        #expect(try bench.reasons() == ["statement-not-attested"])
        try await bench.tell(Message.statement("S2", [], closing: "10.00"))
        #expect(bench.ledger.contents.attested == [1000])
    }

    @Test("an account's part in another currency does not stand for the token's")
    func otherCurrency() async throws {
        let (bench, _) = try Bench.withMill()
        try bench.drop(
            "a.xml", Message.statement("S1", [.credit("10.00", "R1")], closing: "10.00"))
        try bench.drop(
            "b.xml", Message.statement("S2", [], closing: "7.00").replacing("EUR", with: "USD"))
        try await bench.work()
        #expect(bench.ledger.contents.attested == [1000])
        #expect(try bench.journal.statement()?.balance == 1000)
        #expect(try bench.reasons() == ["statement-not-attested"])
    }
}
