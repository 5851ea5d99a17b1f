import GRDB
import Ledger
import Testing

@testable import BankDesk

/// Money that the bank takes back before it is on the ledger.
@Suite struct ReversalTests {
    private static let reversal = Message.Entry(
        amount: "50.00", reference: "R1", isCredit: false, isReversal: true)

    @Test func `money that waits for the checker is not issued after the bank took it back`()
        async throws
    {
        let (bench, mill) = try Bench.withMill()
        bench.ledger.set { $0.perDay = 1000 }
        try await bench.tell(Message.notification("N1", [.credit("50.00", "R1")]))
        #expect(try bench.counts("entry") == ["issuing": 1])
        try await bench.tell(
            Message.notification("N2", [Self.reversal, .credit("7.00", "R2")]))
        bench.ledger.set { $0.perDay = 100_000 }
        bench.now += 10
        bench.start()
        try await bench.work()
        #expect(bench.ledger.contents.balances == [mill.address: 700])
        #expect(try bench.reasons() == ["reversal", "reversal"])
    }

    @Test func `what is issued or is another amount stays, and a person is asked`() async throws {
        let (bench, mill) = try Bench.withMill()
        try await bench.tell(Message.notification("N1", [.credit("50.00", "R1")]))
        try await bench.tell(Message.notification("N2", [Self.reversal]))
        #expect(bench.ledger.contents.balances == [mill.address: 5000])
        #expect(try bench.counts("entry") == ["issued": 1, "aside": 1])

        let (other, _) = try Bench.withMill()
        other.ledger.set { $0.perDay = 1000 }
        try await other.tell(Message.notification("N1", [.credit("49.00", "R1")]))
        try await other.tell(Message.notification("N2", [Self.reversal]))
        #expect(try other.counts("entry") == ["issuing": 1, "aside": 1])
    }

    @Test func `both in one message`() async throws {
        let (bench, _) = try Bench.withMill()
        try await bench.tell(
            Message.notification("N1", [.credit("50.00", "R1"), Self.reversal]))
        #expect(bench.ledger.contents.supply == 0)
        #expect(try bench.reasons() == ["reversal", "reversal"])
    }

    @Test func `what is told as taken back before it is told itself is not issued`() async throws {
        let (bench, mill) = try Bench.withMill()
        try await bench.tell(
            Message.statement(
                "S1", [Self.reversal, .credit("50.00", "R1"), .credit("7.00", "R2")],
                closing: "7.00"))
        #expect(bench.ledger.contents.balances == [mill.address: 700])
        #expect(try bench.reasons() == ["reversal", "reversal"])
        // Told once more, it is the same.
        try await bench.tell(Message.notification("N1", [.credit("50.00", "R1"), Self.reversal]))
        #expect(bench.ledger.contents.supply == 700)
        #expect(try bench.counts("entry") == ["issued": 1, "aside": 2])

        let (other, _) = try Bench.withMill()
        try other.drop("a.xml", Message.notification("N2", [Self.reversal]))
        try other.drop("b.xml", Message.notification("N1", [.credit("50.00", "R1")]))
        try await other.work()
        #expect(other.ledger.contents.supply == 0)
        #expect(try other.counts("entry") == ["aside": 2])
    }

    @Test func `nor is what was told before its day, once it is booked`() async throws {
        for isRefused in [false, true] {
            let (bench, _) = try Bench.withMill()
            var early = Message.Entry.credit("50.00", "R1")
            early.day = "2025-12-24"
            try await bench.tell(Message.notification("N1", [early]))
            let found = try #require(try bench.journal.cases().first)
            if isRefused { try bench.journal.refuse(found.id, "too early", at: bench.now) }
            try await bench.tell(
                Message.notification("N2", [Self.reversal, .credit("50.00", "R1")]))
            #expect(bench.ledger.contents.supply == 0)
            #expect(try bench.reasons() == ["reversal", "reversal"])
        }
    }

    @Test func `a reversal of another amount, and one that a person knows of, hold up nothing`()
        async throws
    {
        for isKnown in [false, true] {
            let (bench, mill) = try Bench.withMill()
            try await bench.tell(Message.notification("N1", [Self.reversal]))
            let found = try #require(try bench.journal.cases().first)
            if isKnown {
                try bench.journal.refuse(found.id, "told", isKnown: true, at: bench.now)
            }
            let amount = isKnown ? "50.00" : "49.00"
            try await bench.tell(Message.notification("N2", [.credit(amount, "R1")]))
            #expect(bench.ledger.contents.balances == [mill.address: isKnown ? 5000 : 4900])
        }
    }

    @Test func `a debit that is taken back takes no money back that came in`() async throws {
        for isFirst in [false, true] {
            let (bench, mill) = try Bench.withMill()
            let returned = Message.Entry(amount: "50.00", reference: "R1", isReversal: true)
            let credit = Message.Entry.credit("50.00", "R1")
            try await bench.tell(
                Message.notification("N1", isFirst ? [returned, credit] : [credit, returned]))
            #expect(bench.ledger.contents.balances == [mill.address: 5000])
            #expect(try bench.reasons() == ["reversal"])
        }
    }

    // MARK: Collective bookings

    private static func group(_ amount: String, isReversal: Bool = false) -> Message.Entry {
        Message.Entry(
            amount: amount, reference: "G1", isCredit: !isReversal, isReversal: isReversal)
    }

    private static func parts(isReversal: Bool = false, _ references: [String?]) -> Message.Entry {
        var entry = group("50.00", isReversal: isReversal)
        entry.parts = zip(["20.00", "30.00"], references).map { ($0, $1, Bench.virtual) }
        return entry
    }

