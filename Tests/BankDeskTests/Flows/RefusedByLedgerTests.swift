import GRDB
import Ledger
import Testing

@testable import BankDesk

/// What the ledger does not take for a while.
@Suite struct RefusedByLedgerTests {
    /// A desk whose customer wants its money in three parts.
    private func bench() throws -> Bench {
        let (bench, mill) = try Bench.withMill()
        bench.ledger.set {
            $0.balances[mill.address] = 6000
            $0.supply = 6000
        }
        for amount in [1000, 2000, 3000] as [UInt128] {
            bench.ledger.redeem(amount, by: mill.address, payout: mill.payout)
        }
        return bench
    }

    private func pass(_ seconds: UInt64, _ bench: Bench) async throws {
        bench.now += seconds
        bench.start()
        try await bench.work()
    }

    @Test func `redemptions that are in hand do not wait for one that cannot be taken in hand`()
        async throws
    {
        let bench = try bench()
        // The operator has DIP for two of them, for instance.
        bench.ledger.refuse(2, "InsufficientFunds")
        try await bench.work()
        #expect(try bench.standing() == ["instructed", "instructing", "instructed"])
        try await pass(59, bench)
        #expect(try bench.files(bench.folder.outbox).isEmpty)
        try await pass(2, bench)
        #expect(try bench.standing() == ["sent", "instructing", "sent"])
        #expect(try bench.files(bench.folder.outbox).count == 1)
        bench.ledger.refuse(2, nil)
        try await pass(10, bench)
        #expect(try bench.standing() == ["sent", "sent", "sent"])
        #expect(try bench.files(bench.folder.outbox).count == 2)
        #expect(try bench.reasons().isEmpty)
    }

    @Test func `what the ledger has in hand for a file stays in that file`() async throws {
        let bench = try bench()
        bench.ledger.refuse(2, "NotBank")
        try await bench.work()
        #expect(try bench.standing() == ["instructed", "instructing", "instructed"])
        // As where the journal was put back, and a later one had it taken in hand.
        try bench.journal.write { db in
            try db.execute(sql: "UPDATE redemption SET instructedIn = 1 WHERE id = 2")
        }
        try await pass(100, bench)
        #expect(try bench.standing() == ["instructed", "instructing", "instructed"])
        #expect(try bench.files(bench.folder.outbox).isEmpty)
    }

    @Test func `the time for which the ledger does not take a payment counts from its refusal`()
        async throws
    {
        let bench = try bench()
        try await bench.work()
        let file = try bench.paymentFile()
        bench.points = FaultPoints { place throws(DeskFault) in
            if place == .confirmationsMatched { throw .stopped(place) }
        }
        bench.start()
        await #expect(throws: DeskFault.stopped(.confirmationsMatched)) {
            try await bench.tell(Message.status("P1", of: file, [("1", "ACSC", nil)]))
        }
        bench.points = .none
        bench.ledger.refuse(1, "AccountFrozen")
        // The desk was away for longer than a node that lags behind is waited for.
        try await pass(700, bench)
        #expect(try bench.standing() == ["settling", "sent", "sent"])
        try await pass(590, bench)
        #expect(try bench.reasons().isEmpty)
        try await pass(20, bench)
        #expect(try bench.reasons() == ["ledger-refused"])
    }

    @Test func `a payment that the ledger goes on not taking is a person's, once`() async throws {
        let bench = try bench()
        try await bench.work()
        bench.ledger.refuse(1, "AccountFrozen")
        try await bench.tell(
            Message.status("P1", of: try bench.paymentFile(), [("1", "ACSC", nil)]))
        try await pass(590, bench)
        #expect(try bench.standing() == ["settling", "sent", "sent"])
        #expect(try bench.reasons().isEmpty)
        try await pass(20, bench)
        let found = try #require(try bench.journal.cases().first)
        #expect(found.reason == "ledger-refused" && found.text.contains("AccountFrozen"))
        try bench.journal.refuse(found.id, "asked", at: bench.now)
        try await pass(20, bench)
        #expect(try bench.reasons().isEmpty)
        bench.ledger.refuse(1, nil)
        try await pass(20, bench)
        #expect(try bench.standing() == ["settled", "sent", "sent"])
    }

    @Test func `that a redemption returned closes only cases that this decides`() async throws {
        let bench = try bench()
        try await bench.work()
        try await bench.tell(
            Message.status("P1", of: try bench.paymentFile(), [("1", "RJCT", "AM05")]))
        #expect(try bench.reasons() == ["told-twice"])
        bench.ledger.announce(.returned(id: 1))
        try await bench.work()
        #expect(try bench.reasons() == ["told-twice"])
    }

    @Test func `two things to be told of one matter are two cases`() throws {
        let bench = try bench()
        try bench.journal.write { db in
            for text in ["it is not answered", "it was given back", "it is not answered"] {
                try Journal.open(
                    Case(kind: .redemption, reason: "netting", text: text, redemption: 1), at: 1,
                    in: db)
            }
        }
        #expect(
            try bench.journal.cases().map(\.text) == ["it is not answered", "it was given back"])
    }
}
