import Ledger
import Settlement
import Testing
import Tokens

@testable import Execution

/// Payouts of orders that leave the ledger by themselves.
@Suite struct AutoRedeemTests {
    private typealias Step = Till.Step

    /// A till where the buyer has 10,000 of East's money.
    private static func stocked(rules: Rules = Rules(gasPrice: 0)) -> Till {
        var till = Till.open(rules: rules)
        till.run(.east, IBanks.issue(till.token(), Till.address(.buyer), 10_000, 1))
        return till
    }

    private static func open(_ till: Till, _ lines: [(Till.Who, UInt128)]) -> [UInt8] {
        var writer = ABIWriter(selector: IOrders.Function.open.rawValue, words: 1)
        writer.write(
            IOrders.Terms(
                token: till.token(), buyer: Till.address(.buyer),
                lines: lines.map {
                    .init(tier: 1, payee: Till.address($0.0), amount: $0.1)
                }))
        return writer.finish()
    }

    private static func fund(_ order: UInt64, _ amount: UInt128) -> [UInt8] {
        var writer = ABIWriter(selector: IOrders.Function.fund.rawValue, words: 2)
        writer.write(order)
        writer.write(amount)
        return writer.finish()
    }

    @Test func `a supplier does nothing, and its money leaves the ledger`() {
        var till = Self.stocked()
        let token = till.token()
        till.run(.supplier, IBanks.setAutoRedeem(token))
        till.runAll([
            Step(
                .buyer, Self.open(till, [(.supplier, 700), (.maker, 300), (.supplier, 50)]),
                to: .orders),
            Step(.buyer, Self.fund(1, 1_050), to: .orders),
        ])
        // Two lines of one order make one redemption; who has said nothing keeps the money.
        #expect(till.tokens.redemptionCount == 1)
        #expect(till.tokens.redemption(1)?.amount == 750)
        #expect(till.tokens.redemption(1)?.payout == IBanks.payout)
        #expect(till.balance(.supplier) == 0 && till.balance(.maker) == 300)
        let requested = till.effects.filter {
            if case .deposit(.requested(_, _, _, _, _, _, true)) = $0 { true } else { false }
        }
        #expect(requested.count == 1)
        #expect(till.machine.nextDue == (till.tokens.redemption(1)?.deadline ?? 0))
    }

    @Test func `below the minimum it stays, and then all of it goes`() {
        var till = Self.stocked()
        till.run(.supplier, IBanks.setAutoRedeem(till.token(), minimum: 500))
        till.runAll([
            Step(.buyer, Self.open(till, [(.supplier, 1_000)]), to: .orders),
            Step(.buyer, Self.fund(1, 499), to: .orders),
        ])
        #expect(till.tokens.redemptionCount == 0 && till.balance(.supplier) == 499)
        till.run(.buyer, Self.fund(1, 1), to: .orders)
        #expect(till.tokens.redemption(1)?.amount == 500 && till.balance(.supplier) == 0)
    }

    @Test func `nothing else than a payout sets it off`() {
        var till = Self.stocked()
        let token = till.token()
        till.run(.supplier, IBanks.setAutoRedeem(token))
        till.run(.east, IBanks.issue(token, Till.address(.supplier), 100, 2))
        var transfer = ABIWriter(selector: IToken.Function.transfer.rawValue, words: 2)
        transfer.write(Till.address(.supplier))
        transfer.write(1 as UInt128)
        till.run(.buyer, transfer.finish(), to: token)
        #expect(till.tokens.redemptionCount == 0 && till.balance(.supplier) == 101)
        till.run(.supplier, IBanks.redeem(token, 101))
        // What the bank rejects stays with its owner, or it would go to and fro for ever.
        till.run(.east, IBanks.reject(1))
        #expect(till.tokens.redemptionCount == 1 && till.balance(.supplier) == 101)
        till.pass(seconds: 1)
        #expect(till.tokens.redemptionCount == 1)
        till.run(.supplier, IBanks.redeem(token, 1))
        till.pass(seconds: 4 * 86_400)
        #expect(till.state(2) == .returned && till.tokens.redemptionCount == 2)
    }

