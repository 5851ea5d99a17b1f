import Ledger
import Testing
import Tokens

@testable import Execution

/// Money leaves the ledger: a redemption ends in exactly one way.
@Suite struct RedemptionTests {
    private typealias Step = Till.Step
    private static let days: UInt64 = 86_400

    /// A till where the supplier has 1,000 of East's money.
    private static func stocked() -> Till {
        var till = Till.open()
        till.run(.east, IBanks.issue(till.token(), Till.address(.supplier), 1_000, 1))
        return till
    }

    @Test func `a redemption takes the tokens at once, and paying it destroys them`() throws {
        var till = Self.stocked()
        let token = till.token()
        #expect(
            till.run(.supplier, IBanks.redeem(token, 400)) == .done(Hash32(0, 0, 0, 1).bytes))
        #expect(till.balance(.supplier) == 600 && till.balance(.banks) == 400)
        let redemption = try #require(till.tokens.redemption(1))
        #expect(redemption.state == .requested && redemption.owner == Till.address(.supplier))
        #expect(redemption.deadline == till.time / 1000 + 3 * Self.days)
        #expect(till.run(.east, IBanks.instruct(1)) == .done)
        #expect(till.run(.east, IBanks.settle(1)) == .done)
        #expect(till.state(1) == .settled)
        #expect(till.supply() == 600 && till.balance(.banks) == 0)
        #expect(till.machine.nextDue == nil)
        var reader = ABIReader(
            till.ask(IBanks.call(.redemption, words: 1) { $0.write(1 as UInt64) }))
        #expect(try reader.read(IBanks.Redemption.self) == .settled)
        #expect(try reader.address() == token)
        #expect(try reader.address() == Till.address(.supplier))
        #expect(try reader.amount() == 400 && reader.word() == IBanks.payout)
    }

    @Test func `the way of a redemption has no other turns`() {
        var till = Self.stocked()
        let token = till.token()
        till.run(.supplier, IBanks.redeem(token, 1))
        // What may happen in each state, and what state is in the way otherwise.
        #expect(till.run(.east, IBanks.settle(1)) == .refused(.wrongRedemptionState(1, .requested)))
        till.run(.east, IBanks.instruct(1))
        #expect(
            till.run(.east, IBanks.instruct(1)) == .refused(.wrongRedemptionState(1, .instructed)))
        till.run(.east, IBanks.settle(1))
        for data in [IBanks.instruct(1), IBanks.settle(1), IBanks.reject(1)] {
            #expect(till.run(.east, data) == .refused(.wrongRedemptionState(1, .settled)))
        }
        till.run(.supplier, IBanks.redeem(token, 1))
        #expect(till.run(.east, IBanks.reject(2)) == .done)
        for data in [IBanks.instruct(2), IBanks.settle(2), IBanks.reject(2)] {
            #expect(till.run(.east, data) == .refused(.wrongRedemptionState(2, .rejected)))
        }
        till.run(.supplier, IBanks.redeem(token, 1))
        till.run(.east, IBanks.instruct(3))
        #expect(till.run(.east, IBanks.reject(3)) == .done)
        till.run(.supplier, IBanks.redeem(token, 1))
        till.pass(seconds: 3 * Self.days)
        #expect(till.state(4) == .returned)
        for data in [IBanks.instruct(4), IBanks.settle(4), IBanks.reject(4)] {
            #expect(till.run(.east, data) == .refused(.wrongRedemptionState(4, .returned)))
        }
        #expect(till.balance(.supplier) == 999 && till.supply() == 999)
        #expect(till.run(.east, IBanks.settle(5)) == .refused(.unknownRedemption(5)))
    }

    @Test func `redeeming is refused in this order`() {
        var till = Self.stocked()
        let token = till.token()
        let plain = till.createToken(by: .north)
        let owner = Till.address(.supplier)
        func attempt(_ token: Address, _ amount: UInt128, payout: Hash32 = IBanks.payout)
            -> Till.Answer
        { till.run(.supplier, IBanks.redeem(token, amount, payout: payout)) }
        #expect(attempt(owner, 0, payout: .zero) == .refused(.unknownToken(owner)))
        #expect(
            attempt(plain, 0, payout: .zero)
                == .refused(.badCalldata("payout: it names no account")))
        #expect(attempt(plain, 0) == .refused(.notThisBanksToken(plain)))
        till.freeze(.supplier)
        till.pause()
        #expect(attempt(token, 0) == .refused(.zeroAmount))
        #expect(
            attempt(token, 1_001)
                == .refused(.erc20InsufficientBalance(sender: owner, balance: 1_000, needed: 1_001))
        )
        #expect(attempt(token, 1_000) == .refused(.tokenPaused))
        till.pause(false)
        #expect(attempt(token, 1_000) == .refused(.accountFrozen(owner)))
        till.freeze(.supplier, false)
        #expect(attempt(token, 1_000) == .done(Hash32(0, 0, 0, 1).bytes))
    }

    @Test func `only the token's bank ends a redemption`() {
        var till = Self.stocked()
        till.run(.supplier, IBanks.redeem(till.token(), 10))
        let token = till.token()
        for (who, refusal) in [
            (Till.Who.stranger, Rejection.notBank(Till.address(.stranger))),
            (.supplier, .notBank(Till.address(.supplier))),
            (.eastChecker, .notBank(Till.address(.eastChecker))),
            (.west, .notThisBanksToken(token)),
        ] {
            for data in [IBanks.instruct(1), IBanks.settle(1), IBanks.reject(1)] {
                #expect(till.run(who, data) == .refused(refusal))
            }
        }
        // A bank is told that there is no such redemption before it is asked whose it is.
        #expect(till.run(.west, IBanks.reject(9)) == .refused(.unknownRedemption(9)))
    }

    @Test func `a rejection says why, in few words, and gives the tokens back`() throws {
        var till = Self.stocked()
        till.run(.supplier, IBanks.redeem(till.token(), 10))
        let long = String(repeating: "x", count: 257)
        #expect(
            till.run(.east, IBanks.reject(1, long))
                == .refused(.badCalldata("reason: at most 256 bytes")))
        till.run(.east, IBanks.reject(1, "账户已注销"))
        #expect(till.balance(.supplier) == 1_000)
        let log = try #require(till.effects.first { $0.token == till.id(of: .east) }?.logs.last)
        var reader = ABIReader(log.data)
        #expect(try reader.string() == "账户已注销")
        #expect(log.topics == [IBanks.Event.redemptionRejected.topic, Hash32(0, 0, 0, 1)])
    }

    @Test func `a redemption of an owner who was frozen meanwhile is paid, or held`() {
        var till = Self.stocked()
        let token = till.token()
        for _ in 0..<3 { till.run(.supplier, IBanks.redeem(token, 100)) }
        till.run(.east, IBanks.instruct(1))
        till.freeze(.supplier)
        #expect(till.run(.east, IBanks.settle(1)) == .done)
        #expect(till.run(.east, IBanks.reject(2)) == .done)
        #expect(till.held(.supplier) == 100 && till.balance(.supplier) == 700)
        till.pass(seconds: 3 * Self.days)
        #expect(till.state(3) == .returned)
        #expect(till.held(.supplier) == 200 && till.balance(.banks) == 0)
        // What is held can be taken by a court's order, what is in flight could not.
        let reason = Hash32(5, 5, 5, 5)
        var writer = ABIWriter(selector: IToken.Function.clawback.rawValue, words: 4)
        writer.write(Till.address(.supplier))
        writer.write(Till.address(.east))
        writer.write(900 as UInt128)
        writer.write(word: reason)
        #expect(till.run(.east, writer.finish(), to: token) == .done)
        #expect(till.balance(.east) == 900 && till.held(.supplier) == 0)
    }

    @Test func `while the token is paused the bank still ends what is in flight`() {
        var till = Self.stocked()
        for _ in 0..<2 { till.run(.supplier, IBanks.redeem(till.token(), 100)) }
        till.pause()
        till.run(.east, IBanks.instruct(1))
        #expect(till.run(.east, IBanks.settle(1)) == .done)
        #expect(till.run(.east, IBanks.reject(2)) == .done)
        #expect(till.held(.supplier) == 100 && till.supply() == 900)
    }

    @Test func `what is in flight is nobody's to take back`() {
        var till = Self.stocked()
        till.run(.supplier, IBanks.redeem(till.token(), 100))
        var writer = ABIWriter(selector: IToken.Function.clawback.rawValue, words: 4)
        writer.write(Address.banks)
        writer.write(Till.address(.east))
        writer.write(100 as UInt128)
        writer.write(word: .zero)
        #expect(
            till.run(.east, writer.finish(), to: till.token())
                == .refused(.erc20InvalidSender(.banks)))
        var transfer = ABIWriter(selector: IToken.Function.transfer.rawValue, words: 2)
        transfer.write(Address.banks)
        transfer.write(1 as UInt128)
        #expect(
            till.run(.supplier, transfer.finish(), to: till.token())
                == .refused(.erc20InvalidReceiver(.banks)))
    }

    // MARK: Deadlines

    @Test func `what the bank does not instruct returns at the deadline, and never if it did`() {
        var till = Self.stocked()
        let token = till.token()
        till.run(.supplier, IBanks.redeem(token, 1))
        till.run(.supplier, IBanks.redeem(token, 2))
        let deadline = till.tokens.redemption(1)?.deadline ?? 0
        #expect(till.machine.nextDue == deadline)
        till.run(.east, IBanks.instruct(1))
        #expect(till.machine.nextDue == deadline + 1)
        till.time = (deadline + 1) * 1000 - 1_000
        till.pass(seconds: 0)
        #expect(till.state(2) == .requested)
        till.pass(seconds: 1)
        #expect(till.state(2) == .returned && till.state(1) == .instructed)
        #expect(
            till.effects == [
                .deposit(
                    .returned(
                        2, token: till.id(of: .east), owner: Till.address(.supplier), amount: 2,
                        isHeld: false))
            ])
        #expect(till.machine.nextDue == nil)
        till.pass(seconds: 30 * Self.days)
        #expect(till.state(1) == .instructed)
        #expect(till.run(.east, IBanks.settle(1)) == .done)
        #expect(till.supply() == 999)
    }

    @Test func `in the second of its deadline it has returned before the bank can instruct it`() {
        var till = Self.stocked()
        till.run(.supplier, IBanks.redeem(till.token(), 1))
        till.time = (till.tokens.redemption(1)?.deadline ?? 0) * 1000 - 1_000
        #expect(
            till.run(.east, IBanks.instruct(1)) == .refused(.wrongRedemptionState(1, .returned)))
    }

    @Test func `one that is overdue, but waits for the next block to return, cannot be paid`() {
        // Ten a block return.
        var till = Till.open(rules: Rules(gasPrice: 0, blockGasLimit: 1_000_000))
        till.run(.east, IBanks.issue(till.token(), Till.address(.supplier), 1_000, 1))
        for _ in 0..<12 { till.run(.supplier, IBanks.redeem(till.token(), 1)) }
        till.time += 4 * Self.days * 1000
        let answers = till.run([
            Step(.east, IBanks.instruct(11)), Step(.east, IBanks.reject(12)),
        ])
        #expect(till.state(10) == .returned && till.state(11) == .requested)
        #expect(
            answers == [
                .refused(.wrongRedemptionState(11, .returned)),
                .refused(.wrongRedemptionState(12, .returned)),
            ])
        #expect((till.machine.nextDue ?? .max) < till.time / 1000)
        till.pass(seconds: 1)
        #expect(till.state(11) == .returned && till.state(12) == .returned)
        #expect(till.machine.nextDue == nil)
    }

    @Test func `an instruction that is undone leaves the deadline as it was`() {
        var till = Self.stocked()
        till.run(.supplier, IBanks.redeem(till.token(), 1))
        let deadline = till.tokens.redemption(1)?.deadline
        var batch = ABIWriter(selector: IBatch.Function.execute.rawValue, words: 1)
        batch.write(
            array: [IBanks.instruct(1), IBanks.settle(2)].map {
                IBatch.Call(to: .banks, data: $0, value: 0)
            })
        guard case .refused = till.run(.east, batch.finish(), to: .batch) else {
            Testing.Issue.record("it was done")
            return
        }
        #expect(till.machine.nextDue == deadline)
        till.pass(seconds: 3 * Self.days)
        #expect(till.state(1) == .returned)
    }

    @Test func `they return in the order of their deadlines, and keep the one they were given`() {
        var till = Till.open(rules: Rules(gasPrice: 0, redemptionDeadline: 1_000))
        let token = till.token()
        till.run(.east, IBanks.issue(token, Till.address(.supplier), 1_000, 1))
        till.run(.supplier, IBanks.redeem(token, 1))
        // Two banks of three want a shorter time.
        let propose = Council.propose(.setParameter(name: "redemptionDeadline", value: 100))
        till.run([Step(.east, propose, to: .treasury)])
        till.run([Step(.west, Council.vote(1), to: .treasury)])
        till.pass(seconds: 1)
        #expect(till.machine.rules.redemptionDeadline == 100)
        till.run(.supplier, IBanks.redeem(token, 2))
        till.run([
            Step(.supplier, IBanks.redeem(token, 3)), Step(.supplier, IBanks.redeem(token, 4)),
        ])
        till.restart()
        till.pass(seconds: 2_000)
        let returned = till.effects.compactMap { effect -> UInt64? in
            if case .deposit(.returned(let id, _, _, _, _)) = effect { return id }
            return nil
        }
        #expect(returned == [2, 3, 4, 1])
    }

    @Test func `a node that was stopped returns what one that was not does`() {
        var till = Self.stocked()
        for amount in 1...5 as ClosedRange<UInt128> {
            till.run(.supplier, IBanks.redeem(till.token(), amount))
        }
        till.run(.east, IBanks.instruct(3))
        var other = till
        other.restart()
        #expect(other.machine.nextDue == till.machine.nextDue)
        other.pass(seconds: 4 * Self.days)
        // Both are made over the same store: compare what was written.
        #expect(other.effects.count == 4)
        #expect(other.state(3) == .instructed && other.balance(.supplier) == 997)
    }

    @Test func `a trial of a redemption leaves no deadline behind`() {
        let till = Self.stocked()
        for _ in 0..<500 {
            _ = till.machine.simulate(
                sender: Till.address(.supplier), to: .banks, value: 0,
                data: IBanks.redeem(till.token(), 1), gasLimit: 1_000_000, now: till.time / 1000)
        }
        #expect(till.machine.nextDue == nil && till.tokens.redemptionCount == 0)
    }

    // MARK: Looking

    @Test func `an owner's redemptions are listed newest first, page by page`() throws {
        var till = Self.stocked()
        let token = till.token()
        till.run(.east, IBanks.issue(token, Till.address(.maker), 100, 2))
        for index in 0..<7 {
            till.run(index % 3 == 2 ? .maker : .supplier, IBanks.redeem(token, 1))
        }
        func page(_ who: Till.Who, _ from: UInt64, _ count: UInt16) throws -> [UInt64] {
            var reader = ABIReader(
                till.ask(
                    IBanks.call(.redemptions, words: 3) {
                        $0.write(Till.address(who))
                        $0.write(from)
                        $0.write(count)
                    }))
            return try reader.array(of: UInt64.self)
        }
        #expect(try page(.supplier, 0, 10) == [7, 5, 4, 2, 1])
        #expect(try page(.supplier, 0, 2) == [7, 5])
        #expect(try page(.supplier, 5, 2) == [4, 2])
        #expect(try page(.supplier, 2, 2) == [1])
        #expect(try page(.supplier, 1, 2) == [])
        #expect(try page(.supplier, 6, 2) == [5, 4])
        #expect(try page(.maker, 0, 10) == [6, 3])
        #expect(try page(.stranger, 0, 10) == [])
    }
}
