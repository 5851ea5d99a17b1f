import Ledger
import Testing

@testable import BankDesk

/// Pairs of which somebody gives a redemption back by hand: the banks still come to the same.
@Suite struct TakenBackPairTests {
    /// Two banks that netted, each of which asked the other for money twice.
    private struct Clearance {
        let clearing: Clearing
        /// The redemptions of each bank's token.
        let asked: [[UInt64]]

        /// - Parameter amounts: what each bank has in hand of the other's token.
        init(_ amounts: [UInt128]) async throws {
            clearing = try Clearing(2)
            let members = clearing.banks.map(\.member)
            let reference = clearing.cycle.reference(members[0].token, members[1].token)
            for (bank, amount) in amounts.enumerated() {
                clearing.give(bank, 1 - bank, amount + 10)
                clearing.ledger.ask(
                    10, of: members[1 - bank].token, by: members[bank].account, reference)
            }
            for bank in clearing.banks { try bank.journal().add(clearing.cycle) }
            try await clearing.work()
            clearing.ledger.pass(to: clearing.cycle.closesAt + 5)
            let redemptions = clearing.ledger.contents.redemptions
            asked = members.map { member in
                redemptions.indices.filter { redemptions[$0].token == member.token }
                    .map { UInt64($0) + 1 }
            }
        }

        /// Somebody gives back the first of what a bank was asked for.
        func giveBack(_ bank: Int) {
            clearing.ledger.reject(asked[bank][0], by: clearing.banks[bank].member.account)
        }

        /// How the redemptions of a bank's token stand.
        func states(_ bank: Int) -> [IBanks.Redemption] {
            asked[bank].map { clearing.ledger.contents.redemptions[Int($0) - 1].state }
        }

        func isOver(_ bank: Int) throws -> Bool {
            try clearing.banks[bank].journal().cycle(clearing.cycle.id)?.isOver == true
        }

        func cases(_ bank: Int) throws -> [String] {
            try clearing.banks[bank].journal().cases().map(\.reason)
        }
    }

    @Test(arguments: [false, true])
    func `a creditor gives nothing back by itself while money may be under way`(
        isHere: Bool
    ) async throws {
        let one = try await Clearance([70, 100])
        let clearing = one.clearing
        try await clearing.work()
        let pair = try clearing.pair(0, 1)
        #expect(pair.state == .sent)
        // The money may be there before the desk sees what somebody did.
        if isHere { try clearing.book(1, pair, "0.30", isCredit: true) }
        one.giveBack(1)
        try await clearing.work()
        if !isHere {
            #expect(try clearing.states(1) == [.instructed])
            #expect(one.states(1) == [.rejected, .instructed])
            try clearing.book(1, pair, "0.30", isCredit: true)
        }
        try clearing.answer(0, pair, "ACSC")
        try await clearing.work()
        #expect(one.states(0) == [.settled, .settled] && one.states(1) == [.rejected, .settled])
        // What somebody gave back is a person's, on both sides.
        for bank in 0..<2 {
            #expect(try one.cases(bank) == ["netting"])
            // It does not keep the cycle from being over.
            #expect(try clearing.states(bank) == [.settled] && one.isOver(bank))
        }
    }

    @Test func `a creditor that learns late that it had all in hand gives nothing back`()
        async throws
    {
        let one = try await Clearance([70, 100])
        let clearing = one.clearing
        clearing.banks[1].points = FaultPoints { place throws(DeskFault) in
            if place == .instructSent { throw .stopped(place) }
        }
        await #expect(throws: DeskFault.stopped(.instructSent)) { try await clearing.work(1) }
        clearing.banks[1].points = .none
        try await clearing.work(0)
        #expect(try clearing.states(0) == [.sent] && clearing.states(1) == [.instructing])
        one.giveBack(1)
        try await clearing.work()
        #expect(try clearing.states(1) == [.instructed])
        #expect(one.states(1) == [.rejected, .instructed])
    }

