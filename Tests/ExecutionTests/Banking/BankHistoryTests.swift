import Ledger
import Settlement
import TestSupport
import Testing
import Tokens

@testable import Execution

/// Long histories by chance: whatever is tried, the books are right after every block.
@Suite struct BankHistoryTests {
    private static let people: [Till.Who] = [.buyer, .supplier, .maker, .stranger]
    /// What the books must say, kept by hand beside the ledger.
    private struct Model {
        var issued: [Till.Who: UInt128] = [:]
        var settled: [Till.Who: UInt128] = [:]
        var references: Set<UInt64> = []
        var states: [UInt64: IBanks.Redemption] = [:]
    }

    private static func step(_ chance: inout SeededNumbers, _ till: Till) -> Till.Step {
        var bank = chance.pick([Till.Who.east, .east, .west])
        let token = till.token(of: bank)
        let who = chance.pick(people)
        // Mostly one that something can happen to, by its own bank.
        var redemption = chance.below(till.tokens.redemptionCount + 2)
        let count = till.tokens.redemptionCount
        let open = count == 0 ? [] : (1...count).filter { till.state($0)?.isInFlight == true }
        let paying = open.filter { till.state($0) == .instructed }
        if !open.isEmpty, chance.below(4) > 0 {
            redemption = chance.pick(open)
            let isEasts = till.tokens.redemption(redemption)?.token == till.id(of: .east)
            if chance.below(8) > 0 { bank = isEasts ? .east : .west }
        }
        switch chance.below(13) {
        case 0:
            return .init(
                bank,
                IBanks.issue(
                    token, Till.address(who), UInt128(chance.below(500)), chance.below(400)))
        case 1, 2:
            let issues = (0..<chance.below(5)).map { _ in
                (
                    Till.address(chance.pick(people)), UInt128(chance.below(300) + 1),
                    UInt64(chance.below(4_000))
                )
            }
            return .init(bank, IBanks.issueBatch(token, issues))
        case 3, 4: return .init(who, IBanks.redeem(token, UInt128(chance.below(200))))
        case 5: return .init(bank, IBanks.instruct(redemption))
        case 6:
            let id = paying.isEmpty ? redemption : chance.pick(paying)
            let isEasts = till.tokens.redemption(id)?.token == till.id(of: .east)
            return .init(isEasts ? .east : .west, IBanks.settle(id))
        case 7: return .init(bank, IBanks.reject(redemption))
        case 8:
            return .init(
                who,
                IBanks.setAutoRedeem(
                    token, payout: chance.below(3) == 0 ? .zero : IBanks.payout,
                    minimum: UInt128(chance.below(100))))
        case 9:
            var writer = ABIWriter(selector: IOrders.Function.open.rawValue, words: 1)
            writer.write(
                IOrders.Terms(
                    token: token, buyer: Till.address(who),
                    lines: (0...chance.below(3)).map { _ in
                        .init(
                            tier: 1, payee: Till.address(chance.pick(people)),
                            amount: UInt128(chance.below(60) + 1))
                    }))
            return .init(who, writer.finish(), to: .orders)
        case 10, 11:
            var writer = ABIWriter(selector: IOrders.Function.fund.rawValue, words: 2)
            writer.write(chance.below(till.machine.orders.count + 1) + 1)
            writer.write(UInt128(chance.below(80) + 1))
            return .init(who, writer.finish(), to: .orders)
        default:
            let function = chance.pick([
                IToken.Function.freeze, .freeze, .pause, .unpause, .releaseHeld,
            ])
            var words: [Hash32] = []
            if function == .freeze || function == .releaseHeld {
                words.append(Hash32(word: Till.address(who)))
            }
            if function == .freeze { words.append(Hash32(0, 0, 0, chance.below(2))) }
            var writer = ABIWriter(selector: function.rawValue, words: words.count)
            for word in words { writer.write(word: word) }
            return .init(.east, writer.finish(), to: till.token(of: .east))
        }
    }

    /// Follows what the ledger says it did, and finds what cannot be.
    private static func follow(_ effects: [TokenEffect], _ model: inout Model, _ till: Till) {
        for effect in effects {
            guard case .deposit(let effect) = effect else { continue }
            let bank = effect.token.map { $0 == till.id(of: .east) ? Till.Who.east : .west }
            switch effect {
            case .issued(_, let issues):
                for issue in issues {
                    let key = issue.reference.parts.3 << 1 | (bank == .east ? 0 : 1)
                    #expect(model.references.insert(key).inserted, "a payment was issued twice")
                    model.issued[bank ?? .east, default: 0] += issue.amount
                }
            case .requested(let id, _, _, _, _, _, _):
                #expect(model.states[id] == nil)
                model.states[id] = .requested
            case .instructed(let id, _):
                #expect(model.states[id] == .requested)
                model.states[id] = .instructed
            case .settled(let id, _, let amount, _):
                #expect(model.states[id] == .instructed)
                model.states[id] = .settled
                model.settled[bank ?? .east, default: 0] += amount
            case .rejected(let id, _, _, _, _, _):
                #expect(model.states[id]?.isInFlight == true)
                model.states[id] = .rejected
            case .returned(let id, _, _, _, _):
                #expect(model.states[id] == .requested)
                model.states[id] = .returned
            case .converted: Testing.Issue.record("no bank takes another's money here")
            case .autoRedeemSet, .payoutTokenSet: break
            }
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `every payment is issued once and every redemption ends once, whatever is tried`(
        _ seed: UInt64
    ) {
        var chance = SeededNumbers(seed: seed)
        var till = Till.open(
            rules: Rules(gasPrice: 0, stepLimit: 1 + UInt32(seed % 4), redemptionDeadline: 600),
            perDay: 40_000)
        var model = Model()
        for _ in 0..<150 {
            let steps = (0..<chance.below(8)).map { _ in Self.step(&chance, till) }
            till.run(steps, after: chance.below(chance.below(4) == 0 ? 200 : 5))
            Self.follow(till.effects, &model, till)
            for bank in [Till.Who.east, .west] {
                let (issued, settled) = (model.issued[bank] ?? 0, model.settled[bank] ?? 0)
                #expect(till.supply(bank) == issued - settled, "seed \(seed)")
            }
            for (id, state) in model.states.sorted(by: { $0.key < $1.key }) {
                #expect(till.state(id) == state, "seed \(seed), redemption \(id)")
            }
            #expect(UInt64(model.states.count) == till.tokens.redemptionCount)
            #expect(
                till.machine.orders.queuedCascades > 0
                    || Audit(till.machine.orders).orderFaults() == [])
            if chance.below(10) == 0 { till.restart() }
        }
        #expect(model.states.values.contains(.settled) && model.states.count > 10, "seed \(seed)")
    }

    @Test func `a node that was stopped at every block writes the same as one that was not`() {
        var chance = SeededNumbers(seed: 99)
        var steady = Till.open(rules: Rules(gasPrice: 0, stepLimit: 2, redemptionDeadline: 100))
        var stopped = Till.open(rules: Rules(gasPrice: 0, stepLimit: 2, redemptionDeadline: 100))
        for _ in 0..<150 {
            let steps = (0..<chance.below(5)).map { _ in Self.step(&chance, steady) }
            let seconds = chance.below(30 as UInt64)
            steady.run(steps, after: seconds)
            stopped.run(steps, after: seconds)
            stopped.restart()
            #expect(steady.machine.tip == stopped.machine.tip)
            #expect(steady.machine.nextDue == stopped.machine.nextDue)
        }
    }
}
