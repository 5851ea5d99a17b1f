import GRDB
import Ledger
import Signing
import Testing

@testable import BankDesk

/// Who asked, where banks' operators are replaced.
@Suite struct OperatorTests {
    private static let others = (1...4).map { Address(high: 9, middle: 9, low: UInt32($0)) }

    @Test(arguments: [false, true])
    func `what another bank asked for stays the bank's when its operator is replaced`(
        isLate: Bool
    ) async throws {
        let bench = try Bench()
        let (former, next) = (Self.others[0], Self.others[1])
        bench.ledger.set { $0.balances[former] = 1000 }
        bench.ledger.setOtherBanks([next])
        bench.ledger.redeem(1000, by: former, payout: Hash32(word: 7))
        let change = BankEvent.operatorChanged(from: former, to: next, block: 5)
        // It may be replaced when the desk has read what happened, and has not asked yet who the banks are.
        if isLate {
            bench.ledger.happensWhenOperatorsAreAsked(change)
        } else {
            bench.ledger.announce(change)
        }
        try await bench.work()
        #expect(try bench.standing() == ["interbank"])
        // From then on the former key is nobody's: it may be in a thief's hands.
        bench.ledger.set {
            $0.balances[former] = 1000
            $0.height = 5
        }
        bench.ledger.redeem(1000, by: former, payout: Hash32(word: 7))
        try await bench.work()
        #expect(try bench.standing() == ["interbank", "rejected"])
    }

    @Test func `what this bank asked for with its former key is its claim`() async throws {
        let bench = try Bench()
        try await bench.work()
        let former = bench.settings.bank
        func asked(_ id: UInt64, block: UInt64) -> BankEvent {
            .requested(
                id: id, token: Self.others[3], owner: former, amount: 7, payout: Hash32(word: 8),
                block: block)
        }
        try bench.rotate()
        bench.ledger.announce(
            asked(51, block: 4),
            .operatorChanged(from: former, to: bench.settings.bank, block: 5), asked(52, block: 5))
        try bench.restart()
        try await bench.work()
        #expect(try bench.journal.unpaired().map(\.id) == [51])
    }

    @Test func `a pair counts what the bank asked for with a former key`() async throws {
        let clearing = try Clearing(2)
        clearing.give(1, 0, 100)
        for bank in clearing.banks { try bank.journal().add(clearing.cycle) }
        try await clearing.work(1)
        clearing.ledger.rotate(clearing.banks[1].member.account, to: Self.others[0])
        clearing.ledger.pass(to: clearing.cycle.closesAt + 5)
        try await clearing.work(0)
        #expect(try clearing.pair(0, 1).owing == 100)
        #expect(clearing.ledger.contents.redemptions.map(\.state) == [.instructed])
    }

    @Test func `what a third bank asks for under a pair's reference is not the pair's`()
        async throws
    {
        let clearing = try Clearing(3)
        clearing.give(1, 0, 100)
        clearing.give(2, 0, 40)
        for bank in clearing.banks { try bank.journal().add(clearing.cycle) }
        let (zero, one) = (clearing.banks[0].member.token, clearing.banks[1].member.token)
        clearing.ledger.ask(
            40, of: zero, by: clearing.banks[2].member.account,
            clearing.cycle.reference(zero, one))
        try await clearing.work()
        clearing.ledger.pass(to: clearing.cycle.closesAt + 5)
        try await clearing.work()
        #expect(try clearing.pair(0, 1).owing == 100 && clearing.pair(1, 0).owed == 100)
    }

    @Test func `nothing is paid for what went back after it was taken in hand`() async throws {
        for isAll in [false, true] {
            let clearing = try Clearing(2)
            clearing.give(0, 1, 30)
            clearing.give(1, 0, 100)
            clearing.give(1, 0, 20)
            for bank in clearing.banks { try bank.journal().add(clearing.cycle) }
            let (zero, one) = (clearing.banks[0].member, clearing.banks[1].member)
            let reference = clearing.cycle.reference(zero.token, one.token)
            clearing.ledger.ask(20, of: zero.token, by: one.account, reference)
            try await clearing.work()
            clearing.ledger.pass(to: clearing.cycle.closesAt + 5)
            // The other bank has not taken this one's in hand: the payment waits.
            try await clearing.work(0)
            #expect(try clearing.pair(0, 1).state == .instructed)
            #expect(try clearing.pair(0, 1).owing == 120)
            let theirs = clearing.ledger.contents.redemptions.indices.filter {
                clearing.ledger.contents.redemptions[$0].token == zero.token
            }
            for index in isAll ? theirs[...] : theirs.prefix(1) {
                clearing.ledger.reject(UInt64(index) + 1, by: zero.account)
            }
            try await clearing.work()
            #expect(try clearing.outbox(0).isEmpty)
            #expect(try clearing.states(0) == [.unwound] && clearing.states(1) == [.unwound])
            #expect(clearing.inHand(0, 1) == 30 && clearing.inHand(1, 0) == 120)
        }
    }

