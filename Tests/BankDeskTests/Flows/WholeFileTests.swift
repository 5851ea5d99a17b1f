import GRDB
import Ledger
import Testing

@testable import BankDesk

/// Banks that book a payment file as one debit.
@Suite("A debit for a whole file")
struct WholeFileTests {
    /// A desk that has asked to pay 10.00 and 20.00 of a customer's 100.00, and the file's message id.
    private func bench() async throws -> (Bench, file: String) {
        let (bench, mill) = try Bench.withMill()
        try await bench.tell(Message.notification("N1", [.credit("100.00", "R1")]))
        bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
        bench.ledger.redeem(2000, by: mill.address, payout: mill.payout)
        try await bench.work()
        let text = try #require(try bench.files(bench.folder.outbox).values.first)
        #expect(text.contains("<BtchBookg>false</BtchBookg>"))
        return (bench, try bench.paymentFile())
    }

    private static func debit(
        _ amount: String, _ reference: String, of file: String? = nil, id: String = "NOTPROVIDED"
    ) -> Message.Entry {
        Message.Entry(
            amount: amount, reference: reference, isCredit: false, endToEnd: id, batch: file)
    }

    private func isBalanced(_ bench: Bench) async throws -> Bool {
        try await Reconciliation(
            #require(try bench.journal.statement()), bench.journal, bench.ledger, bench.settings
        ).isBalanced
    }

    private static func statement(_ debits: [Message.Entry], closing: String) -> String {
        Message.statement(
            "S1",
            [.credit("100.00", "R1")] + debits,
            closing: closing)
    }

    @Test("it settles all of it, and the books balance")
    func whole() async throws {
        let (bench, file) = try await bench()
        try bench.drop(
            "b.xml", Self.statement([Self.debit("30.00", "D1", of: file)], closing: "70.00"))
        try await bench.work()
        #expect(try bench.standing() == ["settled", "settled"])
        #expect(bench.ledger.contents.supply == 7000)
        #expect(try bench.reasons().isEmpty)
        #expect(try await isBalanced(bench))
    }

    @Test("it settles what the bank did not refuse of it")
    func partly() async throws {
        let (bench, file) = try await bench()
        try bench.drop("b.xml", Message.status("P1", of: file, [("1", "RJCT", "AC04")]))
        try await bench.work()
        try bench.drop(
            "c.xml", Self.statement([Self.debit("20.00", "D1", of: file)], closing: "80.00"))
        try await bench.work()
        #expect(try bench.standing() == ["rejected", "settled"])
        #expect(try bench.reasons().isEmpty)
        #expect(try await isBalanced(bench))
    }

    @Test("of what was refused or paid before it moves nothing, and a person is asked")
    func contradictions() async throws {
        let (bench, file) = try await bench()
        try bench.drop("b.xml", Message.status("P1", of: file, [("1", "RJCT", "AC04")]))
        try await bench.work()
        try bench.drop("c.xml", Message.notification("N2", [Self.debit("30.00", "D1", of: file)]))
        try await bench.work()
        #expect(try bench.standing() == ["rejected", "sent"])
        #expect(try bench.reasons() == ["paid-after-reject"])

        let (other, second) = try await self.bench()
        try other.drop("b.xml", Message.notification("N2", [Self.debit("10.00", "D1", id: "1")]))
        try await other.work()
        try other.drop("c.xml", Message.notification("N3", [Self.debit("30.00", "D2", of: second)]))
        try await other.work()
        #expect(try other.standing() == ["settled", "sent"])
        #expect(try other.reasons() == ["paid-twice"])
    }

    @Test("a person can say that a debit paid a whole file")
    func released() async throws {
        let (bench, file) = try await bench()
        try bench.drop(
            "b.xml",
            Self.statement(
                [Self.debit("30.00", "D1"), Self.debit("29.00", "D2")], closing: "41.00"))
        try await bench.work()
        let cases = try bench.journal.cases()
        try #require(cases.map(\.reason) == ["unknown-debit", "unknown-debit"])
        #expect(throws: DeskFault.self) {
            try bench.journal.release(
                cases[1].id, Decision(batch: file), bench.settings, at: bench.now)
        }
        try bench.journal.release(
            cases[0].id, Decision(batch: file), bench.settings, at: bench.now)
        try await bench.work()
        #expect(try bench.standing() == ["settled", "settled"])
        #expect(try await !isBalanced(bench))
    }

    @Test("what the bank says of a file does not count for a payment that is still under way")
    func underWay() async throws {
        for code in ["ACSC", "RJCT"] {
            let (bench, file) = try await bench()
            try await bench.tell(
                Message.status("P1", of: file, [("1", "PDNG", nil)], file: (code, "AC04")))
            #expect(
                try bench.standing() == ["sent", code == "RJCT" ? "rejected" : "settled"])
            #expect(try bench.reasons().isEmpty)
        }
    }

    @Test("what waits for a file that is not written holds nothing else up, however much it is")
    func behindOthers() async throws {
        for isStatus in [false, true] {
            let (bench, mill) = try Bench.withMill()
            try await bench.tell(Message.notification("N1", [.credit("100.00", "R1")]))
            bench.ledger.redeem(1000, by: mill.address, payout: mill.payout)
            try await bench.work()
            let file = try bench.paymentFile()
            bench.ledger.certify(false)
            bench.ledger.redeem(2000, by: mill.address, payout: mill.payout)
            try await bench.work()
            #expect(try bench.standing() == ["sent", "instructing"])
            let next = try #require(
                try bench.journal.read { db in
                    try String.fetchOne(
                        db, sql: "SELECT messageId FROM paymentBatch ORDER BY id DESC LIMIT 1")
                })
            if isStatus {
                let early = Array(repeating: ("2", "ACSC", nil as String?), count: 1001)
                try bench.drop("a.xml", Message.status("P1", of: next, early))
                try await bench.tell(Message.status("P2", of: file, [("1", "ACSC", nil)]))
            } else {
                let early = (0..<1001).map { number in
                    Message.Entry.debit("20.00", "D\(number)", of: "2")
                }
                try await bench.tell(
                    Message.notification("N2", early + [.debit("10.00", "D", of: "1")]))
            }
            #expect(try bench.standing() == ["settled", "instructing"])
        }
    }
}
