import Ledger
import Settlement
import Testing
import Tokens

@testable import Execution

/// Payouts in one bank's money to payees who want another's.
@Suite struct ParTests {
    private typealias Step = Till.Step

    /// West takes up to 1,000 of East's; the supplier banks at West, the buyer has 10,000 of East's.
    static func stocked(rules: Rules = Rules(gasPrice: 0), limit: UInt128 = 1_000) -> Till {
        var till = Till.three(rules: rules)
        till.accept(.west, .east, limit)
        till.stock(.buyer, 10_000)
        till.runAll([Step(.supplier, IBanks.setPayoutToken(till.token(of: .west)))])
        return till
    }

    @Test func `a supplier is paid in the money of its own bank`() throws {
        var till = Self.stocked()
        #expect(till.pay([(.supplier, 700), (.maker, 300)]).allSatisfy { $0 != .skipped })
        #expect(till.balance(.supplier, .east) == 0 && till.balance(.supplier, .west) == 700)
        #expect(till.balance(.maker, .east) == 300 && till.balance(.maker, .west) == 0)
        // West has in hand what it issued for.
        #expect(till.acceptance(.west, .east) == (1_000, 700))
        #expect(till.supply(.east) == 10_000 && till.supply(.west) == 700)
        let logs = till.effects.flatMap(\.logs)
        let converted = try #require(
            logs.first { $0.topics[0] == IBanks.Event.converted.topic })
        #expect(converted.address == .banks)
        #expect(
            converted.topics.dropFirst() == [
                Hash32(word: Till.address(.supplier)), Hash32(word: till.token(of: .east)),
                Hash32(word: till.token(of: .west)),
            ])
        #expect(converted.data == Hash32(word: 700 as UInt128).bytes)
        let issued = logs.filter {
            $0.address == till.token(of: .west) && $0.topics[0] == IToken.Event.transfer.topic
        }
        #expect(
            issued.map(\.topics) == [
                [
                    IToken.Event.transfer.topic, .zero, Hash32(word: Till.address(.supplier)),
                ]
            ])
        // No one was issued anything against a payment: the daily limit is for those.
        let limit = till.ask(
            IBanks.call(.issueLimit, words: 1) { $0.write(till.token(of: .west)) })
        #expect(Hash32(limit[32...])?.number == 0)
    }

    @Test func `what the limit does not cover is paid in the money that was paid in`() {
        var till = Self.stocked()
        till.pay([(.supplier, 1_000)])
        // Met exactly, nothing is over.
        #expect(till.balance(.supplier, .west) == 1_000)
        #expect(till.acceptance(.west, .east) == (1_000, 1_000))
        till.pay([(.supplier, 1)])
        #expect(till.balance(.supplier, .east) == 1 && till.conversions.isEmpty)
        // A lower limit than what is in hand is no room at all; a higher one is room for the difference.
        till.accept(.west, .east, 500)
        till.pay([(.supplier, 2)])
        #expect(till.balance(.supplier, .east) == 3)
        till.accept(.west, .east, 1_005)
        till.pay([(.supplier, 7)])
        #expect(till.balance(.supplier, .east) == 5 && till.balance(.supplier, .west) == 1_005)
    }

    @Test func `redeeming what is in hand makes room again`() {
        var till = Self.stocked()
        till.pay([(.supplier, 1_000)])
        till.run(.west, IBanks.redeem(till.token(of: .east), 400))
        till.pay([(.supplier, 600)])
        #expect(till.balance(.supplier, .east) == 200 && till.balance(.supplier, .west) == 1_400)
    }

    @Test func `the money leaves by itself from the payee's own bank`() {
        var till = Self.stocked()
        till.runAll([Step(.supplier, IBanks.setAutoRedeem(till.token(of: .west)))])
        till.pay([(.supplier, 300), (.maker, 1), (.supplier, 400)])
        let redemption = till.tokens.redemption(1)
        #expect(till.tokens.redemptionCount == 1)
        #expect(redemption?.token == till.id(of: .west) && redemption?.amount == 700)
        #expect(till.balance(.supplier, .west) == 0 && till.conversions.count == 2)
        // What is over the limit goes by the wish for East's money, if there is one.
        till.runAll([Step(.supplier, IBanks.setAutoRedeem(till.token(of: .east)))])
        till.pay([(.supplier, 500)])
        #expect(till.tokens.redemption(2)?.token == till.id(of: .east))
        #expect(till.tokens.redemption(2)?.amount == 200)
        #expect(till.tokens.redemption(3)?.amount == 300)
    }

    @Test func `only payments are converted, not what was the payee's own`() {
        var till = Self.stocked()
        // The buyer wants West's money too, and gets East's back as it came.
        till.runAll([Step(.buyer, IBanks.setPayoutToken(till.token(of: .west)))])
        var open = ABIWriter(selector: IOrders.Function.open.rawValue, words: 1)
        open.write(
            IOrders.Terms(
                token: till.token(), buyer: Till.address(.buyer),
                lines: [.init(tier: 1, payee: Till.address(.supplier), amount: 100, gate: 1)],
                gates: [.init(attestors: [], threshold: 0, notBefore: till.time / 1000 + 60)]))
        till.runAll([
            Step(.buyer, open.finish(), to: .orders),
            Step(.buyer, Till.funding(1, 100), to: .orders),
        ])
        var waive = ABIWriter(selector: IOrders.Function.waive.rawValue, words: 3)
        waive.write(1 as UInt64)
        waive.write(0 as UInt16)
        waive.write(60 as UInt128)
        till.runAll([Step(.supplier, waive.finish(), to: .orders)])
        #expect(till.balance(.buyer, .east) == 9_960 && till.balance(.buyer, .west) == 0)
        // What the time does pays like anything else.
        till.pass(seconds: 100)
        #expect(till.balance(.supplier, .west) == 40 && till.conversions.map(\.amount) == [40])
        // Transfers and issues are none of an order's payouts.
        till.stock(.supplier, 5)
        var transfer = ABIWriter(selector: IToken.Function.transfer.rawValue, words: 2)
        transfer.write(Till.address(.supplier))
        transfer.write(6 as UInt128)
        till.run(.buyer, transfer.finish(), to: till.token(of: .east))
        #expect(till.balance(.supplier, .east) == 11 && till.balance(.supplier, .west) == 40)
    }

    @Test func `a frozen payee, or a frozen bank, is paid as if nobody converted`() {
        var till = Self.stocked()
        let supplier = Till.address(.supplier)
        till.freeze(supplier, by: .west)
        till.pay([(.supplier, 10)])
        #expect(till.balance(.supplier, .east) == 10 && till.conversions.isEmpty)
        till.freeze(supplier, by: .west, false)
        till.freeze(Till.address(.west), by: .east)
        till.pay([(.supplier, 20)])
        #expect(till.balance(.supplier, .east) == 30)
        till.freeze(Till.address(.west), by: .east, false)
        // Frozen at the paying bank, it is held; what is released later is converted then.
        till.freeze(supplier, by: .east)
        till.pay([(.supplier, 40)])
        #expect(till.held(.supplier, .east) == 40 && till.conversions.isEmpty)
        till.freeze(supplier, by: .east, false)
        var release = ABIWriter(selector: IToken.Function.releaseHeld.rawValue, words: 1)
        release.write(supplier)
        till.runAll([Step(.stranger, release.finish(), to: till.token(of: .east))])
        #expect(till.balance(.supplier, .east) == 30 && till.balance(.supplier, .west) == 40)
    }

    @Test func `a paused token converts nothing`() {
        var till = Self.stocked()
        till.pause(by: .west)
        till.pay([(.supplier, 10)])
        #expect(till.balance(.supplier, .east) == 10)
        till.pause(by: .west, false)
        till.runAll([Step(.buyer, till.opening([(.supplier, 20)]), to: .orders)])
        till.pay([(.supplier, 30)])
        #expect(till.balance(.supplier, .west) == 30)
    }

    @Test
    func `a bank that left neither takes nor is taken, and goes on where it was when it is back`() {
        for leaving in [Till.Who.east, .west] {
            var till = Self.stocked()
            till.pay([(.supplier, 100)])
            let member = till.machine.bankSet.bank(operatedBy: Till.address(leaving))!
            till.decide(.removeBank(Till.address(leaving)))
            till.pay([(.supplier, 10)])
            #expect(till.balance(.supplier, .east) == 10 && till.balance(.supplier, .west) == 100)
            till.decide(
                .admitBank(
                    name: member.name, node: member.nodeKey, operator: member.operator,
                    endpoint: member.endpoint))
            till.pay([(.supplier, 20)])
            #expect(till.balance(.supplier, .west) == 120)
        }
    }

    @Test func `three banks in a circle`() {
        var till = Till.three()
        let ring: [(Till.Who, Till.Who, Till.Who)] = [
            (.west, .east, .supplier), (.north, .west, .maker), (.east, .north, .buyer),
        ]
        for (bank, other, payee) in ring {
            till.accept(bank, other, 60)
            till.runAll([Step(payee, IBanks.setPayoutToken(till.token(of: bank)))])
        }
        till.stock(.buyer, 100)
        till.pay([(.supplier, 100)], by: .buyer, in: .east)
        #expect(till.balance(.supplier, .west) == 60 && till.balance(.supplier, .east) == 40)
        till.pay([(.maker, 60)], by: .supplier, in: .west)
        till.pay([(.buyer, 60)], by: .maker, in: .north)
        #expect(till.balance(.buyer, .east) == 60)
        for (bank, other, _) in ring { #expect(till.acceptance(bank, other) == (60, 60)) }
        #expect([.east, .west, .north].map { till.supply($0) } == [160, 60, 60])
    }

    @Test func `converted in the blocks in which a long cascade goes on`() {
        var till = Self.stocked(rules: Rules(gasPrice: 0, stepLimit: 2))
        till.pay([(.supplier, 1), (.maker, 2), (.supplier, 4), (.supplier, 8)])
        #expect(till.conversions.map(\.amount) == [1])
        till.pass(seconds: 1)
        #expect(till.conversions.map(\.amount) == [4, 8])
        #expect(till.balance(.supplier, .west) == 13 && till.balance(.supplier, .east) == 0)
    }

    @Test
    func `a refused transaction converts nothing, and the next one is not converted in its place`()
    {
        var till = Self.stocked()
        var batch = ABIWriter(selector: IBatch.Function.execute.rawValue, words: 1)
        batch.write(array: [
            IBatch.Call(to: .orders, data: till.opening([(.supplier, 50)]), value: 0),
            IBatch.Call(to: .orders, data: Till.funding(1, 50), value: 0),
            IBatch.Call(to: .orders, data: Till.funding(9, 1), value: 0),
        ])
        till.run(.buyer, batch.finish(), to: .batch)
        #expect(till.balance(.buyer, .east) == 10_000 && till.supply(.west) == 0)
        till.pay([(.maker, 5)])
        #expect(till.conversions.isEmpty && till.acceptance(.west, .east).inHand == 0)
    }

    @Test func `what a payee spent in the same transaction is not converted`() {
        var till = Self.stocked()
        till.stock(.supplier, 100)
        var transfer = ABIWriter(selector: IToken.Function.transfer.rawValue, words: 2)
        transfer.write(Till.address(.maker))
        transfer.write(130 as UInt128)
        var batch = ABIWriter(selector: IBatch.Function.execute.rawValue, words: 1)
        // The supplier buys from itself: it is paid 50 and spends 130 of 150.
        batch.write(array: [
            IBatch.Call(
                to: .orders, data: till.opening([(.supplier, 50)], by: .supplier), value: 0),
            IBatch.Call(to: .orders, data: Till.funding(1, 50), value: 0),
            IBatch.Call(to: till.token(of: .east), data: transfer.finish(), value: 0),
        ])
        // It has 100 of which 50 go into the order and come back: 100 − 130 does not go; 80 does.
        #expect(till.run(.supplier, batch.finish(), to: .batch) != .done([]))
        #expect(till.balance(.supplier, .east) == 100)
        transfer = ABIWriter(selector: IToken.Function.transfer.rawValue, words: 2)
        transfer.write(Till.address(.maker))
        transfer.write(80 as UInt128)
        batch = ABIWriter(selector: IBatch.Function.execute.rawValue, words: 1)
        batch.write(array: [
            IBatch.Call(
                to: .orders, data: till.opening([(.supplier, 50)], by: .supplier), value: 0),
            IBatch.Call(to: .orders, data: Till.funding(1, 50), value: 0),
            IBatch.Call(to: till.token(of: .east), data: transfer.finish(), value: 0),
        ])
        till.run(.supplier, batch.finish(), to: .batch)
        #expect(till.balance(.supplier, .east) == 0 && till.balance(.supplier, .west) == 20)
    }

    @Test func `a node that was stopped goes on with the same`() {
        var till = Self.stocked()
        till.restart()
        till.pay([(.supplier, 10)])
        #expect(till.balance(.supplier, .west) == 10)
    }

    @Test func `what a bank has in hand moves with its operator's key, frozen as it was`() {
        var till = Self.stocked()
        till.pay([(.supplier, 100)])
        till.freeze(Till.address(.west), by: .east)
        let call = IBanks.setOperator(Till.address(.stranger))
        till.runAll([
            Step(.westChecker, IBanks.approve(Keccak256.hash(call))), Step(.west, call),
        ])
        till.pass(seconds: 1)
        #expect(till.balance(.west, .east) == 0 && till.balance(.stranger, .east) == 100)
        #expect(till.tokens.isFrozen(Till.address(.stranger), in: till.id(of: .east)))
        #expect(till.acceptance(.west, .east) == (1_000, 100))
        till.freeze(Till.address(.stranger), by: .east, false)
        till.pay([(.supplier, 1_000)])
        #expect(till.balance(.stranger, .east) == 1_000 && till.balance(.supplier, .east) == 100)
    }

    // MARK: Who may

    @Test func `raising a limit takes the checker, lowering does not`() {
        var till = Till.three()
        let call = IBanks.acceptAtPar(till.token(), 10)
        let hash = Keccak256.hash(call)
        #expect(till.run(.west, call) == .refused(.notApproved(hash)))
        till.run(.westChecker, IBanks.approve(hash))
        #expect(till.run(.west, call) == .done)
        #expect(till.run(.west, call) == .done)
        #expect(till.run(.west, IBanks.acceptAtPar(till.token(), 4)) == .done)
        #expect(till.run(.west, call) == .refused(.notApproved(hash)))
        #expect(till.acceptance(.west, .east).limit == 4)
        let effect = till.run(.west, IBanks.acceptAtPar(till.token(), 0))
        #expect(effect == .done)
        #expect(
            till.bankingEffects == [
                .acceptedAtPar(till.id(of: .west), other: till.id(of: .east), limit: 0)
            ])
    }

    @Test func `what cannot be accepted says why`() {
        var till = Till.three()
        let plain = till.createToken(by: .stranger)
        #expect(
            till.run(.supplier, IBanks.acceptAtPar(till.token(), 1))
                == .refused(.notBank(Till.address(.supplier))))
        #expect(
            till.run(.west, IBanks.acceptAtPar(.banks, 1)) == .refused(.unknownToken(.banks)))
        #expect(
            till.run(.west, IBanks.acceptAtPar(plain, 1)) == .refused(.notThisBanksToken(plain)))
        #expect(
            till.run(.east, IBanks.acceptAtPar(till.token(), 1))
                == .refused(.badDepositToken("other: it is the bank's own")))
    }

    @Test func `moneys of different currencies have nothing to do with each other`() {
        var till = Self.stocked()
        till.createToken(by: .north, decimals: 0)
        let yen = till.token(of: .north)
        till.runAll([Step(.north, IBanks.setDepositToken(yen, "JPY"))])
        #expect(
            till.run(.west, IBanks.acceptAtPar(yen, 1))
                == .refused(.badDepositToken("the bank has no token in JPY")))
        // One wish a currency: the one for yen does not replace that for yuan.
        till.runAll([Step(.supplier, IBanks.setPayoutToken(yen))])
        #expect(
            till.tokens.payoutTokens(of: Till.address(.supplier))
                == [till.id(of: .west), till.id(of: .north)])
        till.pay([(.supplier, 10)])
        #expect(till.balance(.supplier, .west) == 10)
        till.runAll([Step(.supplier, IBanks.setPayoutToken(.zero))])
        #expect(till.tokens.payoutTokens(of: Till.address(.supplier)) == [])
        till.pay([(.supplier, 10)])
        #expect(till.balance(.supplier, .east) == 10)
        #expect(
            till.run(.supplier, IBanks.setPayoutToken(.dip))
                == .refused(.notThisBanksToken(.dip)))
        #expect(
            till.run(.supplier, IBanks.setPayoutToken(.banks))
                == .refused(.unknownToken(.banks)))
    }

    @Test func `who named a payer of fees keeps it`() {
        var till = Self.stocked(rules: Rules())
        let cell = { till.machine.state.cell(TokenID.dip.balanceKey(Till.address(.supplier))) }
        #expect(cell().namesPayoutToken && !cell().namesFeePayer && cell().nonce == 1)
        var writer = ABIWriter(selector: IDip.Function.setFeePayer.rawValue, words: 1)
        writer.write(Till.address(.buyer))
        till.runAll([Step(.supplier, writer.finish(), to: .dip)])
        #expect(cell().namesPayoutToken && cell().namesFeePayer && cell().nonce == 2)
        till.runAll([Step(.supplier, IBanks.setPayoutToken(.zero))])
        #expect(!cell().namesPayoutToken && cell().namesFeePayer && cell().nonce == 3)
    }
}
