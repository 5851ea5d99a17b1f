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
            return ExactInteger(negative: left.isNegative, magnitude: sum(one, other))
        }
        if isLess(one, other) {
            return ExactInteger(negative: right.isNegative, magnitude: difference(other, one))
        }
        return ExactInteger(negative: left.isNegative, magnitude: difference(one, other))
    }

    static func - (left: ExactInteger, right: ExactInteger) -> ExactInteger { left + -right }

    static func * (left: ExactInteger, right: ExactInteger) -> ExactInteger {
        if left.limbs.isEmpty, right.limbs.isEmpty {
            let (product, overflow) = left.small.multipliedReportingOverflow(by: right.small)
            if !overflow { return ExactInteger(product) }
        }
        if left.isZero || right.isZero { return .zero }
        let (one, other) = (left.magnitude, right.magnitude)
        var product = [UInt32](repeating: 0, count: one.count + other.count)
        for (index, limb) in one.enumerated() where limb > 0 {
            var carry: UInt64 = 0
            for (place, factor) in other.enumerated() {
                let sum = UInt64(limb) * UInt64(factor) + UInt64(product[index + place]) + carry
                product[index + place] = UInt32(truncatingIfNeeded: sum)
                carry = sum >> 32
            }
            product[index + other.count] = UInt32(carry)
        }
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
        let (whole, rest) = Self.divide(magnitude, by: divisor.magnitude)
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

    // MARK: Magnitudes

    private static func isLess(_ one: [UInt32], _ other: [UInt32]) -> Bool {
        let count = max(one.count, other.count)
        for index in (0..<count).reversed() {
            let left = index < one.count ? one[index] : 0
            let right = index < other.count ? other[index] : 0
            if left != right { return left < right }
        }
        return false
    }

    private static func sum(_ one: [UInt32], _ other: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        var carry: UInt64 = 0
        for index in 0..<max(one.count, other.count) {
            let left = index < one.count ? UInt64(one[index]) : 0
            let right = index < other.count ? UInt64(other[index]) : 0
            let sum = left + right + carry
            result.append(UInt32(truncatingIfNeeded: sum))
            carry = sum >> 32
        }
        result.append(UInt32(carry))
        return result
    }

    /// The larger less the smaller.
    private static func difference(_ larger: [UInt32], _ smaller: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        var borrow: Int64 = 0
        for index in larger.indices {
            let right = index < smaller.count ? Int64(smaller[index]) : 0
            let value = Int64(larger[index]) - right - borrow
            borrow = value < 0 ? 1 : 0
            result.append(UInt32(truncatingIfNeeded: value))
        }
        return result
    }

    /// Long division, a limb of the quotient at a time: Knuth, The Art of Computer Programming 4.3.1, D.
    private static func divide(
        _ dividend: [UInt32], by divisor: [UInt32]
    ) -> (quotient: [UInt32], remainder: [UInt32]) {
        var divisor = divisor
        while divisor.last == 0 { divisor.removeLast() }
        guard divisor.count > 1, let top = divisor.last else {
            return divide(dividend, by: divisor[0])
        }
        guard dividend.count >= divisor.count else { return ([], dividend) }
        // With the divisor's highest bit set, a digit that is guessed from two limbs is at most 2 too large.
        let shift = UInt64(top.leadingZeroBitCount)
        let lower = shifted(divisor, by: shift).dropLast()
        var rest = shifted(dividend, by: shift)
        let count = divisor.count
        let (first, second) = (UInt64(lower[count - 1]), UInt64(lower[count - 2]))
        var quotient = [UInt32](repeating: 0, count: dividend.count - count + 1)
        for place in quotient.indices.reversed() {
            let head = UInt64(rest[place + count]) << 32 | UInt64(rest[place + count - 1])
            var (digit, left) = head.quotientAndRemainder(dividingBy: first)
            while digit >> 32 > 0 || digit * second > left << 32 | UInt64(rest[place + count - 2]) {
                digit -= 1
                left += first
                if left >> 32 > 0 { break }
            }
            if subtract(lower, times: digit, from: &rest, at: place) {
                digit -= 1
                add(lower, to: &rest, at: place)
            }
            quotient[place] = UInt32(truncatingIfNeeded: digit)
        }
        var remainder = [UInt32](repeating: 0, count: count)
        for index in 0..<count {
            let pair = UInt64(rest[index + 1]) << 32 | UInt64(rest[index])
            remainder[index] = UInt32(truncatingIfNeeded: pair >> shift)
        }
        return (quotient, remainder)
    }

    /// Shifted to the left by less than a limb, with one limb more.
    private static func shifted(_ value: [UInt32], by shift: UInt64) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(value.count + 1)
        var carry: UInt64 = 0
        for limb in value {
            let wide = UInt64(limb) << shift | carry
            result.append(UInt32(truncatingIfNeeded: wide))
            carry = wide >> 32
        }
        result.append(UInt32(carry))
        return result
    }

    /// Takes a multiple away.
    /// - Returns: whether that was more than there was; the highest limb has then run below 0.
    private static func subtract(
        _ value: ArraySlice<UInt32>, times digit: UInt64, from rest: inout [UInt32], at place: Int
    ) -> Bool {
        var carry: UInt64 = 0
        var borrow: Int64 = 0
        for index in 0..<value.count {
            let product = digit * UInt64(value[index]) + carry
            carry = product >> 32
            let difference = Int64(rest[place + index]) - Int64(product & 0xffff_ffff) - borrow
            rest[place + index] = UInt32(truncatingIfNeeded: difference)
            borrow = difference < 0 ? 1 : 0
        }
        let difference = Int64(rest[place + value.count]) - Int64(carry) - borrow
        rest[place + value.count] = UInt32(truncatingIfNeeded: difference)
        return difference < 0
    }

    private static func add(
        _ value: ArraySlice<UInt32>, to rest: inout [UInt32], at place: Int
    ) {
        var carry: UInt64 = 0
        for index in 0..<value.count {
            let sum = UInt64(rest[place + index]) + UInt64(value[index]) + carry
            rest[place + index] = UInt32(truncatingIfNeeded: sum)
            carry = sum >> 32
        }
        rest[place + value.count] = UInt32(
            truncatingIfNeeded: UInt64(rest[place + value.count]) + carry)
    }

    private static func divide(
        _ dividend: [UInt32], by divisor: UInt32
    ) -> (quotient: [UInt32], remainder: [UInt32]) {
        var quotient = dividend
        var rest: UInt64 = 0
        for index in dividend.indices.reversed() {
            let part = rest << 32 | UInt64(dividend[index])
            quotient[index] = UInt32(part / UInt64(divisor))
            rest = part % UInt64(divisor)
        }
        return (quotient, [UInt32(rest)])
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
