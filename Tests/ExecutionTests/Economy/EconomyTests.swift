import Ledger
import TestSupport
import Testing
import Tokens

@testable import Execution

/// DIP adds up at every block, whatever happens.
@Suite struct EconomyTests {
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 88_001])
    func `the treasury has what the totals say, and nothing is made or lost`(
        seed: UInt64
    ) throws {
        var random = SeededNumbers(seed: seed)
        let banks = Int.random(in: 1...4, using: &random)
        let endowment = UInt128.random(in: 0...5_000_000_000_000_000, using: &random)
        var treasury = Treasury(banks: banks, endowment: endowment)
        let supply = treasury.machine.tokens.supply(of: .dip)
        #expect(
            supply == UInt128(4 + banks + 2) * Treasury.wealth + endowment)
        let accounts =
            (treasury.clients + treasury.operators).map(\.address)
            + [.treasury, .orders, .templates, .contract(0xd105), .contract(0x77)]
        var given: UInt128 = 0
        var paidEpochs = 0
        for _ in 0..<150 {
            var transactions: [VerifiedTransaction] = []
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let key = treasury.clients.randomElement(using: &random)!
                switch Int.random(in: 0..<5, using: &random) {
                case 0:
                    // A gift, which is no fee.
                    let amount = UInt128.random(in: 0...1_000, using: &random)
                    var writer = ABIWriter(selector: 0xa905_9cbb, words: 2)
                    writer.write(Address.treasury)
                    writer.write(amount)
                    transactions.append(
                        treasury.transaction(key, to: .dip, data: writer.finish()))
                    given += amount
                case 1:
                    // Refused, and paid for all the same.
                    transactions.append(treasury.transaction(key, to: .treasury, value: 5))
                default:
                    transactions.append(
                        treasury.transaction(key, to: .contract(0x77), value: 3))
                }
            }
            var votes: [HeaderVote] = []
            for bank in 0..<banks where treasury.height > 1 && Bool.random(using: &random) {
                let back = UInt64.random(in: 0..<min(treasury.height, 20), using: &random)
                votes.append(treasury.vote(bank, treasury.height - back))
            }
            treasury.run(transactions, votes: votes)
            if Int.random(in: 0..<8, using: &random) == 0 {
                let name = ["gasPrice", "epochBlocks", "nodeShare"].randomElement(using: &random)!
                let value = UInt128.random(in: 16...9_000, using: &random)
                treasury.decide(
                    Bool.random(using: &random)
                        ? .setParameter(
                            name: name, value: name == "gasPrice" ? value * 200_000 : value / 100)
                        : .payTreasury(
                            token: .dip, to: treasury.clients[0].address,
                            amount: value * 1_000_000_000_000))
            }
            if treasury.economy.lastPaid?.paid ?? 0 > 0, !treasury.effects.isEmpty {
                paidEpochs += 1
            }
            let sum = accounts.reduce(UInt128(0)) { $0 + treasury.balance($1) }
            #expect(sum == supply && treasury.machine.tokens.supply(of: .dip) == supply)
            #expect(
                treasury.balance(.treasury)
                    == treasury.economy.treasury(endowment: endowment) + given,
                "seed \(seed), block \(treasury.height)")
        }
        #expect(paidEpochs > 0)
        #expect(treasury.economy.total(.transactionFee) > 0)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `what templates bring is counted where it went`(seed: UInt64) throws {
        var rules = Workshop.rules
        rules.gasPrice = 3
        rules.royaltyDeveloper = 6_999
        rules.royaltyReviewers = 1_777
        var shop = Workshop(rules: rules)
        var random = SeededNumbers(seed: seed)
        var ids: [Hash32] = []
        for round in 0..<200 {
            let id = ids.suffix(2).randomElement(using: &random) ?? .zero
            let answer =
                switch Int.random(in: 0..<24, using: &random) {
                case 0:
                    shop.run(
                        Workshop.developer,
                        value: Workshop.cost - UInt128(Int.random(in: 0...1, using: &random)),
                        Workshop.publish(Workshop.template("T\(round)", royalty: "0.\(round + 1)")))
                case 1...12:
                    shop.run(
                        Int.random(in: 1...6, using: &random),
                        Workshop.review(id, Int.random(in: 0...7, using: &random) > 0))
                case 13: shop.run(Workshop.developer, Workshop.deprecate(id))
                default:
                    shop.run(
                        Workshop.buyer, value: Rules.oneDIP,
                        Workshop.open(id, shop.bindings(price: "\(round + 1)")))
                }
            if case .done(let output) = answer, let made = Hash32(output), made.number == nil {
                ids.append(made)
            }
        }
        let economy = shop.machine.economy
        let uses = ids.map { shop.machine.templates.use(of: $0) }
        let drafts = ids.compactMap { shop.machine.templates.find($0) }
        #expect(economy.total(.publicationFee) == UInt128(ids.count) * rules.publicationFee)
        #expect(
            economy.total(.reviewFee)
                == drafts.reduce(0) { $0 + UInt128($1.reviews.count) } * rules.reviewFee)
        #expect(economy.total(.royaltyDeveloper) == uses.reduce(0) { $0 + $1.earned })
        #expect(ids.count > 1 && uses.contains { $0.orders > 0 }, "seed \(seed)")
        #expect(economy.total(.royaltyReviewers) > 0 && economy.total(.royaltyTreasury) > 0)
    }

    @Test func `what a refused transaction would have counted is not counted`() {
        let treasury = Treasury(banks: 1)
        let state = treasury.machine.state
        let mark = state.mark()
        treasury.economy.add(.publicationFee, 5)
        treasury.economy.add(.publicationFee, 6)
        #expect(treasury.economy.total(.publicationFee) == 11)
        #expect(treasury.economy.epochFees == 11)
        state.rollback(to: mark)
        #expect(treasury.economy.total(.publicationFee) == 0)
    }

    @Test func `totals go round at 2^128`() {
        let treasury = Treasury(banks: 1)
        treasury.economy.add(.royaltyTreasury, .max)
        treasury.economy.add(.royaltyTreasury, 3)
        #expect(treasury.economy.total(.royaltyTreasury) == 2)
        #expect(treasury.economy.treasury(endowment: 1) == 3)
    }
}