    @Test(arguments: [false, true])
    func `money between banks that has no reference is known by the payment's name`(
        isEarly: Bool
    ) async throws {
        let clearing = try Clearing(2)
        clearing.give(1, 0, 50)
        func tell(_ text: (Message.Entry) -> String, _ name: String) throws {
            let reference = clearing.cycle.reference(
                clearing.banks[0].member.token, clearing.banks[1].member.token)
            let entry = Message.Entry(amount: "0.50", endToEnd: PairName.message(reference))
            try clearing.drop(1, name, text(entry))
        }
        // Also where it comes before the desk knows of the pair.
        if isEarly {
            for bank in clearing.banks { try bank.journal().add(clearing.cycle) }
            try await clearing.work()
            try tell({ Message.notification("N1", [$0]) }, "early.xml")
            try await clearing.work(1)
        }
        try await clearing.close()
        if !isEarly { try tell({ Message.notification("N1", [$0]) }, "a.xml") }
        try tell({ Message.statement("S1", [$0], closing: "0.50") }, "b.xml")
        try clearing.answer(0, try clearing.pair(0, 1), "ACSC")
        try await clearing.work()
        #expect(try clearing.states(0) == [.settled] && clearing.states(1) == [.settled])
        #expect(try clearing.banks[1].journal().cases().isEmpty)
    }

    @Test func `what could not be asked for by the end is not asked for later`() async throws {
        let clearing = try Clearing(2)
        clearing.give(1, 0, 50)
        for bank in clearing.banks { try bank.journal().add(clearing.cycle) }
        let zero = clearing.banks[0].member
        // The asking waits: the other bank's token is paused.
        clearing.ledger.pause(zero.token, true)
        try await clearing.work()
        let calls = try clearing.banks[1].journal().read { db in
            try String.fetchAll(db, sql: "SELECT state FROM ledgerCall")
        }
        #expect(calls == ["waiting"])
        clearing.ledger.pass(to: clearing.cycle.closesAt + 5)
        // Somebody makes a block; the desks were away at the end.
        clearing.ledger.rotate(Self.others[3], to: Self.others[2])
        clearing.ledger.pause(zero.token, false)
        try await clearing.work()
        #expect(clearing.ledger.contents.redemptions.isEmpty)
        #expect(clearing.inHand(1, 0) == 50)
    }

    @Test func `nor is what was under way at the end and has to be made anew`() async throws {
        let clearing = try Clearing(2)
        clearing.give(1, 0, 50)
        let (zero, one) = (clearing.banks[0].member, clearing.banks[1].member)
        let journal = try clearing.banks[1].journal()
        try journal.add(clearing.cycle)
        clearing.ledger.pass(to: clearing.cycle.closesAt + 5)
        clearing.ledger.rotate(Self.others[3], to: Self.others[2])
        try journal.write { db in
            // The cycle is over: nobody asked for anything in time.
            try db.execute(sql: "UPDATE netCycle SET state = 'over'")
            let data = DeskCall.redeem(
                zero.token, 50, payout: clearing.cycle.reference(zero.token, one.token))
            _ = try Journal.add(
                .ask, signer: one.account, target: .banks, data: data, at: 0, in: db)
        }
        try await clearing.work(1)
        #expect(clearing.ledger.contents.redemptions.isEmpty)
    }

    @Test func `whom the ledger replaced before the desk listened is learned once`() async throws {
        let bench = try Bench()
        let (former, next) = (Self.others[0], Self.others[1])
        bench.ledger.setOtherBanks([next])
        for id in 60...66 as ClosedRange<UInt64> { bench.ledger.announce(.settled(id: id)) }
        bench.ledger.announce(.operatorChanged(from: former, to: next, block: 5))
        try await bench.work()
        // As a journal is of a program that did not follow it.
        try bench.journal.write { db in
            try db.execute(
                sql: """
                    DELETE FROM formerOperator;
                    DELETE FROM grdb_migrations WHERE identifier = 'operators-before';
                    """)
        }
        try bench.restart()
        #expect(try !bench.journal.formerOperators().contains(former, in: 4))
        try await bench.work()
        #expect(try bench.journal.formerOperators().contains(former, in: 4))
        #expect(try bench.journal.cursor("operators") == nil)
    }
}
