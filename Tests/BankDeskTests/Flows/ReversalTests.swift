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
}
