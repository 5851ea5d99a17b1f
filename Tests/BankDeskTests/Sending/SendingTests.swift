import Gateway
import Ledger
import Synchronization
import Testing
import Wallet

@testable import BankDesk

/// Transactions: each call once.
@Suite("Sending")
struct SendingTests {
    private func bench(_ amounts: [String], issuesPerTransaction: Int = 500) throws -> Bench {
        let bench = try Bench(issuesPerTransaction: issuesPerTransaction)
        _ = try bench.customer("Mill", account: "1234", virtual: Bench.virtual)
        try bench.drop(
            "a.xml",
            Message.notification(
                "N1",
                amounts.enumerated().map {
                    .init(
                        amount: $1, reference: "R\($0)", creditorAccount: Bench.virtual)
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

    /// Has the desk work on several days, and looks how much is issued by the end of each.
    private func days(_ bench: Bench, _ supplies: UInt128...) async throws {
        for supply in supplies {
            try await bench.work()
            #expect(bench.ledger.contents.supply == supply)
            bench.ledger.set { $0.issuedToday = 0 }
            bench.now += 10
            try bench.restart()
        }
    }

    @Test("payments that are together above the day's limit are issued on several days")
    func severalDays() async throws {
        let bench = try bench(["3.00", "3.00", "3.00"])
        bench.ledger.set { $0.perDay = 500 }
        try await days(bench, 300, 600, 900)
        #expect(try bench.counts("entry") == ["issued": 3])
    }

    @Test("a batch that waits is taken apart when the day's limit is lowered below it")
    func lowered() async throws {
        let bench = try bench(["3.00", "3.00", "3.00"])
        bench.ledger.set {
            $0.perDay = 1000
            $0.issuedToday = 1000
        }
        try await days(bench, 0)
        #expect(try bench.journal.waitingCalls().count == 1)
        bench.ledger.set { $0.perDay = 500 }
        try await days(bench, 300, 600, 900)
        #expect(try bench.counts("entry") == ["issued": 3])
        #expect(try bench.journal.waitingCalls().isEmpty)
    }

    @Test("one payment that the ledger refuses does not hold up the others of its batch")
    func takenApart() async throws {
        let bench = try bench(["1.00", "0.00", "2.00"])
        try await bench.work()
        #expect(bench.ledger.contents.supply == 300)
        #expect(try bench.journal.cases().map(\.reason) == [EntryDoubt.ledgerRefused.rawValue])
    }

    @Test("why the node does not take a transaction is told once, whatever numbers are in it")
    func notTaken() async throws {
        let bench = try bench(["1.00"])
        let lines = LogLines()
        bench.log = lines.logger
        bench.start()
        let rounds = Mutex(0)
        // As of a node that is asked too often: every other answer is that it did not look.
        bench.ledger.refuseAll {
            let round = rounds.withLock { round in
                round += 1
                return round
            }
            return round % 2 == 0
                ? "not looked at: send again in \(1000 - round) ms" : "full: \(round) wait"
        }
        for _ in 0..<6 { try await bench.round() }
        #expect(rounds.withLock { $0 } >= 6)
        #expect(lines.all.count { $0 == "a transaction is not taken" } == 2)
        // It was taken and lost: that is news again.
        bench.ledger.hold(true)
        bench.ledger.refuseAll(nil)
        try await bench.round()
        bench.ledger.refuseAll { "full: 7 wait" }
        for _ in 0..<2 { try await bench.round() }
        #expect(lines.all.count { $0 == "a transaction is not taken" } == 3)
    }

    @Test("a call asks for no more gas than a block has")
    func clamped() async throws {
        let bench = try bench(["1.00"])
        bench.ledger.set {
            $0.gas = 700_000
            $0.blockGas = 1_000_000
        }
        try await bench.work()
        #expect(bench.ledger.contents.supply == 100)
    }

    @Test("what asks for more gas than a block has by now is signed again, and carried out once")
    func blockLowered() async throws {
        let bench = try bench(["1.00", "2.00"], issuesPerTransaction: 1)
        bench.ledger.hold(true)
        try await bench.work()
        let before = try bench.journal.sentCalls()
        #expect(before.count == 2)
        bench.ledger.set { $0.blockGas = 120_000 }
        bench.ledger.hold(false)
        try bench.restart()
        try await bench.work()
        #expect(bench.ledger.contents.done == ["issue 1", "issue 1"])
        #expect(bench.ledger.contents.nonces[bench.settings.bank] == 2)
        #expect(try bench.counts("entry") == ["issued": 2])
        #expect(try bench.journal.sentCalls().isEmpty)
        // The banks raise it again, and somebody has the first forms: their nonces are used.
        bench.ledger.set { $0.blockGas = 1_000_000_000 }
        _ = try await bench.ledger.send(before.map(\.raw))
        #expect(bench.ledger.contents.supply == 300)
    }

    @Test("an order's payment whose first form fits again before the second came is made once")
    func blockRaisedAgain() async throws {
        let bench = try Bench()
        _ = try bench.buyer(of: 42)
        await bench.stopWhereAPaymentIsSigned()
        let first = try #require(try bench.journal.sentCalls().first)
        bench.ledger.set { $0.blockGas = 120_000 }
        try bench.restart()
        await #expect(throws: DeskFault.stopped(.fundSigned)) { try await bench.work() }
        let second = try #require(try bench.journal.sentCalls().first)
        #expect(second.hash != first.hash && second.nonce == first.nonce)
        bench.ledger.set { $0.blockGas = 1_000_000_000 }
        _ = try await bench.ledger.send([first.raw])
        bench.points = .none
        try bench.restart()
        try await bench.work()
        #expect(try bench.fundings() == ["funded"])
        #expect(bench.ledger.contents.done.filter { $0.hasPrefix("fund") } == ["fund 42 4000"])
        #expect(try bench.journal.sentCalls().isEmpty)
        #expect(try bench.journal.cases().isEmpty)
    }

    @Test(
        "a signed batch that takes more gas than a block has by now frees its nonce, and is taken apart"
    )
    func batchAboveBlock() async throws {
        let bench = try bench(["1.00", "2.00", "4.00"])
        bench.ledger.hold(true)
        try await bench.work()
        #expect(try bench.journal.sentCalls().count == 1)
        bench.ledger.set {
            $0.gas = 40_000
            $0.gasOfIssue = 30_000
            $0.blockGas = 100_000
        }
        bench.ledger.hold(false)
        for _ in 0..<3 {
            bench.now += 10
            try bench.restart()
            try await bench.work()
        }
        #expect(bench.ledger.contents.supply == 700)
        #expect(bench.ledger.contents.done == ["issue 1", "issue 1", "issue 1"])
        #expect(try bench.counts("entry") == ["issued": 3])
        #expect(try bench.journal.sentCalls().isEmpty)
        #expect(try bench.journal.waitingCalls().isEmpty)
    }

    @Test("a node with another ledger is refused")
    func otherLedger() async throws {
        let bench = try Bench()
        bench.settings.genesis = .zero
        bench.start()
        await #expect(throws: DeskFault.self) { try await bench.desk?.check() }
    }

    @Test("calls that the former operator signed are signed by the new one, once")
    func rotated() async throws {
        for isPoor in [false, true] {
            let bench = try bench(["1.00", "2.00"], issuesPerTransaction: 1)
            bench.ledger.hold(true)
            try await bench.work()
            if isPoor {
                bench.ledger.dropPool()
                bench.ledger.impoverish(bench.settings.bank)
            }
            try bench.rotate()
            bench.ledger.hold(false)
            for _ in 0..<2 {
                bench.now += 10
                try bench.restart()
                try await bench.work()
            }
            #expect(bench.ledger.contents.supply == 300)
            #expect(try bench.counts("entry") == ["issued": 2])
            #expect(try bench.journal.sentCalls().isEmpty)
            #expect(try bench.journal.cases().isEmpty)
        }
    }

    @Test("an order's payment whose nonce another transaction took is not made again")
    func orderPaidOnce() async throws {
        let bench = try Bench()
        let buyer = try bench.buyer(of: 42)
        await bench.stopWhereAPaymentIsSigned()
        bench.points = .none
        bench.ledger.spendNonce(of: buyer.address)
        try bench.restart()
        try await bench.work()
        #expect(try bench.fundings() == ["refused"])
        #expect(try bench.journal.cases().map(\.reason) == ["funding-unknown"])
        #expect(bench.ledger.contents.balances[buyer.address] == 4000)
        #expect(bench.ledger.contents.orders[42]?.outstanding == 5000)
    }

    @Test("only a dropped transaction is one without a receipt, no other error of the node")
    func dropped() {
        let dropped = RPCError(
            code: -32000, message: "transaction 0x00 was dropped: its nonce was used")
        #expect(NodeLedger.isDropped(dropped))
        #expect(!NodeLedger.isDropped(RPCError(code: -32000, message: "the block is pruned")))
        #expect(!NodeLedger.isDropped(.internalError("the index cannot be read")))
    }

    @Test("a customer's key that is not there holds nobody up")
    func missingKey() async throws {
        let bench = try Bench()
        let address = try PrivateKey.random().address
        _ = try bench.journal.add(
            NewCustomer(
                address: address, isKept: true, name: "Buyer", account: "9", virtualAccount: nil,
                fundsOrders: true), bench.settings, at: bench.now)
        try bench.payFor(42, of: address)
        try await bench.work()
        #expect(try bench.fundings() == ["refused"])
        #expect(bench.ledger.contents.supply == 4000)
    }
}