    @Test func `it can be changed and ended, and is asked for with a deposit token only`() {
        var till = Self.stocked()
        let token = till.token()
        let plain = till.createToken(by: .north)
        #expect(
            till.run(.supplier, IBanks.setAutoRedeem(plain))
                == .refused(.notThisBanksToken(plain)))
        #expect(
            till.run(.supplier, IBanks.setAutoRedeem(.banks)) == .refused(.unknownToken(.banks)))
        #expect(
            till.run(.supplier, IBanks.setAutoRedeem(.dip)) == .refused(.notThisBanksToken(.dip)))
        till.run(.supplier, IBanks.setAutoRedeem(token))
        func payout() -> [UInt8] {
            till.ask(
                IBanks.call(.autoRedeem, words: 2) {
                    $0.write(Till.address(.supplier))
                    $0.write(token)
                })
        }
        #expect(payout() == IBanks.payout.bytes)
        till.run(.supplier, IBanks.setAutoRedeem(token, payout: .zero))
        #expect(payout() == Hash32.zero.bytes)
        till.runAll([
            Step(.buyer, Self.open(till, [(.supplier, 10)]), to: .orders),
            Step(.buyer, Self.fund(1, 10), to: .orders),
        ])
        #expect(till.balance(.supplier) == 10 && till.tokens.redemptionCount == 0)
    }

    @Test func `a payout that is held redeems nothing until it is released`() {
        var till = Self.stocked()
        let token = till.token()
        till.run(.supplier, IBanks.setAutoRedeem(token))
        till.freeze(.supplier)
        till.runAll([
            Step(.buyer, Self.open(till, [(.supplier, 10), (.maker, 5)]), to: .orders),
            Step(.buyer, Self.fund(1, 15), to: .orders),
        ])
        #expect(till.held(.supplier) == 10 && till.tokens.redemptionCount == 0)
        till.freeze(.supplier, false)
        var release = ABIWriter(selector: IToken.Function.releaseHeld.rawValue, words: 1)
        release.write(Till.address(.supplier))
        till.run(.stranger, release.finish(), to: token)
        #expect(till.tokens.redemption(1)?.amount == 10 && till.balance(.supplier) == 0)
    }

    @Test func `a cascade that goes on in later blocks redeems as it pays`() {
        var till = Self.stocked(rules: Rules(gasPrice: 0, stepLimit: 2))
        let token = till.token()
        till.run(.supplier, IBanks.setAutoRedeem(token))
        till.run(.maker, IBanks.setAutoRedeem(token))
        till.runAll([
            Step(
                .buyer,
                Self.open(
                    till, [(.supplier, 1), (.maker, 2), (.supplier, 4), (.maker, 8), (.spare, 16)]),
                to: .orders),
            Step(.buyer, Self.fund(1, 31), to: .orders),
        ])
        #expect(till.tokens.redemptionCount == 2)
        #expect(till.machine.nextDue == 0)
        till.pass(seconds: 1)
        #expect(till.tokens.redemptionCount == 4)
        let amounts = (1...4).map { till.tokens.redemption($0)?.amount ?? 0 }
        #expect(amounts == [1, 2, 4, 8])
        #expect(till.balance(.spare) == 16 && till.balance(.supplier) == 0)
        #expect(till.tokens.redemption(3)?.deadline == till.time / 1000 + 259_200)
    }

    @Test func `a refused transaction redeems nothing, not even what others are paid after it`() {
        var till = Self.stocked()
        let token = till.token()
        till.run(.supplier, IBanks.setAutoRedeem(token))
        till.run(.east, IBanks.issue(token, Till.address(.supplier), 7, 2))
        till.run(.buyer, Self.open(till, [(.supplier, 10), (.maker, 10)]), to: .orders)
        // Pays, and then fails.
        var batch = ABIWriter(selector: IBatch.Function.execute.rawValue, words: 1)
        batch.write(array: [
            IBatch.Call(to: .orders, data: Self.fund(1, 20), value: 0),
            IBatch.Call(to: .orders, data: Self.fund(1, 20), value: 0),
        ])
        let failing = batch.finish()
        guard case .refused = till.run(.buyer, failing, to: .batch) else {
            Testing.Issue.record("it was done")
            return
        }
        #expect(till.tokens.redemptionCount == 0 && till.balance(.supplier) == 7)
        let trial = till.machine.simulate(
            [failing, Self.fund(1, 20)].map {
                SimulatedCall(
                    sender: Till.address(.buyer), to: $0 == failing ? .batch : .orders, value: 0,
                    data: $0, gasLimit: 1_000_000)
            }, now: till.time / 1000)
        #expect(trial.count == 2 && (try? trial[1].result.get()) != nil)
        #expect(till.tokens.redemptionCount == 0 && till.balance(.supplier) == 7)
        _ = till.machine.simulate(
            sender: Till.address(.buyer), to: .batch, value: 0, data: failing,
            gasLimit: 1_000_000, now: till.time / 1000)
        till.run(.stranger, IBanks.setAutoRedeem(token))
        #expect(till.tokens.redemptionCount == 0 && till.balance(.supplier) == 7)
        till.run(.buyer, Self.fund(1, 20), to: .orders)
        #expect(till.tokens.redemption(1)?.amount == 17)
    }

    @Test func `calls of 0x…d105 go together in a batch, all or nothing`() {
        var till = Self.stocked()
        let token = till.token()
        func batch(_ calls: [UInt8]...) -> [UInt8] {
            var writer = ABIWriter(selector: IBatch.Function.execute.rawValue, words: 1)
            writer.write(array: calls.map { IBatch.Call(to: .banks, data: $0, value: 0) })
            return writer.finish()
        }
        till.run(.buyer, batch(IBanks.redeem(token, 1), IBanks.redeem(token, 2)), to: .batch)
        #expect(till.tokens.redemptionCount == 2)
        guard
            case .refused = till.run(
                .east, batch(IBanks.instruct(1), IBanks.settle(1), IBanks.settle(2)), to: .batch)
        else {
            Testing.Issue.record("it was done")
            return
        }
        #expect(till.state(1) == .requested && till.machine.nextDue != nil)
        till.run(
            .east,
            batch(IBanks.instruct(1), IBanks.settle(1), IBanks.instruct(2), IBanks.settle(2)),
            to: .batch)
        #expect(till.state(1) == .settled && till.state(2) == .settled)
        #expect(till.supply() == 9_997 && till.machine.nextDue == nil)
        // The checker approves the inner call, not the batch.
        let issue = IBanks.issue(token, Till.address(.buyer), 2_000_000, 9)
        till.run(.eastChecker, IBanks.approve(Keccak256.hash(issue)))
        guard case .done = till.run(.east, batch(issue), to: .batch) else {
            Testing.Issue.record("it was refused")
            return
        }
    }
}
