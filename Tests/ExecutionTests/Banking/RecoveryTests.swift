import Ledger
import Settlement
import Testing
import Tokens

@testable import Execution

/// A customer that lost its key.
@Suite struct RecoveryTests {
    private typealias Step = Till.Step
    private static let lost = Till.address(.supplier)
    private static let found = Till.address(.spare)
    private static let call = IBanks.recover(lost, found)

    /// East and West attest some customers as one entity each.
    private static func attested(
        by bank: Till.Who = .east, _ accounts: [Address] = [lost, found]
    ) -> Till {
        var till = Till.open(perDay: 1_000_000_000)
        till.run(
            accounts.map {
                Step(bank, EntityTests.attest(EntityTests.entity(), $0), to: .entities)
            })
        till.stock(.buyer, 10_000)
        return till
    }

    private static func approval(_ call: [UInt8] = call) -> [UInt8] {
        IBanks.approve(Keccak256.hash(call))
    }

    /// Opens an order of the buyer's without paying it.
    private static func open(
        _ till: inout Till, _ lines: [(Till.Who, UInt128)], in bank: Till.Who = .east
    ) {
        till.runAll([Step(.buyer, till.opening(lines, in: bank), to: .orders)])
    }

    @Test func `balances, held payouts, claims and wishes move by two keys, visibly`() throws {
        var till = Self.attested()
        let token = till.token()
        till.stock(.supplier, 70)
        till.freeze(.supplier)
        till.stock(.supplier, 5)
        till.freeze(.supplier, false)
        till.runAll([
            Step(.supplier, IBanks.setAutoRedeem(token, minimum: 1_000)),
            Step(.supplier, IBanks.setPayoutToken(token)),
        ])
        Self.open(&till, [(.supplier, 100), (.maker, 10), (.supplier, 30)])
        #expect(till.run(.east, Self.call) == .refused(.notApproved(Keccak256.hash(Self.call))))
        till.run(.eastChecker, Self.approval())
        #expect(till.run(.east, Self.call) == .done(Hash32.zero.bytes))
        #expect(till.balance(.supplier) == 0 && till.held(.supplier) == 0)
        #expect(till.balance(.spare) == 75)
        #expect(till.tokens.autoRedemption(of: Self.lost, in: till.id(of: .east)) == nil)
        #expect(
            till.tokens.autoRedemption(of: Self.found, in: till.id(of: .east))?.minimum == 1_000)
        #expect(till.tokens.payoutTokens(of: Self.lost) == [])
        #expect(till.tokens.payoutTokens(of: Self.found) == [till.id(of: .east)])
        #expect(
            till.bankingEffects == [
                .recovered(
                    from: Self.lost, to: Self.found, reason: Hash32(4, 0, 0, 0), left: 0)
            ])
        let log = try #require(till.bankingEffects.first?.log)
        #expect(log.topics[0] == IBanks.Event.recovered.topic && log.data.count == 64)
        // What is paid from now on comes to the new key.
        till.run(.buyer, Till.funding(1, 140), to: .orders)
        #expect(till.balance(.spare) == 205 && till.balance(.supplier) == 0)
        #expect(till.balance(.maker) == 10)
        // The approval was for one time.
        #expect(till.run(.east, Self.call) == .refused(.notApproved(Keccak256.hash(Self.call))))
    }

    @Test func `claims keep their place among those of others`() {
        var till = Self.attested()
        Self.open(&till, [(.supplier, 100)])
        var move = ABIWriter(selector: IClaims.Function.safeTransferFrom.rawValue, words: 5)
        move.write(Self.lost)
        move.write(Till.address(.maker))
        move.write(word: Hash32(0, 0, 0, 1 << 16))
        move.write(40 as UInt128)
        move.write(bytes: [])
        till.run(.supplier, move.finish(), to: .claims)
        let before = till.machine.orders.view(of: 1)
        till.run(.eastChecker, Self.approval())
        till.run(.east, Self.call)
        till.run(.buyer, Till.funding(1, 50), to: .orders)
        #expect(before != nil)
        // The maker's 40, if they were moved, stand before the customer's.
        #expect(till.balance(.spare) + till.balance(.maker) == 50)
        #expect(till.balance(.supplier) == 0)
    }

    @Test func `more claims than a page go on with the same call, without another approval`() {
        var till = Self.attested()
        let page = Int(BankRegistry.recoveryPage)
        let lines = Array(repeating: (Till.Who.supplier, 1 as UInt128), count: 1_001)
        Self.open(&till, lines)
        till.run(.eastChecker, Self.approval())
        #expect(
            till.run(.east, Self.call)
                == .done(Hash32(0, 0, 0, UInt64(lines.count - page)).bytes))
        // Another aim is another decision.
        let other = IBanks.recover(Self.lost, Till.address(.maker))
        #expect(till.run(.east, other) == .refused(.notAttested(Till.address(.maker))))
        let reason = IBanks.recover(Self.lost, Self.found, reason: .zero)
        #expect(till.run(.east, reason) == .refused(.notApproved(Keccak256.hash(reason))))
        till.restart()
        #expect(till.run(.east, Self.call) == .done(Hash32.zero.bytes))
        till.run(.buyer, Till.funding(1, 1_001), to: .orders)
        #expect(till.balance(.spare) == 1_001)
    }

    @Test func `a bank moves claims on other banks' money only of who chose it`() {
        for hasChosen in [false, true] {
            var till = Self.attested(by: .west)
            if hasChosen {
                till.runAll([Step(.supplier, IBanks.setPayoutToken(till.token(of: .west)))])
            }
            Self.open(&till, [(.supplier, 100)])
            till.run(.westChecker, Self.approval())
            #expect(till.run(.west, Self.call) == .done(Hash32.zero.bytes))
            till.run(.buyer, Till.funding(1, 100), to: .orders)
            #expect(till.balance(.spare) == (hasChosen ? 100 : 0))
            #expect(till.balance(.supplier) == (hasChosen ? 0 : 100))
        }
    }

    @Test func `other banks' money stays, and claims that its token freezes`() {
        var till = Self.attested(by: .west)
        till.runAll([Step(.supplier, IBanks.setPayoutToken(till.token(of: .west)))])
        till.stock(.supplier, 8)
        Self.open(&till, [(.supplier, 100)])
        till.freeze(.supplier)
        till.run(.westChecker, Self.approval())
        #expect(till.run(.west, Self.call) == .done(Hash32.zero.bytes))
        till.run(.buyer, Till.funding(1, 100), to: .orders)
        #expect(till.balance(.supplier) == 8 && till.held(.supplier) == 100)
        #expect(till.balance(.spare) == 0)
    }

    @Test func `only the bank that attests both as one entity, and nobody that a court froze`() {
        var till = Self.attested()
        func refused(_ rejection: Rejection, by bank: Till.Who = .east, _ call: [UInt8] = Self.call)
        {
            till.run(Till.checker(of: bank), Self.approval(call))
            #expect(till.run(bank, call) == .refused(rejection))
        }
        refused(.attestedByOther(Self.lost, bank: Till.address(.east)), by: .west)
        #expect(
            till.run(.maker, Self.call) == .refused(.notBank(Till.address(.maker))))
        refused(.badCalldata("to: it is the same account"), IBanks.recover(Self.lost, Self.lost))
        refused(
            .notAttested(Till.address(.maker)),
            IBanks.recover(Self.lost, Till.address(.maker)))
        let other = EntityTests.entity(lei: IdentifierTests.leis[1], code: "")
        till.run(
            .east, EntityTests.attest(other, Till.address(.maker)), to: .entities)
        refused(
            .badCalldata("to: it is attested under other identifiers"),
            IBanks.recover(Self.lost, Till.address(.maker)))
        till.freeze(.supplier)
        refused(.accountFrozen(Self.lost))
        // What the bank froze because of the loss, it thaws in the same transaction.
        till.run(.eastChecker, Self.approval())
        var thaw = ABIWriter(selector: IToken.Function.freeze.rawValue, words: 2)
        thaw.write(Self.lost)
        thaw.write(false)
        var batch = ABIWriter(selector: IBatch.Function.execute.rawValue, words: 1)
        batch.write(array: [
            IBatch.Call(to: till.token(), data: thaw.finish(), value: 0),
            IBatch.Call(to: .banks, data: Self.call, value: 0),
        ])
        till.stock(.buyer, 1)
        guard case .done = till.run(.east, batch.finish(), to: .batch) else {
            Testing.Issue.record("the batch was refused")
            return
        }
        till.run(.east, EntityTests.revoke(Self.lost), to: .entities)
        refused(.notAttested(Self.lost))
    }
}
