import Ledger
import Settlement
import TestSupport
import Testing
import Tokens

@testable import Execution

/// Long histories by chance with conversions: whatever is tried, sums add up after every block.
@Suite struct ParHistoryTests {
    private static let banks: [Till.Who] = [.east, .west, .north]
    private static let people: [Till.Who] = [.buyer, .supplier, .maker, .stranger]

    private static func step(_ chance: inout SeededNumbers, _ till: Till) -> [Till.Step] {
        let bank = chance.pick(banks)
        let token = till.token(of: bank)
        let who = chance.pick(people)
        switch chance.below(16) {
        case 0, 9, 10:
            return [
                .init(
                    bank,
                    IBanks.issue(
                        token, Till.address(who), UInt128(chance.below(5_000) + 1),
                        chance.below(1 << 40)))
            ]
        case 1:
            return [
                .init(who, IBanks.setPayoutToken(chance.below(8) == 0 ? .zero : token))
            ]
        case 2:
            let call = IBanks.acceptAtPar(
                till.token(of: chance.pick(banks)), UInt128(chance.below(2_000)))
            return [
                .init(Till.checker(of: bank), IBanks.approve(Keccak256.hash(call))),
                .init(bank, call),
            ]
        case 3:
            return [.init(who, IBanks.setAutoRedeem(token, minimum: UInt128(chance.below(500))))]
        case 4:
            // A bank asks another one for what it has in hand.
            let other = chance.pick(banks)
            let hand = till.balance(bank, other)
            return [.init(bank, IBanks.redeem(till.token(of: other), hand))]
        case 5:
            let count = till.tokens.redemptionCount
            let id = chance.below(count + 1)
            return [
                .init(bank, IBanks.instruct(id)),
                .init(bank, chance.below(2) == 0 ? IBanks.settle(id) : IBanks.reject(id)),
            ]
        case 6:
            var writer = ABIWriter(selector: IToken.Function.freeze.rawValue, words: 2)
            writer.write(Till.address(chance.pick(people + banks)))
            writer.write(chance.below(6) == 0)
            return [.init(bank, writer.finish(), to: token)]
        case 7:
            let function = chance.below(8) == 0 ? IToken.Function.pause : .unpause
            return [
                .init(bank, ABIWriter(selector: function.rawValue, words: 0).finish(), to: token)
            ]
        case 8:
            var writer = ABIWriter(selector: IToken.Function.releaseHeld.rawValue, words: 1)
            writer.write(Till.address(who))
            return [.init(who, writer.finish(), to: token)]
        default:
            let lines = (0...chance.below(4)).map { _ in
                (chance.pick(people), UInt128(chance.below(60) + 1))
            }
            let sum = lines.reduce(0) { $0 + $1.1 }
            return [
                .init(who, till.opening(lines, by: who, in: bank), to: .orders),
                .init(
                    who,
                    Till.funding(
                        till.machine.orders.count + 1, chance.below(3) == 0 ? sum / 2 + 1 : sum),
                    to: .orders),
            ]
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `sums add up, no bank has more than it wants, and money is neither made nor lost`(
        _ seed: UInt64
    ) {
        var chance = SeededNumbers(seed: seed)
        var till = Till.three(rules: Rules(gasPrice: 0, stepLimit: 3))
        var supplies: [TokenID: UInt128] = [:]
        var (converted, redeemed) = (0, 0)
        for round in 0..<500 {
            var inHand: [TokenID: [TokenID: UInt128]] = [:]
            for bank in Self.banks {
                for other in Self.banks where other != bank {
                    inHand[till.id(of: bank), default: [:]][till.id(of: other)] =
                        till.balance(bank, other)
                }
            }
            till.run((0...chance.below(2)).flatMap { _ in Self.step(&chance, till) })
            var made: [TokenID: UInt128] = [:]
            for effect in till.effects {
                guard case .deposit(let effect) = effect else { continue }
                switch effect {
                case .issued(let token, let issues):
                    supplies[token, default: 0] += issues.reduce(0) { $0 + $1.amount }
                case .settled(_, let token, let amount, _): supplies[token, default: 0] -= amount
                case .converted(_, let from, let to, let amount, _):
                    converted += 1
                    #expect(amount > 0 && from != to)
                    supplies[to, default: 0] += amount
                    made[from, default: 0] += amount
                case .requested(_, _, _, _, _, _, true): redeemed += 1
                default: break
                }
            }
            for bank in Self.banks {
                #expect(till.supply(bank) == supplies[till.id(of: bank)] ?? 0, "round \(round)")
                for acceptance in till.machine.banks.acceptances(for: till.id(of: bank)) {
                    let other = acceptance.other
                    let now = till.tokens.balance(of: Till.address(bank), in: other)
                    let before = inHand[till.id(of: bank)]?[other] ?? 0
                    // More than before only up to the limit: people here pay no bank otherwise.
                    #expect(now <= max(before, acceptance.limit), "round \(round)")
                }
            }
            if round % 40 == 39 { till.restart() }
        }
        #expect(converted > 15 && redeemed > 5, "\(converted) conversions, \(redeemed) redemptions")
    }

    @Test func `the same history makes the same blocks, whatever was in memory`() {
        func play(restarting: Bool) -> [Hash32] {
            var chance = SeededNumbers(seed: 9)
            var till = Till.three(rules: Rules(gasPrice: 0, stepLimit: 3))
            var hashes: [Hash32] = []
            for _ in 0..<100 {
                till.run(Self.step(&chance, till))
                hashes.append(till.machine.tip.stateHash)
                if restarting { till.restart() }
            }
            return hashes
        }
        #expect(play(restarting: false) == play(restarting: true))
    }
}
