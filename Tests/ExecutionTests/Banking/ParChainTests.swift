import Ledger
import Settlement
import Testing
import Tokens

@testable import Execution

/// Chains whose firms bank at different banks: one payment, one block, each firm paid in its own bank's money.
@Suite struct ParChainTests {
    private typealias Step = Till.Step

    /// The buyer banks at East and owes the supplier, at West, 1,000; of which the supplier pledged 600 to its order
    /// from the maker, at North.
    private static func chain(west: UInt128, north: UInt128) -> Till {
        var till = Till.three()
        till.accept(.west, .east, west)
        till.accept(.north, .east, north)
        till.stock(.buyer, 10_000)
        till.runAll([
            Step(.supplier, IBanks.setPayoutToken(till.token(of: .west))),
            Step(.maker, IBanks.setPayoutToken(till.token(of: .north))),
            Step(.buyer, till.opening([(.supplier, 1_000)], in: .east), to: .orders),
            Step(
                .supplier,
                till.opening(
                    [(.maker, 600)], by: .supplier, from: [.init(order: 1, line: 0, units: 600)]),
                to: .orders),
        ])
        return till
    }

    @Test func `a chain of three banks settles in one block, each firm in its own bank's money`() {
        var till = Self.chain(west: 1_000, north: 1_000)
        let height = till.machine.tip.height
        till.runAll([Step(.buyer, Till.funding(1, 1_000), to: .orders)])
        #expect(till.machine.tip.height == height + 1)
        #expect(till.balance(.supplier, .west) == 400 && till.balance(.supplier, .east) == 0)
        #expect(till.balance(.maker, .north) == 600 && till.balance(.maker, .east) == 0)
        // No bank gives credit for what passes by: West's room is used by what its own customer keeps.
        #expect(till.acceptance(.west, .east) == (1_000, 400))
        #expect(till.acceptance(.north, .east) == (1_000, 600))
        #expect([.east, .west, .north].map { till.supply($0) } == [10_000, 400, 600])
    }

    @Test func `a limit that is used up holds nobody up`() {
        var till = Self.chain(west: 300, north: 0)
        till.runAll([Step(.buyer, Till.funding(1, 1_000), to: .orders)])
        // All are paid in the same block; what no bank takes is the money that the buyer paid with.
        #expect(till.balance(.supplier, .west) == 300 && till.balance(.supplier, .east) == 100)
        #expect(till.balance(.maker, .north) == 0 && till.balance(.maker, .east) == 600)
    }

    @Test func `what was left is converted when there is room again, at the payee's word`() {
        var till = Self.chain(west: 1_000, north: 0)
        till.runAll([Step(.buyer, Till.funding(1, 1_000), to: .orders)])
        #expect(till.balance(.maker, .east) == 600)
        till.accept(.north, .east, 500)
        // An order to itself: a payment like any other.
        till.pay([(.maker, 600)], by: .maker, in: .east)
        #expect(till.balance(.maker, .north) == 500 && till.balance(.maker, .east) == 100)
    }

    @Test func `an order in another money takes no pledge, and nothing is moved`() {
        var till = Self.chain(west: 1_000, north: 1_000)
        let answer = till.run(
            .supplier,
            till.opening(
                [(.maker, 50)], by: .supplier, in: .west,
                from: [.init(order: 1, line: 0, units: 50)]),
            to: .orders)
        #expect(
            answer == .refused(.tokenMismatch(till.token(of: .east), till.token(of: .west))))
        #expect(till.machine.orders.count == 2)
    }
}
