import TestSupport
import Testing

@testable import Settlement

/// Integers of any size, and the simplex method over them.
struct NumberTests {
    private static func random(_ chance: inout SeededNumbers) -> ExactInteger {
        var value = ExactInteger(Int(truncatingIfNeeded: chance.next() >> UInt64(chance.below(64))))
        for _ in 0..<chance.below(6) {
            let limb = chance.chance(20) ? [0, 1, .max, .max - 1][chance.below(4)] : chance.next()
            value = value * ExactInteger(UInt128(1) << 64) + ExactInteger(UInt128(limb))
        }
        return chance.chance(50) ? value : -value
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `arithmetic keeps its laws at any size`(seed: UInt64) {
        var chance = SeededNumbers(seed: seed)
        for _ in 0..<500 {
            let (a, b, c) = (
                Self.random(&chance), Self.random(&chance), Self.random(&chance)
            )
            #expect(a + b == b + a && a * b == b * a)
            #expect((a + b) - b == a)
            #expect((a + b) * c == a * c + b * c)
            #expect((a < b) == (b - a).isPositive && (a == b) == (a - b).isZero)
            let divisor = b.isNegative ? -b : b
            guard divisor.isPositive else { continue }
            let (quotient, remainder) = a.dividedDown(by: divisor)
            #expect(quotient * divisor + remainder == a, "\(a) / \(divisor)")
            #expect(!remainder.isNegative && remainder < divisor, "\(a) / \(divisor)")
            #expect((a * divisor).dividedDown(by: divisor).quotient == a)
        }
    }

    @Test(
        arguments: [
            0, 1, .max, UInt128(UInt64.max), UInt128(Int.max), UInt128(Int.max) + 1, 1 << 64,
            1 << 127,
        ] as [UInt128])
    func `128 bits go in and come out`(value: UInt128) {
        #expect(ExactInteger(value).units == value)
        #expect(ExactInteger(value).description == "\(value)")
        #expect((ExactInteger(value) + .one).units == (value == .max ? nil : value + 1))
        #expect((-ExactInteger(value)).units == (value == 0 ? 0 : nil))
        #expect(ExactInteger(Int.min) + ExactInteger(Int.max) == -.one)
    }

    /// Every point of a small box is looked at, too.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func `integers are found exactly if there are some`(seed: UInt64) {
        var chance = SeededNumbers(seed: seed)
        for round in 0..<60 {
            var system = LinearSystem()
            var boxes: [ClosedRange<Int>] = []
            for _ in 0..<3 {
                let least = chance.below(5) - 2
                let box = least...least + chance.below(5)
                boxes.append(box)
                _ = system.variable(
                    from: ExactInteger(box.lowerBound), to: ExactInteger(box.upperBound))
            }
            let rows = (0..<1 + chance.below(4)).map { _ in
                (factors: (0..<3).map { _ in chance.below(9) - 4 }, constant: chance.below(15) - 7)
            }
            for row in rows {
                system.demand(
                    row.factors.enumerated().map { ($0.offset, ExactInteger($0.element)) },
                    ExactInteger(row.constant))
            }
            let goal = (0..<3).map { _ in chance.below(9) - 4 }
            let least = chance.below(15) - 7
            func value(_ factors: [Int], _ point: [Int]) -> Int {
                zip(factors, point).reduce(0) { $0 + $1.0 * $1.1 }
            }
            func holds(_ point: [Int]) -> Bool {
                rows.allSatisfy { value($0.factors, point) + $0.constant >= 0 }
                    && value(goal, point) >= least
            }
            let exists = boxes[0].contains { x in
                boxes[1].contains { y in boxes[2].contains { z in holds([x, y, z]) } }
            }
            var budget = 1_000_000
            let form = goal.enumerated().map { ($0.offset, ExactInteger($0.element)) }
            switch system.integers(form, atLeast: ExactInteger(least), &budget) {
            case .nothing: #expect(!exists, "seed \(seed), round \(round)")
            case .exhausted: Issue.record("seed \(seed), round \(round): given up")
            case .point(let point):
                let found = point.map { Int($0.description) ?? .min }
                #expect(exists && holds(found), "seed \(seed), round \(round)")
            }
        }
    }
}
