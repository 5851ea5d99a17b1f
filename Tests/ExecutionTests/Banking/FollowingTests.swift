import Ledger
import Testing
import Tokens

@testable import Execution

/// What a customer asked for under a key that it lost comes back to the key that it has.
@Suite struct FollowingTests {
    private typealias Step = Till.Step

    /// East attests some keys as one entity; the supplier has 100 and has asked for 30 and 20 of it.
    private static func asking(_ keys: [Till.Who] = [.supplier, .spare, .maker]) -> Till {
        var till = Till.open(perDay: 1_000_000_000)
        till.run(
            keys.map {
                Step(
                    .east, EntityTests.attest(EntityTests.entity(), Till.address($0)), to: .entities
                )
            })
        till.stock(.supplier, 100)
        let token = till.token()
        till.runAll([
            Step(.supplier, IBanks.redeem(token, 30)), Step(.supplier, IBanks.redeem(token, 20)),
        ])
        return till
    }

    private static func recover(_ till: inout Till, _ from: Till.Who, to: Till.Who) {
        let call = IBanks.recover(Till.address(from), Till.address(to))
        till.runAll([
            Step(.eastChecker, IBanks.approve(Keccak256.hash(call))), Step(.east, call),
        ])
    }

    /// It came back to the lost key, whose finder could give it away.
    @Test func `what the bank rejects or does not answer goes to the new key`() {
        var till = Self.asking()
        till.runAll([Step(.east, IBanks.instruct(1))])
        Self.recover(&till, .supplier, to: .spare)
        #expect(till.balance(.spare) == 50)
        till.restart()
        #expect(till.run(.east, IBanks.reject(1, "AC04")) == .done)
        #expect(till.balance(.spare) == 80 && till.balance(.supplier) == 0)
        let logs = till.effects.flatMap(\.logs)
        #expect(
            logs.first { $0.topics[0] == IToken.Event.transfer.topic }?.topics.dropFirst() == [
                Hash32(word: Address.banks), Hash32(word: Till.address(.spare)),
            ])
        till.pass(seconds: 300_000)
        #expect(till.state(2) == .returned)
        #expect(till.balance(.spare) == 100 && till.balance(.supplier) == 0)
        // Who asked is who asked.
        #expect(till.tokens.redemption(1)?.owner == Till.address(.supplier))
    }

    @Test func `what a lost key asks for later is its own`() {
        var till = Self.asking()
        Self.recover(&till, .supplier, to: .spare)
        till.stock(.supplier, 7)
        till.runAll([Step(.supplier, IBanks.redeem(till.token(), 7))])
        till.runAll([Step(.east, IBanks.reject(3, "AC04"))])
        #expect(till.balance(.supplier) == 7)
        till.runAll([Step(.east, IBanks.reject(2, "AC04"))])
        #expect(till.balance(.spare) == 70)
    }

    @Test func `it goes to the key that the customer has then, also one that it had before`() {
        var till = Self.asking()
        Self.recover(&till, .supplier, to: .spare)
        till.runAll([Step(.spare, IBanks.redeem(till.token(), 10))])
        Self.recover(&till, .spare, to: .maker)
        till.runAll([Step(.east, IBanks.reject(1, "AC04"))])
        #expect(till.balance(.maker) == 40 + 30)
        // Back to the first key: no redemption goes round in a circle.
        Self.recover(&till, .maker, to: .supplier)
        till.runAll([Step(.east, IBanks.reject(2, "AC04")), Step(.east, IBanks.reject(3, "AC04"))])
        #expect(till.balance(.supplier) == 100)
        #expect(till.balance(.spare) == 0 && till.balance(.maker) == 0)
        Self.recover(&till, .supplier, to: .spare)
        Self.recover(&till, .spare, to: .supplier)
        till.runAll([Step(.supplier, IBanks.redeem(till.token(), 1))])
        till.runAll([Step(.east, IBanks.reject(4, "AC04"))])
        #expect(till.balance(.supplier) == 100)
    }

    @Test func `it is held where the new key is frozen, and stays where another bank's token is`() {
        var till = Self.asking()
        till.stock(.supplier, 40, by: .west)
        till.runAll([Step(.supplier, IBanks.redeem(till.token(of: .west), 40))])
        Self.recover(&till, .supplier, to: .spare)
        till.freeze(.spare)
        till.runAll([Step(.east, IBanks.reject(1, "AC04"))])
        #expect(till.held(.spare) == 30)
        till.runAll([Step(.west, IBanks.reject(3, "AC04"))])
        #expect(till.balance(.supplier, .west) == 40)
    }

    @Test func `as many lost keys are followed as are paid for`() {
        let keys: [Till.Who] = [.supplier, .spare, .maker, .buyer]
        var till = Self.asking(keys)
        let before = Self.gas(&till, rejecting: 1)
        for (from, to) in zip(keys, keys.dropFirst()) { Self.recover(&till, from, to: to) }
        #expect(Self.gas(&till, rejecting: 2) == before + 3 * Gas.look)
        #expect(till.balance(.buyer) == 100)
    }

    /// A return by itself is paid for by nobody.
    @Test func `sixteen lost keys are followed, and what would go further stops there`() throws {
        let till = Self.asking()
        let roll = till.machine.banks.roll
        let bank = try #require(roll.bank(of: till.id(of: .east)))
        let keys =
            [Till.address(.supplier)]
            + (1...18).map { Address(high: 5, middle: 5, low: UInt32($0)) }
        for (place, (from, to)) in zip(keys, keys.dropFirst()).enumerated() {
            #expect(roll.follow(from: from, to: to, by: bank))
            let lost = min(place + 1, 16)
            #expect(roll.receiver(ofRedemption: 1) == (keys[lost], lost))
        }
    }

    @Test func `a recovery pays for its note once, however often it goes on`() throws {
        var till = Self.asking()
        let lines = Array(repeating: (Till.Who.supplier, 1 as UInt128), count: 1_001)
        till.stock(.buyer, 2_000)
        till.runAll([Step(.buyer, till.opening(lines), to: .orders)])
        let call = IBanks.recover(Till.address(.supplier), Till.address(.spare))
        till.runAll([Step(.eastChecker, IBanks.approve(Keccak256.hash(call)))])
        func note() -> [UInt8]? {
            till.machine.banks.roll.bank(of: till.id(of: .east)).flatMap {
                till.machine.state.object(BankingKey.following($0, Till.address(.supplier)))
            }
        }
        till.runAll([Step(.east, call)])
        let noted = try #require(note())
        #expect(noted == Following(last: 2, to: Till.address(.spare)).bytes)
        let first = try till.block.record(0).gasUsed
        till.runAll([Step(.east, call)])
        let second = try till.block.record(0).gasUsed
        #expect(note() == noted)
        // The first one moves 999 claims more.
        #expect(
            first - second
                == 2 * Gas.newRecord + 999 * (Gas.visit + Gas.payment + Gas.entry))
    }

    /// The operator alone could have given to whoever has the new key what had been led away from it.
    @Test func `what goes on to a key that was lost meanwhile needs the checker again`() {
        var till = Self.asking()
        let lines = Array(repeating: (Till.Who.supplier, 1 as UInt128), count: 1_001)
        till.stock(.buyer, 2_000)
        till.runAll([Step(.buyer, till.opening(lines), to: .orders)])
        let first = IBanks.recover(Till.address(.supplier), Till.address(.spare))
        let approval = IBanks.approve(Keccak256.hash(first))
        till.runAll([Step(.eastChecker, approval), Step(.east, first)])
        till.runAll([Step(.spare, IBanks.redeem(till.token(), 10))])
        Self.recover(&till, .spare, to: .maker)
        #expect(till.run(.east, first) == .refused(.notApproved(Keccak256.hash(first))))
        till.runAll([Step(.east, IBanks.reject(3, "AC04"))])
        #expect(till.balance(.spare) == 0 && till.balance(.maker) == 50)
        till.runAll([Step(.eastChecker, approval)])
        #expect(till.run(.east, first) == .done(Hash32(0, 0, 0, 1).bytes))
    }

    private static func gas(_ till: inout Till, rejecting id: UInt64) -> UInt64 {
        till.runAll([Step(.east, IBanks.reject(id, "AC04"))])
        return (try? till.block.record(0).gasUsed) ?? 0
    }
}
