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
}
