/// An integer of any size.
///
/// Sums over a role's members, and the tableau of the prover, pass 128 bits; nearly all others fit a
/// word and take no memory. Whoever computes with it bounds how often.
struct ExactInteger: Hashable, Sendable {
    /// The number, where `limbs` is empty; its magnitude is then below 2^63.
    private let small: Int
    /// Else the magnitude, lowest first, without leading zeros.
    private let limbs: [UInt32]
    private let isLargeNegative: Bool

    static let zero = ExactInteger(0)
    static let one = ExactInteger(1)

    init(_ value: Int) {
        guard value != .min else {
            self.init(negative: true, magnitude: [0, 0x8000_0000])
            return
        }
        self.init(small: value)
    }

    private init(small: Int) {
        self.small = small
        limbs = []
        isLargeNegative = false
    }

    init(_ value: UInt128) {
        var limbs: [UInt32] = []
        var rest = value
        while rest > 0 {
            limbs.append(UInt32(truncatingIfNeeded: rest))
            rest >>= 32
        }
        self.init(negative: false, magnitude: limbs)
    }

    /// Makes it from a magnitude, which may have leading zeros.
    private init(negative: Bool, magnitude: [UInt32]) {
        var limbs = magnitude
        while limbs.last == 0 { limbs.removeLast() }
        if limbs.count <= 2 {
            var value: UInt64 = 0
            for limb in limbs.reversed() { value = value << 32 | UInt64(limb) }
            if let value = Int(exactly: value) {
                self.init(small: negative ? -value : value)
                return
            }
        }
        self.init(negative: negative, limbs: limbs)
    }

    private init(negative: Bool, limbs: [UInt32]) {
        small = 0
        self.limbs = limbs
        isLargeNegative = negative
    }

    // MARK: Asking

    /// How many limbs of 32 bits it has; 0 where it fits a word.
    var size: Int { limbs.count }

    var isNegative: Bool { limbs.isEmpty ? small < 0 : isLargeNegative }
    var isZero: Bool { limbs.isEmpty && small == 0 }
    var isPositive: Bool { !isNegative && !isZero }

    /// The number where it is from 0 to 2^128 − 1.
    var units: UInt128? {
        guard !isNegative, limbs.count <= 4 else { return nil }
        if limbs.isEmpty { return UInt128(small) }
        return limbs.reversed().reduce(0) { $0 << 32 | UInt128($1) }
    }

    private var magnitude: [UInt32] {
        guard limbs.isEmpty else { return limbs }
        let value = small.magnitude
        return [UInt32(truncatingIfNeeded: value), UInt32(value >> 32)]
    }

    // MARK: Arithmetic

    static prefix func - (value: ExactInteger) -> ExactInteger {
        guard !value.limbs.isEmpty else { return ExactInteger(-value.small) }
        return ExactInteger(negative: !value.isLargeNegative, magnitude: value.limbs)
    }

    static func + (left: ExactInteger, right: ExactInteger) -> ExactInteger {
        if left.limbs.isEmpty, right.limbs.isEmpty {
            let (sum, overflow) = left.small.addingReportingOverflow(right.small)
            if !overflow { return ExactInteger(sum) }
        }
        let (one, other) = (left.magnitude, right.magnitude)
        if left.isNegative == right.isNegative {
            return ExactInteger(negative: left.isNegative, magnitude: Magnitude.sum(one, other))
        }
        if Magnitude.isLess(one, other) {
            return ExactInteger(
                negative: right.isNegative, magnitude: Magnitude.difference(other, one))
        }
        return ExactInteger(negative: left.isNegative, magnitude: Magnitude.difference(one, other))
    }

    static func - (left: ExactInteger, right: ExactInteger) -> ExactInteger { left + -right }

    static func * (left: ExactInteger, right: ExactInteger) -> ExactInteger {
        if left.limbs.isEmpty, right.limbs.isEmpty {
            let (product, overflow) = left.small.multipliedReportingOverflow(by: right.small)
            if !overflow { return ExactInteger(product) }
        }
        if left.isZero || right.isZero { return .zero }
        let product = Magnitude.product(left.magnitude, right.magnitude)
        return ExactInteger(negative: left.isNegative != right.isNegative, magnitude: product)
    }

    /// The quotient rounded down, for a divisor above 0; the remainder is from 0 to below the divisor.
    func dividedDown(by divisor: ExactInteger) -> (quotient: ExactInteger, remainder: ExactInteger)
    {
        precondition(divisor.isPositive, "a divisor is above 0")
        if divisor.small == 1 { return (self, .zero) }
        if limbs.isEmpty, divisor.limbs.isEmpty {
            let (quotient, remainder) = small.quotientAndRemainder(dividingBy: divisor.small)
            guard remainder < 0 else {
                return (ExactInteger(quotient), ExactInteger(remainder))
            }
            return (ExactInteger(quotient - 1), ExactInteger(remainder + divisor.small))
        }
        let (whole, rest) = Magnitude.divide(magnitude, by: divisor.magnitude)
        let quotient = ExactInteger(negative: isNegative, magnitude: whole)
        let remainder = ExactInteger(negative: isNegative, magnitude: rest)
        guard remainder.isNegative else { return (quotient, remainder) }
        return (quotient - .one, remainder + divisor)
    }

    /// The largest number above 0 that divides both; 0 for two zeros.
    static func greatestDivisor(_ one: ExactInteger, _ other: ExactInteger) -> ExactInteger {
        var (one, other) = (one.isNegative ? -one : one, other.isNegative ? -other : other)
        while !other.isZero { (one, other) = (other, one.dividedDown(by: other).remainder) }
        return one
    }
}

extension ExactInteger: Comparable {
    static func < (left: ExactInteger, right: ExactInteger) -> Bool { (left - right).isNegative }
}

extension ExactInteger: CustomStringConvertible {
    /// In decimal.
    var description: String {
        var digits: [String] = []
        var rest = isNegative ? -self : self
        let base = ExactInteger(1_000_000_000)
        while !rest.isZero {
            let (quotient, remainder) = rest.dividedDown(by: base)
            let part = String(remainder.small)
            digits.append(
                quotient.isZero ? part : String(repeating: "0", count: 9 - part.count) + part)
            rest = quotient
        }
        guard !digits.isEmpty else { return "0" }
        return (isNegative ? "-" : "") + digits.reversed().joined()
    }
}
