import Ledger
import Settlement
import Testing
import Tokens

@testable import Execution

/// What an operator asked for comes back to its bank, not to a key that the bank has replaced.
@Suite struct SuccessionTests {
    private typealias Step = Till.Step

    /// West took 300 of East's at par, and has asked for 100 of them twice.
    private static func asking() -> Till {
        var till = ParTests.stocked()
        till.pay([(.supplier, 300)])
        let redeem = IBanks.redeem(till.token(), 100)
        till.runAll([Step(.west, redeem), Step(.west, redeem)])
        return till
    }

    /// The bank of an operator gets another key, which its checker wants too.
    private static func rotate(
        _ till: inout Till, _ from: Till.Who, to: Till.Who, checker: Till.Who = .westChecker
    ) {
        let call = IBanks.setOperator(Till.address(to))
        till.runAll([
            Step(checker, IBanks.approve(Keccak256.hash(call))), Step(from, call),
        ])
        till.pass(seconds: 1)
        #expect(till.machine.bankSet.bank(operatedBy: Till.address(to)) != nil)
    }

    private static func transfer(_ amount: UInt128, to: Till.Who) -> [UInt8] {
        var writer = ABIWriter(selector: IToken.Function.transfer.rawValue, words: 2)
        writer.write(Till.address(to))
        writer.write(amount)
        return writer.finish()
    }

    /// It came back to the key that was replaced, as money that this key could give away.
    @Test func `what East rejects or does not answer goes to West's new key, to be redeemed only`()
    {
        var till = Self.asking()
        Self.rotate(&till, .west, to: .stranger)
        #expect(till.balance(.stranger) == 100 && till.balance(.west) == 0)
        till.restart()
        #expect(till.run(.east, IBanks.reject(2, "AC01")) == .done)
        #expect(till.balance(.stranger) == 200 && till.balance(.west) == 0)
        let logs = till.effects.flatMap(\.logs)
        #expect(
            logs.first {
                $0.topics[0] == IToken.Event.transfer.topic && $0.address == till.token()
            }?
            .topics.dropFirst() == [
                Hash32(word: Address.banks), Hash32(word: Till.address(.stranger)),
            ])
        till.pass(seconds: 300_000)
        #expect(till.state(1) == .returned)
        #expect(till.balance(.stranger) == 300 && till.balance(.west) == 0)
        #expect(till.acceptance(.west, .east) == (1_000, 300))
        // Who asked is who asked.
        #expect(till.tokens.redemption(1)?.owner == Till.address(.west))
        #expect(
            till.run(.stranger, Self.transfer(1, to: .buyer), to: till.token())
                == .refused(.takenAtPar(till.token())))
    }

    @Test func `it goes to the key that the bank has then, however many came between`() {
        var till = Self.asking()
        Self.rotate(&till, .west, to: .stranger)
        Self.rotate(&till, .stranger, to: .maker)
        till.run(.maker, IBanks.redeem(till.token(), 50))
        // The first key comes back, and leaves again.
        Self.rotate(&till, .maker, to: .west)
        till.run(.east, IBanks.reject(1, "AC01"))
        #expect(till.balance(.west) == 150)
        till.run(.east, IBanks.reject(3, "AC01"))
        #expect(till.balance(.west) == 200 && till.balance(.maker) == 0)
        till.run(.west, IBanks.redeem(till.token(), 20))
        Self.rotate(&till, .west, to: .spare)
        till.run(.east, IBanks.reject(2, "AC01"))
        till.run(.east, IBanks.reject(4, "AC01"))
        #expect(till.balance(.spare) == 300 && till.balance(.west) == 0)
        // Only where a key had asked since it came is anything noted.
        let bytes = [Till.Who.west, .stranger, .maker].map { who in
            till.machine.state.object(
                BankingKey.successions(of: Till.address(who), in: till.id(of: .east)))?.count
        }
        #expect(bytes == [32, nil, 16])
    }

    @Test func `what a former operator asks for on its own account comes back to it`() {
        var till = Self.asking()
        Self.rotate(&till, .west, to: .stranger)
        till.stock(.west, 40)
        till.run(.west, IBanks.redeem(till.token(), 40))
        till.run(.east, IBanks.reject(3, "AC01"))
        #expect(till.balance(.west) == 40)
        // As the operator of another bank, which takes East's money too, it asks for that one.
        till.accept(.north, .east, 500)
        Self.rotate(&till, .north, to: .west, checker: .spare)
        till.run(.west, IBanks.redeem(till.token(), 40))
        Self.rotate(&till, .west, to: .maker, checker: .spare)
        till.run(.east, IBanks.reject(4, "AC01"))
        #expect(till.balance(.maker) == 40 && till.balance(.west) == 0)
        // What it had asked for as West's is West's.
        till.run(.east, IBanks.reject(1, "AC01"))
        #expect(till.balance(.stranger) == 200 && till.balance(.maker) == 40)
    }

    @Test func `money that the bank never took at par stays the key's, in hand and on its way`() {
        var till = Till.three()
        till.stock(.west, 70)
        till.run(.west, IBanks.redeem(till.token(), 30))
        Self.rotate(&till, .west, to: .stranger)
        // Taken only from now on.
        let call = IBanks.acceptAtPar(till.token(), 500)
        till.runAll([
            Step(.westChecker, IBanks.approve(Keccak256.hash(call))), Step(.stranger, call),
        ])
        till.run(.east, IBanks.reject(1, "AC01"))
        #expect(till.balance(.west) == 70 && till.balance(.stranger) == 0)
    }

    @Test func `what comes back to a frozen operator is held, and held for its successor`() {
        var till = Self.asking()
        till.freeze(Till.address(.west), by: .east)
        till.run(.east, IBanks.reject(1, "AC01"))
        #expect(till.held(.west) == 100)
        Self.rotate(&till, .west, to: .stranger)
        // What is held goes with what is in hand, as frozen as it was.
        #expect(till.held(.west) == 0 && till.balance(.west) == 0)
        #expect(till.balance(.stranger) == 200)
        #expect(till.tokens.isFrozen(Till.address(.stranger), in: till.id(of: .east)))
        till.run(.east, IBanks.reject(2, "AC01"))
        #expect(till.held(.stranger) == 100 && till.held(.west) == 0)
        till.freeze(Till.address(.west), by: .east, false)
        till.freeze(Till.address(.stranger), by: .east, false)
        var release = ABIWriter(selector: IToken.Function.releaseHeld.rawValue, words: 1)
        release.write(Till.address(.stranger))
        till.run(.buyer, release.finish(), to: till.token())
        #expect(till.balance(.stranger) == 300 && till.acceptance(.west, .east) == (1_000, 300))
    }

    @Test func `a bank that left gets back what it asked for`() {
        var till = Self.asking()
        Self.rotate(&till, .west, to: .stranger)
        till.decide(.removeBank(Till.address(.stranger)))
        till.run(.east, IBanks.reject(1, "AC01"))
        #expect(till.balance(.stranger) == 200 && till.balance(.west) == 0)
    }
}
