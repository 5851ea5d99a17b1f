import Foundation
import ISO20022
import Ledger
import Signing
import Testing

@testable import BankDesk

/// Banks settle what each has in hand of the others' money.
@Suite struct NettingTests {
    @Test func `a pair is netted, paid by one file, and settles on both sides`() async throws {
        let clearing = try Clearing(2)
        clearing.give(0, 1, 70)
        clearing.give(1, 0, 100)
        try await clearing.close()
        let pair = try clearing.pair(0, 1)
        #expect(pair.owing == 100 && pair.owed == 70 && pair.state == .sent)
        #expect(try clearing.pair(1, 0).state == .instructed)
        #expect(try clearing.pair(1, 0).reference == pair.reference)
        let files = try clearing.outbox(0)
        #expect(try clearing.outbox(1).isEmpty && files.count == 1)
        let file = try #require(files["pacs.009-\(pair.messageID).xml"])
        let uetr = try #require(PairName.uetr(pair.reference)).text
        for part in [
            ">0.30</IntrBkSttlmAmt>", "<UETR>\(uetr)</UETR>", "<BICFI>COBADEFFXXX</BICFI>",
            "<EndToEndId>\(pair.messageID)</EndToEndId>",
        ] {
            #expect(file.contains(part), "\(part)")
        }
        // Nothing settles before the money was paid.
        #expect(!clearing.ledger.contents.redemptions.contains { $0.state == .settled })
        try clearing.answer(0, pair, "ACSC")
        try await clearing.work()
        #expect(try clearing.pair(0, 1).state == .settling)
        try clearing.book(1, pair, "0.30", isCredit: true)
        try await clearing.work()
        #expect(try clearing.states(0) == [.settled] && clearing.states(1) == [.settled])
        #expect(clearing.ledger.contents.redemptions.allSatisfy { $0.state == .settled })
        let supplies = clearing.banks.map { clearing.ledger.contents.supplies[$0.member.token] }
        #expect(supplies == [0, 0])
        #expect(try clearing.banks[0].journal().cycle(clearing.cycle.id)?.isOver == true)
        for bank in clearing.banks { #expect(try bank.journal().cases().isEmpty) }
    }

    @Test func `a payment waits until what the other bank took in hand is certified`() async throws
    {
        let clearing = try Clearing(2)
        clearing.give(0, 1, 70)
        clearing.give(1, 0, 100)
        for bank in clearing.banks { try bank.journal().add(clearing.cycle) }
        try await clearing.work()
        clearing.ledger.pass(to: clearing.cycle.closesAt + 5)
        try await clearing.work([0])
        clearing.ledger.certify(false)
        try await clearing.work([1, 0])
        // The ledger has it, and could still lose it.
        #expect(clearing.ledger.contents.redemptions.allSatisfy { $0.state == .instructed })
        #expect(try clearing.states(0) == [.instructed] && clearing.outbox(0).isEmpty)
        // It counts by the block in which it was.
        clearing.ledger.pass(to: clearing.cycle.deadline + 5)
        clearing.ledger.certify(true)
        try await clearing.work()
        #expect(try clearing.states(0) == [.sent] && clearing.outbox(0).count == 1)
    }

    @Test func `a pair that waits asks for no block, which the node may have forgotten`()
        async throws
    {
        for isOtherHere in [false, true] {
            let clearing = try Clearing(2)
            clearing.give(0, 1, 70)
            clearing.give(1, 0, 100)
            for bank in clearing.banks { try bank.journal().add(clearing.cycle) }
            try await clearing.work()
            clearing.ledger.pass(to: clearing.cycle.closesAt + 5)
            // The debtor waits for the other bank's desk, or both for what becomes of the payment.
            try await clearing.work(isOtherHere ? [0, 1] : [0])
            #expect(try clearing.states(0) == [isOtherHere ? .sent : .instructed])
            clearing.ledger.forget()
            try await clearing.work(0)
            if isOtherHere { try await clearing.work(1) }
            clearing.ledger.pass(to: clearing.cycle.deadline + 5)
            try await clearing.work(0)
            #expect(try clearing.states(0) == [isOtherHere ? .sent : .unwinding])
        }
    }

    @Test func `what the node keeps no block of is a person's, and holds up nothing else`()
        async throws
    {
        let clearing = try Clearing(2)
        clearing.give(0, 1, 70)
        clearing.give(1, 0, 100)
        for bank in clearing.banks { try bank.journal().add(clearing.cycle) }
        try await clearing.work()
        clearing.ledger.pass(to: clearing.cycle.closesAt + 5)
        clearing.ledger.rotate(Address(high: 9, middle: 9, low: 1), to: .zero)
        clearing.ledger.forget()
        // Files are taken and redemptions followed all the same.
        try clearing.drop(0, "a.xml", Message.notification("N1", [.credit("1.00", "R1")]))
        try await clearing.work(0)
        let journal = try clearing.banks[0].journal()
        #expect(try journal.cases().map(\.reason).sorted() == ["netting", "unknown-payer"])
        #expect(try clearing.pairs(0).isEmpty)
        // With a node that keeps them it goes on.
        clearing.ledger.remember()
        try await clearing.work()
        #expect(try clearing.states(0) == [.sent] && clearing.states(1) == [.instructed])
    }

    @Test func `nor does a pair unwind since the node forgot when all was in hand`() async throws {
        let clearing = try Clearing(2)
        clearing.give(0, 1, 50)
        clearing.give(1, 0, 50)
        for bank in clearing.banks { try bank.journal().add(clearing.cycle) }
        try await clearing.work()
        clearing.ledger.pass(to: clearing.cycle.closesAt + 5)
        try await clearing.work(0)
        #expect(try clearing.states(0) == [.instructed])
        try await clearing.work(1)
        #expect(try clearing.states(1) == [.settled] || clearing.states(1) == [.settling])
        clearing.ledger.forget()
        clearing.ledger.pass(to: clearing.cycle.deadline + 5)
        // The other bank has settled: that says enough.
        try await clearing.work(0)
        #expect(try clearing.states(0) == [.settled])

        let late = try Clearing(2)
        late.give(1, 0, 50)
        for bank in late.banks { try bank.journal().add(late.cycle) }
        try await late.work()
        late.ledger.pass(to: late.cycle.closesAt + 5)
        late.ledger.certify(false)
        try await late.work(0)
        late.ledger.certify(true)
        late.ledger.forget()
        late.ledger.pass(to: late.cycle.deadline + 5)
        try await late.work(0)
        #expect(try late.states(0) == [.instructed])
        #expect(try late.banks[0].journal().cases().map(\.reason) == ["netting"])
        late.ledger.remember()
        try await late.work(0)
        #expect(try late.states(0) == [.sent])
    }

    @Test func `three banks in a circle are three pairs, each with one debtor`() async throws {
        let clearing = try Clearing(3)
        for (bank, other, amount) in [(0, 1, 10), (1, 2, 20), (2, 0, 30)] as [(Int, Int, UInt128)] {
            clearing.give(bank, other, amount)
        }
        try await clearing.close()
        // Who has in hand is owed.
        #expect(try (0..<3).map { try clearing.outbox($0).count } == [1, 1, 1])
        for (debtor, creditor) in [(1, 0), (2, 1), (0, 2)] {
            let pair = try clearing.pair(debtor, creditor)
            try clearing.answer(debtor, pair, "ACCC")
            let money = "0.\(pair.toPay)"
            try clearing.book(creditor, pair, money, isCredit: true)
        }
        try await clearing.work()
        for bank in 0..<3 {
            #expect(try clearing.states(bank) == [.settled, .settled])
        }
        #expect(clearing.ledger.contents.supplies.values.allSatisfy { $0 == 0 })
    }

    @Test func `who owes each other the same settles without a message`() async throws {
        let clearing = try Clearing(2)
        clearing.give(0, 1, 50)
        clearing.give(1, 0, 50)
        try await clearing.close()
        #expect(try clearing.states(0) == [.settled] && clearing.states(1) == [.settled])
        #expect(try clearing.outbox(0).isEmpty && clearing.outbox(1).isEmpty)
    }

    @Test func `a payment between banks is found behind many others`() async throws {
        let clearing = try Clearing(2)
        clearing.give(1, 0, 50)
        try await clearing.close()
        let pair = try clearing.pair(0, 1)
        let others = (0..<501).map { number in
            Message.Entry(amount: "1.00", reference: "OTHER-\(number)")
        }
        let payment = Message.Entry(amount: "0.50", reference: "S", endToEnd: pair.messageID)
        try clearing.drop(1, "many.xml", Message.notification("MANY", others + [payment]))
        try clearing.answer(0, pair, "ACSC")
        try await clearing.work()
        #expect(try clearing.states(1) == [.settled])
        #expect(try clearing.banks[1].journal().cases().count == 501)
    }

    @Test func `a debit of which a pair is known later is looked at as a debit again`() async throws
    {
        let bench = try Bench()
        let debit = Message.Entry(
            amount: "1.00", reference: "D", isCredit: false, batch: "NET-PAIR")
        try await bench.tell(Message.notification("N", [debit]))
        #expect(try bench.reasons() == [EntryDoubt.unknownDebit.rawValue])
        let now = bench.now
        let messages = NettingMessages(
            journal: bench.journal, points: .none, clock: DeskClock { now })
        try bench.journal.write { db in try messages.recall("NET-PAIR", db) }
        #expect(try bench.counts("entry") == ["debit": 1])
    }

    @Test func `even pairs unwind on both sides where one bank is too late`() async throws {
        let clearing = try Clearing(2)
        clearing.give(0, 1, 50)
        clearing.give(1, 0, 50)
        for bank in clearing.banks { try bank.journal().add(clearing.cycle) }
        try await clearing.work()
        clearing.ledger.pass(to: clearing.cycle.closesAt + 5)
        try await clearing.work(0)
        #expect(try clearing.states(0) == [.instructed])
        clearing.ledger.pass(to: clearing.cycle.deadline + 5)
        try await clearing.work()
        #expect(try clearing.states(0) == [.unwound] && clearing.states(1) == [.unwound])
        #expect(clearing.inHand(0, 1) == 50 && clearing.inHand(1, 0) == 50)
    }

    @Test func `a payment that is refused unwinds its pair and no other`() async throws {
        let clearing = try Clearing(3)
        for (bank, other, amount) in [
            (0, 1, 10), (1, 0, 40), (2, 0, 30), (0, 2, 5),
        ] as [(Int, Int, UInt128)] {
            clearing.give(bank, other, amount)
        }
        try await clearing.close()
        let (bad, good) = (try clearing.pair(0, 1), try clearing.pair(0, 2))
        try clearing.answer(0, bad, "RJCT", reason: "AM04")
        try clearing.answer(0, good, "ACSC")
        try clearing.book(2, good, "0.25", isCredit: true)
        try await clearing.work()
        #expect(try clearing.pair(0, 1).state == .unwound && clearing.pair(1, 0).state == .unwound)
        #expect(try clearing.pair(0, 1).reason == "AM04")
        #expect(try clearing.pair(0, 2).state == .settled && clearing.pair(2, 0).state == .settled)
        // Tokens are back where they were.
        #expect(clearing.inHand(0, 1) == 10 && clearing.inHand(1, 0) == 40)
        #expect(clearing.inHand(2, 0) == 0 && clearing.inHand(0, 2) == 0)
        for bank in clearing.banks { #expect(try bank.journal().cases().isEmpty) }
    }

    @Test func `a payment that is called a duplicate is paid, and waits for the other answer`()
        async throws
    {
        for reason in ["AM05", "DUPL"] {
            let clearing = try Clearing(2)
            clearing.give(1, 0, 100)
            try await clearing.close()
            let pair = try clearing.pair(0, 1)
            // After a kill the same file is written twice, and both are taken out of the outbox.
            try clearing.answer(0, pair, "RJCT", reason: reason)
            try await clearing.work()
            #expect(try clearing.states(0) == [.sent] && clearing.states(1) == [.instructed])
            #expect(try clearing.banks[0].journal().cases().map(\.reason) == ["netting"])
            try clearing.answer(0, pair, "ACSC")
            try clearing.book(1, pair, "1.00", isCredit: true)
            try await clearing.work()
            #expect(try clearing.states(0) == [.settled] && clearing.states(1) == [.settled])
        }
    }

    @Test func `money that comes before the creditor's desk knows of the pair settles it`()
        async throws
    {
        let clearing = try Clearing(2)
        clearing.give(1, 0, 100)
        for bank in clearing.banks { try bank.journal().add(clearing.cycle) }
        try await clearing.work()
        clearing.ledger.pass(to: clearing.cycle.closesAt + 5)
        // The creditor has nothing to take in hand, so that nobody waits for its desk.
        try await clearing.work([0])
        let pair = try clearing.pair(0, 1)
        #expect(pair.state == .sent)
        try clearing.book(1, pair, "1.00", isCredit: true)
        try clearing.answer(0, pair, "ACSC")
        try await clearing.work()
        #expect(try clearing.states(0) == [.settled] && clearing.states(1) == [.settled])
        for bank in clearing.banks { #expect(try bank.journal().cases().isEmpty) }
        #expect(try clearing.banks[1].journal().cases(onlyOpen: false).count == 1)
    }

    @Test func `a debtor that is not there by the deadline pays no more, and the pair unwinds`()
        async throws
    {
        let clearing = try Clearing(2)
        clearing.give(0, 1, 70)
        clearing.give(1, 0, 100)
        for bank in clearing.banks { try bank.journal().add(clearing.cycle) }
        try await clearing.work()
        clearing.ledger.pass(to: clearing.cycle.closesAt + 5)
        try await clearing.work(1)
        #expect(try clearing.states(1) == [.instructed])
        clearing.ledger.pass(to: clearing.cycle.deadline + 5)
        try await clearing.work(1)
        #expect(try clearing.states(1) == [.unwinding] && clearing.inHand(0, 1) == 70)
        // It comes back too late: it writes no payment, and gives the tokens back.
        try await clearing.work()
        #expect(try clearing.states(0) == [.unwound] && clearing.states(1) == [.unwound])
        #expect(try clearing.outbox(0).isEmpty && clearing.inHand(1, 0) == 100)
    }

    @Test func `a payment without an answer is a person's, not unwound`() async throws {
        let clearing = try Clearing(2)
        clearing.give(1, 0, 100)
        try await clearing.close()
        clearing.ledger.pass(to: clearing.cycle.deadline + 500)
        try await clearing.work()
        #expect(try clearing.states(0) == [.sent] && clearing.states(1) == [.instructed])
        let cases = try clearing.banks[0].journal().cases()
        #expect(cases.map(\.reason) == ["netting"])
        try await clearing.work()
        #expect(try clearing.banks[0].journal().cases().count == 1)
        // The answer comes in the end.
        try clearing.answer(0, try clearing.pair(0, 1), "ACSC")
        try await clearing.work()
        #expect(try clearing.states(0) == [.settled])
        let told = try clearing.banks[1].journal().cases()
        #expect(told.count == 1, "the money has not come, the other bank says that it paid")
        try clearing.book(1, try clearing.pair(1, 0), "1.00", isCredit: true)
        try await clearing.work()
        #expect(try clearing.states(1) == [.settled])
    }

    @Test func `money that comes after unwinding, or another amount, is a person's`() async throws {
        let clearing = try Clearing(2)
        clearing.give(1, 0, 100)
        try await clearing.close()
        let pair = try clearing.pair(0, 1)
        try clearing.book(1, pair, "0.99", isCredit: true)
        try await clearing.work()
        #expect(try clearing.banks[1].journal().cases().map(\.reason) == ["other-amount"])
        try clearing.answer(0, pair, "RJCT", reason: "AC04")
        try await clearing.work()
        #expect(try clearing.states(0) == [.unwound] && clearing.states(1) == [.unwound])
        try clearing.book(0, pair, "1.00", isCredit: false)
        try await clearing.work()
        #expect(try clearing.banks[0].journal().cases().map(\.reason) == ["netting"])
        #expect(clearing.inHand(1, 0) == 100)
    }

    @Test func `what was asked for after the end is rejected, and waits for the next cycle`()
        async throws
    {
        let clearing = try Clearing(2)
        clearing.give(0, 1, 70)
        clearing.give(1, 0, 100)
        try clearing.banks[0].journal().add(clearing.cycle)
        try await clearing.work([0])
        clearing.ledger.pass(to: clearing.cycle.closesAt + 5)
        // The other bank names the cycle too late: it asks for nothing.
        try await clearing.close()
        #expect(try clearing.pair(0, 1).owing == 0 && clearing.pair(0, 1).owed == 70)
        #expect(clearing.inHand(1, 0) == 100)
        #expect(try clearing.outbox(1).count == 1)
    }

    @Test func `another bank's redemption under no cycle is left to people`() async throws {
        let clearing = try Clearing(2)
        clearing.give(1, 0, 100)
        let call = DeskCall.redeem(
            clearing.banks[0].member.token, 100, payout: Hash32(1, 1, 1, 1))
        let raw = Transaction(
            chainID: ClearingLedger.chainID, nonce: 0, maxFeePerGas: 2, gasLimit: 1_000_000,
            to: .banks, data: call
        ).sign(with: try #require(clearing.banks[1].keys.bank?.local))
        _ = try await clearing.ledger.send([raw])
        try await clearing.close()
        #expect(clearing.ledger.contents.redemptions.map(\.state) == [.requested])
        #expect(try clearing.pairs(0).isEmpty)
        #expect(try clearing.banks[0].journal().cycle(clearing.cycle.id)?.isOver == true)
    }

    @Test func `a cycle has one end and one deadline`() throws {
        let clearing = try Clearing(1)
        let journal = try clearing.banks[0].journal()
        try journal.add(clearing.cycle)
        try journal.add(clearing.cycle)
        #expect(throws: DeskFault.self) {
            try journal.add(
                NettingCycle(
                    clearing.cycle.id, closesAt: clearing.cycle.closesAt + 1,
                    deadline: clearing.cycle.deadline))
        }
        for id in ["", "a b", String(repeating: "a", count: 36), "ä"] {
            #expect(throws: DeskFault.self) { try NettingCycle(id, closesAt: 1, deadline: 2) }
        }
        #expect(throws: DeskFault.self) { try NettingCycle("a", closesAt: 2, deadline: 2) }
    }

    @Test func `a balance adds up before, between and after`() async throws {
        let clearing = try Clearing(2)
        clearing.give(0, 1, 70)
        clearing.give(1, 0, 100)
        // 100 of its money are with the other bank, 70 of the other's in its hand: the account has 30.
        func isBalanced(_ closing: String, _ name: String) async throws -> Bool {
            try clearing.drop(0, "\(name).xml", Message.statement(name, [], closing: closing))
            try await clearing.work([0])
            let journal = try clearing.banks[0].journal()
            let statement = try #require(try journal.statement())
            let result = try await Reconciliation(
                statement, journal, clearing.ledger, clearing.banks[0].settings)
            return result.unexplained == 0
        }
        #expect(try await isBalanced("0.30", "one"))
        try await clearing.close()
        #expect(try await isBalanced("0.30", "two"))
        let pair = try clearing.pair(0, 1)
        try clearing.book(0, pair, "0.30", isCredit: false)
        try await clearing.work([0])
        // Paid and settled here, not yet there.
        #expect(try await isBalanced("0.00", "three"))
        try clearing.book(1, pair, "0.30", isCredit: true)
        try await clearing.work()
        #expect(try await isBalanced("0.00", "four"))
        #expect(try clearing.states(0) == [.settled])
    }
}
