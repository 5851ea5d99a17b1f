import Ledger
import Settlement
import Testing
import Tokens

@testable import Execution

/// What becomes of other banks' money that a bank took at par.
@Suite struct InHandTests {
    private typealias Step = Till.Step

    /// What ERC-20 functions answer.
    private static let yes = Till.Answer.done(Hash32(0, 0, 0, 1).bytes)

    private static func transfer(
        _ amount: UInt128, to: Till.Who, from: Till.Who? = nil
    ) -> [UInt8] {
        let function = from == nil ? IToken.Function.transfer : .transferFrom
        var writer = ABIWriter(selector: function.rawValue, words: from == nil ? 2 : 3)
        if let from { writer.write(Till.address(from)) }
        writer.write(Till.address(to))
        writer.write(amount)
        return writer.finish()
    }

    /// Giving it away makes room: with one key West's own token would be made without end, for nothing.
    @Test func `what a bank took at par its operator can only redeem`() {
        var till = ParTests.stocked()
        let east = till.token()
        // What came in another way is the operator's, until it has taken at par.
        till.stock(.west, 10)
        #expect(till.run(.west, Self.transfer(4, to: .buyer), to: east) == Self.yes)
        till.pay([(.supplier, 994)])
        #expect(till.acceptance(.west, .east) == (1_000, 1_000))
        let refused = Till.Answer.refused(.takenAtPar(east))
        #expect(till.run(.west, Self.transfer(994, to: .buyer), to: east) == refused)
        var batch = ABIWriter(selector: IToken.Function.transferBatch.rawValue, words: 2)
        batch.write(array: [Till.address(.buyer)])
        batch.write(array: [994 as UInt128])
        #expect(till.run(.west, batch.finish(), to: east) == refused)
        var approve = ABIWriter(selector: IToken.Function.approve.rawValue, words: 2)
        approve.write(Till.address(.buyer))
        approve.write(994 as UInt128)
        till.runAll([Step(.west, approve.finish(), to: east)])
        let taking = Self.transfer(994, to: .buyer, from: .west)
        #expect(till.run(.buyer, taking, to: east) == refused)
        // Nor does it pay orders with it, or stand in for those who do not.
        let answers = till.pay([(.maker, 994)], by: .west)
        #expect(answers[1] == refused)
        var open = ABIWriter(selector: IOrders.Function.open.rawValue, words: 1)
        open.write(
            IOrders.Terms(
                token: east, buyer: Till.address(.buyer), dueAt: till.time / 1000 + 100,
                lines: [.init(tier: 1, payee: Till.address(.maker), amount: 994)]))
        var guarantee = ABIWriter(selector: IOrders.Function.guarantee.rawValue, words: 2)
        guarantee.write(till.machine.orders.count + 1)
        guarantee.write(994 as UInt128)
        let locked = till.run([
            Step(.buyer, open.finish(), to: .orders), Step(.west, guarantee.finish(), to: .orders),
        ])
        #expect(locked[1] == refused)
        till.pay([(.supplier, 1)])
        #expect(till.supply(.west) == 994 && till.balance(.supplier, .east) == 1)
        // What East pays out for is gone from West's hands; what East rejects is there again, and no freer.
        let redeem = IBanks.redeem(east, 994)
        till.runAll([Step(.west, redeem)])
        #expect(till.acceptance(.west, .east) == (1_000, 6))
        #expect(till.run(.east, IBanks.reject(1, "AC01")) == .done)
        #expect(till.acceptance(.west, .east) == (1_000, 1_000))
        #expect(till.run(.west, Self.transfer(994, to: .buyer), to: east) == refused)
    }

    /// Taken back, it would make room as well: East, with one key, would have West issue without end.
    @Test func `what a bank took at par its issuer does not take back`() {
        var till = ParTests.stocked()
        let east = till.token()
        till.pay([(.supplier, 1_000)])
        var clawback = ABIWriter(selector: IToken.Function.clawback.rawValue, words: 4)
        clawback.write(Till.address(.west))
        clawback.write(Till.address(.buyer))
        clawback.write(1_000 as UInt128)
        clawback.write(word: .zero)
        let refused = Till.Answer.refused(.takenAtPar(east))
        #expect(till.run(.east, clawback.finish(), to: east) == refused)
        // Nor with two keys, as if West were a customer that lost its key.
        till.runAll(
            [Till.Who.west, .maker].map {
                Step(
                    .east, EntityTests.attest(EntityTests.entity(), Till.address($0)), to: .entities
                )
            })
        let recover = IBanks.recover(Till.address(.west), Till.address(.maker))
        till.run(.eastChecker, IBanks.approve(Keccak256.hash(recover)))
        #expect(till.run(.east, recover) == refused)
        #expect(till.acceptance(.west, .east) == (1_000, 1_000))
        // What is anybody's is taken back as ever.
        till.pay([(.maker, 10)])
        var other = ABIWriter(selector: IToken.Function.clawback.rawValue, words: 4)
        other.write(Till.address(.maker))
        other.write(Till.address(.buyer))
        other.write(10 as UInt128)
        other.write(word: .zero)
        #expect(till.run(.east, other.finish(), to: east) == .done)
    }

    /// Given back while East's token is paused, it is held; released, it looked like a payout.
    @Test func `what a bank took at par is not converted into a third bank's money`() {
        var till = ParTests.stocked()
        till.accept(.north, .east, 5_000)
        till.pay([(.supplier, 1_000)])
        till.runAll([
            Step(.west, IBanks.setPayoutToken(till.token(of: .north))),
            Step(.west, IBanks.redeem(till.token(), 1_000)),
        ])
        till.pause(by: .east)
        till.run(.east, IBanks.reject(1, "AC01"))
        #expect(till.held(.west, .east) == 1_000)
        till.pause(by: .east, false)
        var release = ABIWriter(selector: IToken.Function.releaseHeld.rawValue, words: 1)
        release.write(Till.address(.west))
        #expect(till.run(.buyer, release.finish(), to: till.token()) == .done)
        #expect(till.balance(.west, .north) == 0 && till.conversions.isEmpty)
        #expect(till.acceptance(.west, .east) == (1_000, 1_000))
    }

    @Test func `a new operator's key can only redeem it either`() {
        var till = ParTests.stocked()
        till.pay([(.supplier, 100)])
        let call = IBanks.setOperator(Till.address(.stranger))
        till.runAll([
            Step(.westChecker, IBanks.approve(Keccak256.hash(call))), Step(.west, call),
        ])
        till.pass(seconds: 1)
        till.restart()
        let away = Self.transfer(100, to: .buyer)
        #expect(till.run(.stranger, away, to: till.token()) == .refused(.takenAtPar(till.token())))
        // The old key is anybody's by now.
        till.stock(.west, 100)
        #expect(till.run(.west, away, to: till.token()) == Self.yes)
    }
}
