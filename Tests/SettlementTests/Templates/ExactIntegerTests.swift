import TestSupport
import Testing

@testable import Settlement

@Suite struct ExactIntegerTests {
    /// Words with many of the bits that long division stumbles over: all ones, none, the highest alone.
    private struct Chance {
        var words: SeededNumbers

        mutating func number(limbs: Int) -> ExactInteger {
            var number = ExactInteger.zero
            let base = ExactInteger(1 << 32)
            for _ in 0..<limbs {
                let limb: UInt64 =
                    switch words.next() % 4 {
                    case 0: 0
                    case 1: 0xffff_ffff
                    case 2: 0x8000_0000
                    default: words.next() & 0xffff_ffff
                    }
                number = number * base + ExactInteger(Int(limb))
            }
            return number
        }
    }

    @Test func `a quotient times its divisor and the remainder are the dividend`() {
        var chance = Chance(words: SeededNumbers(seed: 1))
        for round in 0..<20_000 {
            let left = chance.number(limbs: Int(chance.words.next() % 12))
            let dividend = round.isMultiple(of: 2) ? left : -left
            let divisor = chance.number(limbs: 1 + Int(chance.words.next() % 8))
            guard divisor.isPositive else { continue }
            let (quotient, remainder) = dividend.dividedDown(by: divisor)
            #expect(quotient * divisor + remainder == dividend, "\(dividend) / \(divisor)")
            #expect(!remainder.isNegative && remainder < divisor, "\(dividend) / \(divisor)")
        }
    }

    @Test func `numbers of any size are written in decimal`() {
        let two = ExactInteger(2)
        let power = (0..<200).reduce(ExactInteger.one) { power, _ in power * two }
        #expect(
            "\(power)" == "1606938044258990275541962092341162602522202993782792835301376")
        #expect("\(-power)".hasPrefix("-16069380442589902755"))
    }
}
