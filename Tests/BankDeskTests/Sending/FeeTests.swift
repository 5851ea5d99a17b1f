import GRDB
import Ledger
import Testing

@testable import BankDesk

/// What calls cost, who pays it, and what happens when nobody does or the price rises.
@Suite("Fees")
struct FeeTests {
    @Test("the call of an account without DIP waits unsigned, until it has some")
    func noFunds() async throws {
        let bench = try Bench()
        let poor = try bench.buyer(of: 42).address
        _ = try bench.buyer(of: 43)
        bench.ledger.impoverish(poor)
        try await bench.work()
        #expect(try bench.fundings() == ["funding", "funded"])
        #expect(try bench.journal.sentCalls().isEmpty)
        #expect(try bench.journal.waitingCalls().map(\.reason) == ["InsufficientFunds"])
        bench.ledger.enrich(poor)
        bench.now += 10
        try bench.restart()
        try await bench.work()
        #expect(try bench.fundings() == ["funded", "funded"])
    }

    @Test("accounts whose transactions do not go through are waited for together")
    func together() async throws {
        let bench = try Bench()
        for order: UInt64 in 41...43 { _ = try bench.buyer(of: order) }
        let ledger = bench.ledger
        bench.points = FaultPoints { reached throws(DeskFault) in
            if reached == .fundSigned { ledger.hold(true) }
        }
        bench.start()
        while try bench.journal.sentCalls().isEmpty { try await bench.round() }
        #expect(try Set(bench.journal.sentCalls().map(\.call.signer)).count == 3)
        let before = ledger.waits
        try await bench.round()
        #expect(ledger.waits - before == 1)
    }

    @Test("what offers less than gas costs now is signed again, and carried out once")
    func risen() async throws {
        let (bench, _) = try Bench.withMill()
        try bench.drop(
            "a.xml",
            Message.notification(
                "N1",
                [.credit("1.00", "R")]))
        bench.ledger.hold(true)
        try await bench.work()
        bench.ledger.set { $0.gasPrice = 10 }
        bench.ledger.hold(false)
        try await bench.work()
        #expect(bench.ledger.contents.done == ["issue 1"])
        #expect(try bench.counts("entry") == ["issued": 1])
        #expect(try bench.journal.sentCalls().isEmpty)
    }

    @Test("an order's payment of which an earlier form was carried out is made, and made once")
    func earlierForm() async throws {
        let bench = try Bench()
        let buyer = try bench.buyer(of: 42).address
        await bench.stopWhereAPaymentIsSigned()
        let first = try #require(try bench.journal.sentCalls().first)
        bench.ledger.set { $0.gasPrice = 10 }
        try bench.restart()
        await #expect(throws: DeskFault.stopped(.fundSigned)) { try await bench.work() }
        let second = try #require(try bench.journal.sentCalls().first)
        #expect(second.hash != first.hash)
        #expect(second.nonce == first.nonce)
        // The price falls, and somebody has the first form.
        bench.ledger.set { $0.gasPrice = 1 }
        _ = try await bench.ledger.send([first.raw])
        bench.points = .none
        try bench.restart()
        try await bench.work()
        #expect(try bench.fundings() == ["funded"])
        #expect(try bench.journal.cases().isEmpty)
        #expect(try bench.journal.sentCalls().isEmpty)
        #expect(bench.ledger.contents.balances[buyer] == 0)
        #expect(bench.ledger.contents.orders[42]?.outstanding == 1000)
    }

    @Test("a call that waits is told of once for each reason")
    func toldOnce() async throws {
        let bench = try Bench()
        _ = try bench.buyer(of: 42).address
        bench.points = FaultPoints { reached throws(DeskFault) in
            if reached == .fundingChosen { throw .stopped(reached) }
        }
        bench.start()
        await #expect(throws: DeskFault.self) { try await bench.work() }
        let call = try #require(
            try bench.journal.callsToSign(withWaiting: false, atMost: 1).first)
        let paused = LedgerRefusal("TokenPaused")
        for (refusal, count) in [(paused, 1), (paused, 0), (.noFunds, 1), (.noFunds, 0)] {
            #expect(try bench.journal.note([(call, refusal, true)]).count == count)
        }
    }

    @Test("what waits behind many calls that go on waiting is tried as well")
    func manyWait() async throws {
        let bench = try Bench()
        let (poor, rich) = (try bench.buyer(of: 42).address, try bench.buyer(of: 43).address)
        for account in [poor, rich] { bench.ledger.impoverish(account) }
        try await bench.work()
        #expect(try bench.journal.waitingCalls().count == 2)
        try bench.journal.write { db in
            // More of the first than are tried together, all of them older than the second's.
            try db.execute(
                sql: """
                    WITH RECURSIVE number (id) AS (
                        SELECT -1 UNION ALL SELECT id - 1 FROM number WHERE id > -600)
                    INSERT INTO ledgerCall (id, purpose, signer, target, data, state, madeAt)
                    SELECT number.id, purpose, signer, target, data, 'waiting', 0
                    FROM number, ledgerCall WHERE signer = ?
                    """, arguments: [poor.hex])
        }
        bench.ledger.enrich(rich)
        for _ in 0..<4 {
            bench.now += 10
            bench.start()
            try await bench.round()
        }
        #expect(try bench.fundings() == ["funding", "funded"])
    }
}