    /// A collective booking, and what takes it back: as a whole, or in its parts with references or without.
    private static let takenBack = [
        group("50.00", isReversal: true), parts(isReversal: true, ["P1", "P2"]),
        parts(isReversal: true, [nil, nil]), parts(isReversal: true, ["Q1", "Q2"]),
    ]

    @Test(arguments: takenBack.indices)
    func `what takes a collective booking back stops its parts`(index: Int) async throws {
        for isFirst in [false, true] {
            let (bench, mill) = try Bench.withMill()
            // Above what may be issued in a day: they wait.
            bench.ledger.set { $0.perDay = 100 }
            let credit = Message.notification(
                "N1", [Self.parts(["P1", "P2"]), .credit("0.70", "R2")])
            let reversal = Message.notification("N2", [Self.takenBack[index]])
            for text in isFirst ? [reversal, credit] : [credit, reversal] {
                try await bench.tell(text)
            }
            bench.ledger.set { $0.perDay = 100_000 }
            bench.now += 10
            bench.start()
            try await bench.work()
            #expect(bench.ledger.contents.balances == [mill.address: 70], "\(isFirst)")
            #expect(Set(try bench.reasons()) == ["reversal"])
        }
    }

    @Test(arguments: [["P1", "P2"], [nil, nil]] as [[String?]])
    func `a booking that is told twice is stopped too`(references: [String?]) async throws {
        for isFirst in [false, true] {
            let (bench, _) = try Bench.withMill()
            bench.ledger.set { $0.perDay = 100 }
            let credits = [
                Message.notification("N1", [Self.parts(references)]),
                Message.statement(
                    "S1", [Self.parts(references.map { $0.map { "Q" + $0 } })], closing: "50.00"),
            ]
            let reversal = Self.parts(isReversal: true, [nil, nil])
            let reversals = [
                Message.notification("N2", [reversal]),
                Message.statement("S2", [reversal], closing: "0.00"),
            ]
            for text in isFirst ? reversals + credits : credits + reversals {
                try await bench.tell(text)
            }
            bench.ledger.set { $0.perDay = 100_000 }
            bench.now += 10
            bench.start()
            try await bench.work()
            #expect(bench.ledger.contents.supply == 0, "\(isFirst)")
        }
    }

    @Test(arguments: ["49.00", "20.00"])
    func `a part of it, or another amount under its reference, stops nothing`(
        amount: String
    ) async throws {
        let (bench, mill) = try Bench.withMill()
        bench.ledger.set { $0.perDay = 100 }
        try await bench.tell(Message.notification("N1", [Self.parts(["P1", "P2"])]))
        try await bench.tell(
            Message.notification("N2", [Self.group(amount, isReversal: true)]))
        bench.ledger.set { $0.perDay = 100_000 }
        bench.now += 10
        bench.start()
        try await bench.work()
        #expect(bench.ledger.contents.balances == [mill.address: 5000])
    }

    @Test func `the parts of what was taken back as a whole are not issued either`() async throws {
        let (bench, _) = try Bench.withMill()
        bench.ledger.set { $0.perDay = 100 }
        var whole = Self.group("50.00")
        whole.creditorAccount = Bench.virtual
        try await bench.tell(Message.notification("N1", [whole]))
        try await bench.tell(Message.notification("N2", [Self.group("50.00", isReversal: true)]))
        #expect(try bench.reasons() == ["reversal", "reversal"])
        bench.ledger.set { $0.perDay = 100_000 }
        try await bench.tell(
            Message.statement("S1", [Self.parts(["P1", "P2"])], closing: "0.00"))
        #expect(bench.ledger.contents.supply == 0)
        #expect(Set(try bench.reasons()) == ["reversal", "group-known"])
    }

    @Test func `nor are the parts of what looks like known money`() async throws {
        let (bench, mill) = try Bench.withMill()
        try await bench.tell(Message.statement("S1", [.credit("50.00", "X1")], closing: "50.00"))
        // The same money, perhaps, under another reference: first as a whole, then in its parts.
        try await bench.tell(Message.notification("N1", [Self.group("50.00")]))
        #expect(try bench.reasons() == ["twin"])
        try await bench.tell(Message.notification("N2", [Self.parts(["P1", "P2"])]))
        #expect(bench.ledger.contents.balances == [mill.address: 5000])
        #expect(try bench.reasons() == ["twin", "group-known", "group-known"])
    }

    @Test func `who releases money has seen that it was taken back since`() async throws {
        let (bench, mill) = try Bench.withMill()
        try await bench.tell(
            Message.notification("N1", [Message.Entry(amount: "50.00", reference: "R1")]))
        let first = try #require(try bench.journal.cases().first)
        #expect(first.reason == "unknown-payer")
        try await bench.tell(Message.notification("N2", [Self.reversal]))
        let decision = Decision(customer: mill.id)
        #expect(throws: DeskFault.self) {
            try bench.journal.release(first.id, decision, bench.settings, at: bench.now)
        }
        let second = try #require(
            try bench.journal.cases().first { $0.entry == first.entry && $0.id != first.id })
        #expect(second.reason == "reversal")
        try bench.journal.release(second.id, decision, bench.settings, at: bench.now)
        try await bench.work()
        #expect(bench.ledger.contents.balances == [mill.address: 5000])
        // Of the money nothing is open any more, of what took it back there is.
        #expect(try bench.reasons() == ["reversal"])
        let closed = try bench.journal.read { db in
            try Int64?.fetchAll(
                db, sql: "SELECT closedAt FROM deskCase WHERE state = 'closed' ORDER BY id")
        }
        #expect(closed == [Int64(bench.now), Int64(bench.now)])
    }
}
