import Ledger
import TestSupport
import Testing

@testable import Settlement

/// The allocation against another way of saying the same.
struct AllocationTests {
    /// A state that an order can be in, and the least cash it has then.
    struct Reached: Hashable {
        var cases: [Case]
        var cash: UInt128
    }

    struct Case: Hashable {
        var tier: UInt16
        var live: UInt128
        var paid: UInt128
    }

    static func lines(_ cases: [Case]) -> ContiguousArray<Line> {
        ContiguousArray(
            cases.map {
                var line = Line(Terms.Line(tier: $0.tier, payee: .contract(1), amount: $0.live + 1))
                line.voided = 1
                line.paid = $0.paid
                return line
            })
    }

    static func share(_ cash: UInt128, _ cases: [Case]) -> (shares: [UInt128], surplus: UInt128) {
        var shares: ContiguousArray<UInt128> = []
        var looks = 0
        let tiers = cases.indices.sorted { (cases[$0].tier, $0) < (cases[$1].tier, $1) }
        let surplus = Allocation.share(
            cash, among: lines(cases), tiers: ContiguousArray(tiers.map(UInt16.init)),
            into: &shares, looks: &looks)
        return (Array(shares), surplus)
    }

    /// Word for word as the rules say it, with no eye to speed.
    static func reference(
        _ cash: UInt128, _ cases: [Case]
    ) -> (shares: [UInt128], surplus: UInt128) {
        var shares = cases.map(\.paid)
        var left = cash
        for tier in Set(cases.map(\.tier)).sorted() {
            let members = cases.indices.filter { cases[$0].tier == tier }
            for index in members where cases[index].paid == cases[index].live {
                left -= cases[index].paid
            }
            var pool = members.filter { cases[$0].paid != cases[$0].live }
            var total: UInt128 { pool.reduce(0) { $0 + cases[$1].live } }
            if left >= total {
                for index in pool { shares[index] = cases[index].live }
                left -= total
                continue
            }
            while true {
                for index in pool { shares[index] = left * cases[index].live / total }
                var odd = left - pool.reduce(0) { $0 + shares[$1] }
                for index in pool where odd > 0 {
                    shares[index] += 1
                    odd -= 1
                }
                let leaving = pool.filter { shares[$0] < cases[$0].paid }
                if leaving.isEmpty { break }
                for index in leaving {
                    shares[index] = cases[index].paid
                    left -= cases[index].paid
                }
                pool.removeAll { leaving.contains($0) }
            }
            return (shares, 0)
        }
        return (shares, left)
    }

    /// Everything small: up to 3 lines in 2 tiers of up to 3 units, in every state that payments can reach.
    @Test func `every small order is shared as the rules say`() {
        var count = 0
        for size in 1...3 {
            var states: Set<Reached> = []
            let choices = (0..<2).flatMap { tier in
                (0...3).map { Case(tier: UInt16(tier), live: UInt128($0), paid: 0) }
            }
            func build(_ prefix: [Case]) {
                guard prefix.count < size else { return reach(prefix, &states) }
                for choice in choices { build(prefix + [choice]) }
            }
            build([])
            for reached in states {
                let state = reached.cases
                for cash in reached.cash...10 {
                    let (shares, surplus) = Self.share(cash, state)
                    let expected = Self.reference(cash, state)
                    guard shares == expected.shares, surplus == expected.surplus else {
                        Issue.record("\(cash) among \(state): \(shares), \(expected.shares)")
                        return
                    }
                    #expect(shares.reduce(surplus, +) == cash)
                    count += 1
                }
            }
        }
        #expect(count > 10_000)
    }

    /// The states that an order can be in after one payment and one credit note.
    private func reach(_ start: [Case], _ states: inout Set<Reached>) {
        states.insert(Reached(cases: start, cash: 0))
        let price = start.reduce(0) { $0 + $1.live }
        for cash in 0...price {
            // Each subset of lines may be waiting for a gate.
            for waiting in 0..<(1 << start.count) {
                var state = start
                let (shares, _) = Self.reference(cash, start)
                for index in state.indices where waiting >> index & 1 == 0 {
                    state[index].paid = shares[index]
                }
                states.insert(Reached(cases: state, cash: cash))
                for index in state.indices where state[index].live > state[index].paid {
                    var waived = state
                    waived[index].live -= 1
                    // What is more than the lines can get is given back.
                    states.insert(Reached(cases: waived, cash: min(cash, price - 1)))
                }
            }
        }
    }

    @Test(arguments: Array(1...20) as [UInt64])
    func `large orders are shared as the rules say`(seed: UInt64) {
        var chance = SeededNumbers(seed: seed)
        for _ in 0..<200 {
            var cases = (0..<(1 + chance.below(40))).map { _ in
                Case(
                    tier: UInt16(chance.below(4)),
                    live: UInt128(chance.next() >> (chance.below(60))),
                    paid: 0)
            }
            let price = cases.reduce(0) { $0 + $1.live }
            let first = price == 0 ? 0 : UInt128(chance.next()) % (price + 1)
            let (shares, _) = Self.reference(first, cases)
            for index in cases.indices {
                if chance.chance(60) { cases[index].paid = shares[index] }
                if chance.chance(30) {
                    cases[index].live -= (cases[index].live - cases[index].paid) / 2
                }
            }
            let cash = min(first, cases.reduce(0) { $0 + $1.live })
            #expect(Self.share(cash, cases) == Self.reference(cash, cases))
        }
    }

    @Test func `products of 256 bits are exact`() {
        let half = UInt128(1) << 126
        let cases = [Case(tier: 0, live: half, paid: 0), Case(tier: 0, live: half * 2, paid: 0)]
        let (shares, surplus) = Self.share(half, cases)
        #expect(shares == [half / 3 + 1, half / 3 * 2 + 0] || shares.reduce(0, +) == half)
        #expect(shares[0] == half / 3 + 1)
        #expect(surplus == 0)
    }
}
