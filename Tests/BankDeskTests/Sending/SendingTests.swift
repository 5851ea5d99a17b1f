import Ledger
import Testing

@testable import BankDesk

/// Transactions: each call once.
@Suite("Sending")
struct SendingTests {
    private static let virtual = "DE41500105170123456789"

    private func bench(_ amounts: [String], issuesPerTransaction: Int = 500) throws -> Bench {
        let bench = try Bench(issuesPerTransaction: issuesPerTransaction)
        _ = try bench.customer("Mill", account: "1234", virtual: Self.virtual)
        try bench.drop(
            "a.xml",
            Message.notification(
                "N1",
                amounts.enumerated().map {
                    .init(
                        amount: $1, reference: "R\($0)", creditorAccount: Self.virtual)
                }))
        return bench
    }

    @Test("what was signed and lost is sent again, the same bytes")
    func lost() async throws {
        let bench = try bench(["1.00"])
        bench.ledger.hold(true)
        try await bench.work()
        let before = try bench.journal.sentCalls().map(\.raw)
        bench.ledger.dropPool()
        try bench.restart()
        try await bench.work()
        #expect(try bench.journal.sentCalls().map(\.raw) == before)
        bench.ledger.hold(false)
        try await bench.work()
        #expect(bench.ledger.contents.supply == 100)
        #expect(try bench.journal.sentCalls().isEmpty)
    }

    @Test("a nonce that another transaction of the key took is given up, and the call signed anew")
    func nonceTaken() async throws {
        let bench = try bench(["1.00", "2.00"], issuesPerTransaction: 1)
        bench.ledger.hold(true)
        try await bench.work()
        bench.ledger.dropPool()
        bench.ledger.spendNonce(of: bench.settings.bank)
        bench.ledger.hold(false)
        try await bench.work()
        #expect(bench.ledger.contents.supply == 300)
        #expect(bench.ledger.contents.done == ["issue 1", "issue 1"])
        #expect(try bench.counts("entry") == ["issued": 2])
    }

    @Test("above the day's limit the desk waits for the checker, and issues once")
    func limit() async throws {
        let bench = try bench(["5.00"])
        bench.ledger.set { $0.perDay = 100 }
        try await bench.work()
        #expect(bench.ledger.contents.supply == 0)
        #expect(try bench.counts("entry") == ["issuing": 1])
        let waiting = try #require(try bench.journal.waitingCalls().first)
        #expect(waiting.reason == "LimitExceeded")
        try bench.restart()
        try await bench.work()
        #expect(bench.ledger.contents.supply == 0)
        bench.ledger.approve(Keccak256.hash(waiting.call.data))
        bench.now += 10
        try bench.restart()
        try await bench.work()
        #expect(bench.ledger.contents.supply == 500)
        #expect(try bench.journal.waitingCalls().isEmpty)
    }

    @Test("payments that are together above the day's limit are issued on several days")
    func days() async throws {
        let bench = try bench(["3.00", "3.00", "3.00"])
        bench.ledger.set { $0.perDay = 500 }
        for supply: UInt128 in [300, 600, 900] {
            try await bench.work()
            #expect(bench.ledger.contents.supply == supply)
            bench.ledger.set { $0.issuedToday = 0 }
            bench.now += 10
            try bench.restart()
        }
        #expect(try bench.counts("entry") == ["issued": 3])
    }

    @Test("one payment that the ledger refuses does not hold up the others of its batch")
    func takenApart() async throws {
        let bench = try bench(["1.00", "0.00", "2.00"])
        try await bench.work()
        #expect(bench.ledger.contents.supply == 300)
        #expect(try bench.journal.cases().map(\.reason) == [EntryDoubt.ledgerRefused.rawValue])
    }

    @Test("a node with another ledger is refused")
    func otherLedger() async throws {
        let bench = try Bench()
        bench.settings.genesis = .zero
        bench.start()
        await #expect(throws: DeskFault.self) { try await bench.desk?.check() }
    }
}