    @Test func `a creditor does not unwind what its debtor settled but for a redemption`()
        async throws
    {
        let one = try await Clearance([70, 100])
        let clearing = one.clearing
        try await clearing.work()
        one.giveBack(0)
        let pair = try clearing.pair(0, 1)
        try clearing.answer(0, pair, "ACSC")
        try await clearing.work(0)
        #expect(one.states(0) == [.rejected, .settled])
        try await clearing.work(1)
        #expect(try clearing.states(1) == [.instructed])
        try clearing.book(1, pair, "0.30", isCredit: true)
        try await clearing.work()
        #expect(one.states(1) == [.settled, .settled])
        for bank in 0..<2 { #expect(try one.cases(bank) == ["netting"]) }
    }

    @Test func `a creditor unwinds when the debtor does`() async throws {
        let one = try await Clearance([70, 100])
        let clearing = one.clearing
        try await clearing.work()
        one.giveBack(1)
        try await clearing.work()
        try clearing.answer(0, try clearing.pair(0, 1), "RJCT", reason: "AM04")
        try await clearing.work()
        #expect(try clearing.states(0) == [.unwound] && clearing.states(1) == [.unwound])
        #expect(clearing.inHand(0, 1) == 80 && clearing.inHand(1, 0) == 110)
    }

    @Test(arguments: ["ACSC", "RJCT"])
    func `a debtor whose file may be out waits for its answer`(_ code: String) async throws {
        let one = try await Clearance([70, 100])
        let clearing = one.clearing
        try await clearing.work(1)
        // Killed when the file is in the outbox, and before that is noted.
        clearing.banks[0].points = FaultPoints { place throws(DeskFault) in
            if place == .netWritten { throw .stopped(place) }
        }
        await #expect(throws: DeskFault.stopped(.netWritten)) { try await clearing.work(0) }
        clearing.banks[0].points = .none
        #expect(try clearing.states(0) == [.instructed] && clearing.outbox(0).count == 1)
        one.giveBack(0)
        try await clearing.work(0)
        #expect(try clearing.states(0) == [.instructed] && one.cases(0) == ["netting"])
        #expect(one.states(0) == [.rejected, .instructed])
        try clearing.answer(
            0, try clearing.pair(0, 1), code, reason: code == "RJCT" ? "AM04" : nil)
        try await clearing.work(0)
        let isPaid = code == "ACSC"
        #expect(one.states(0) == [.rejected, isPaid ? .settled : .rejected])
        #expect(try clearing.pair(0, 1).reason == (isPaid ? nil : "AM04"))
        #expect(try clearing.outbox(0).count == 1)
    }

    @Test func `a debtor whose file may be out, and that ends all by hand, needs no answer`()
        async throws
    {
        let one = try await Clearance([70, 100])
        let clearing = one.clearing
        try await clearing.work(1)
        clearing.banks[0].points = FaultPoints { place throws(DeskFault) in
            if place == .netWritten { throw .stopped(place) }
        }
        await #expect(throws: DeskFault.stopped(.netWritten)) { try await clearing.work(0) }
        clearing.banks[0].points = .none
        for id in one.asked[0] {
            clearing.ledger.reject(id, by: clearing.banks[0].member.account)
        }
        try await clearing.work(0)
        #expect(try one.cases(0) == ["netting"] && !one.isOver(0))
        for id in one.asked[1] {
            clearing.ledger.reject(id, by: clearing.banks[1].member.account)
        }
        try await clearing.work(0)
        #expect(try clearing.states(0) == [.unwound] && one.isOver(0))
        #expect(try one.cases(0) == ["netting"])
    }

    @Test func `of equal sums one bank gives nothing back once the other has settled`()
        async throws
    {
        let one = try await Clearance([50, 50])
        let clearing = one.clearing
        try await clearing.work(0)
        try await clearing.work(1)
        #expect(one.states(1) == [.settled, .settled])
        one.giveBack(0)
        try await clearing.work()
        #expect(one.states(0) == [.rejected, .settled])
        for bank in 0..<2 { #expect(try one.cases(bank) == ["netting"]) }
    }

    @Test func `what somebody settles of a pair that unwinds is a person's, and the cycle ends`()
        async throws
    {
        let one = try await Clearance([70, 100])
        let clearing = one.clearing
        try await clearing.work()
        try clearing.answer(0, try clearing.pair(0, 1), "RJCT", reason: "AM04")
        // Between the desk's decision and its transactions.
        clearing.banks[0].points = FaultPoints { place throws(DeskFault) in
            if place == .netDecided { throw .stopped(place) }
        }
        await #expect(throws: DeskFault.stopped(.netDecided)) { try await clearing.work(0) }
        clearing.banks[0].points = .none
        let zero = clearing.banks[0].member.account
        clearing.ledger.settle(one.asked[0][0], by: zero)
        try await clearing.work()
        #expect(one.states(0) == [.settled, .rejected])
        #expect(try one.cases(0).contains("netting"))
        // To the other bank it looks paid, and no money comes: a person ends it there.
        clearing.ledger.pass(to: clearing.cycle.deadline + 5)
        clearing.ledger.reject(one.asked[1][0], by: clearing.banks[1].member.account)
        try await clearing.work()
        #expect(try one.cases(1) == ["netting"] && !one.isOver(1))
        clearing.ledger.reject(one.asked[1][1], by: clearing.banks[1].member.account)
        try await clearing.work()
        #expect(try one.isOver(0) && one.isOver(1))
        #expect(try clearing.states(0) == [.unwound] && clearing.states(1) == [.unwound])
    }

    @Test func `so is money for what the other bank gave back entirely, and the cycle ends`()
        async throws
    {
        let one = try await Clearance([0, 100])
        let clearing = one.clearing
        try await clearing.work()
        let pair = try clearing.pair(0, 1)
        #expect(pair.state == .sent)
        try clearing.answer(0, pair, "RJCT", reason: "AM04")
        try await clearing.work(0)
        try clearing.book(1, try clearing.pair(1, 0), "1.00", isCredit: true)
        try await clearing.work()
        #expect(try one.cases(1) == ["netting"])
        #expect(try !one.isOver(0) && !one.isOver(1))
        for id in one.asked[1] {
            clearing.ledger.reject(id, by: clearing.banks[1].member.account)
        }
        try await clearing.work()
        #expect(try one.isOver(0) && one.isOver(1))
    }

    @Test func `a debtor that settles by hand what it sent the money for needs no answer`()
        async throws
    {
        let one = try await Clearance([70, 100])
        let clearing = one.clearing
        try await clearing.work()
        #expect(try clearing.states(0) == [.sent])
        clearing.ledger.settle(one.asked[0][0], by: clearing.banks[0].member.account)
        try await clearing.work(0)
        #expect(one.states(0) == [.settled, .settled])
        try clearing.book(1, try clearing.pair(1, 0), "0.30", isCredit: true)
        try await clearing.work()
        #expect(try one.isOver(0) && one.isOver(1))
    }
}
