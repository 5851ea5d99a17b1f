/// A number that is not negative, exactly as it was written in decimal.
///
/// Money in files is decimal text; a binary fraction would already have rounded it.
public struct DecimalNumber: Hashable, Sendable {
    /// The digits as a whole number; the last of them is not 0 unless ``scale`` is 0.
    public let digits: UInt128
    /// How many of the digits stand behind the decimal point.
    public let scale: Int

    /// 0.
    public static let zero = DecimalNumber(digits: 0, scale: 0)
    /// 1.
    public static let one = DecimalNumber(digits: 1, scale: 0)

    /// Whether this is 0.
    public var isZero: Bool { digits == 0 }

    /// The number digits / 10^scale.
    public init(digits: UInt128, scale: Int) {
        var digits = digits
        var scale = scale
        while scale > 0, digits % 10 == 0 {
            digits /= 10
            scale -= 1
        }
        self.digits = digits
        self.scale = scale
    }

    /// Reads `12`, `12.50` or `1.25e3`.
    ///
    /// - Returns: nil for a sign, for any other form, for more than 38 places behind the point and for
    ///   more digits than 128 bits hold.
    public init?(_ text: some StringProtocol) {
        var digits: UInt128 = 0
        var scale = 0
        var sawPoint = false
        var sawDigit = false
        var rest = Substring(text).utf8
        while let byte = rest.first {
            switch byte {
            case 0x30...0x39:
                guard let next = Self.append(UInt128(byte - 0x30), to: digits) else { return nil }
                digits = next
                sawDigit = true
                if sawPoint { scale += 1 }
            case UInt8(ascii: ".") where sawDigit && !sawPoint:
                sawPoint = true
                guard let after = rest.dropFirst().first, (0x30...0x39).contains(after) else {
                    return nil
                }
            case UInt8(ascii: "e") where sawDigit, UInt8(ascii: "E") where sawDigit:
                guard let exponent = Self.exponent(rest.dropFirst()) else { return nil }
                self.init(digits: digits, scale: scale, exponent: exponent)
                return
            default: return nil
            }
            rest = rest.dropFirst()
        }
        guard sawDigit else { return nil }
        self.init(digits: digits, scale: scale, exponent: 0)
    }

    private init?(digits: UInt128, scale: Int, exponent: Int) {
        var digits = digits
        var scale = scale - exponent
        while scale < 0 {
            guard let next = Self.append(0, to: digits) else { return nil }
            digits = next
            scale += 1
            if digits == 0 { scale = 0 }
        }
        self.init(digits: digits, scale: scale)
        guard self.scale <= 38 else { return nil }
    }

    private static func append(_ digit: UInt128, to digits: UInt128) -> UInt128? {
        let (tenfold, over) = digits.multipliedReportingOverflow(by: 10)
        let (sum, overAgain) = tenfold.addingReportingOverflow(digit)
        return over || overAgain ? nil : sum
    }

    private static func exponent(_ text: Substring.UTF8View.SubSequence) -> Int? {
        var text = text
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative || text.first == UInt8(ascii: "+") { text = text.dropFirst() }
        guard (1...3).contains(text.count) else { return nil }
        var value = 0
        for byte in text {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return isNegative ? -value : value
    }
}

extension DecimalNumber {
    /// The sum, or nil where 128 bits do not hold its digits.
    public func adding(_ other: DecimalNumber) -> DecimalNumber? {
        let places = max(scale, other.scale)
        guard let left = units(decimals: places), let right = other.units(decimals: places) else {
            return nil
        }
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? nil : DecimalNumber(digits: sum, scale: places)
    }

    /// The product, or nil where 128 bits do not hold its digits.
    public func multiplied(by other: DecimalNumber) -> DecimalNumber? {
        let (product, overflow) = digits.multipliedReportingOverflow(by: other.digits)
        return overflow ? nil : DecimalNumber(digits: product, scale: scale + other.scale)
    }

    /// The number × 10^decimals.
    ///
    /// - Returns: nil where that is no whole number, or needs more than 128 bits.
    public func units(decimals: Int) -> UInt128? {
        guard decimals >= scale else { return nil }
        var units = digits
        for _ in scale..<decimals {
            guard let next = Self.append(0, to: units) else { return nil }
            units = next
            if units == 0 { return 0 }
        }
        return units
    }
}

extension DecimalNumber: CustomStringConvertible {
    /// Plain digits with a point only where it is needed, as JSON writes numbers: `12.5`.
    public var description: String { text(grouped: false, places: 0) }

    /// Digits in groups of three, with at least `places` behind the point: `220,475.00`.
    public func grouped(places: Int = 0) -> String { text(grouped: true, places: places) }

    private func text(grouped: Bool, places: Int) -> String {
        var whole = String(digits)
        if whole.count <= scale {
            whole = String(repeating: "0", count: scale + 1 - whole.count) + whole
        }
        let fraction = whole.suffix(scale)
        var front = String(whole.dropLast(scale))
        if grouped {
            var parts: [Substring] = []
            var rest = front[...]
            while rest.count > 3 {
                parts.append(rest.suffix(3))
                rest = rest.dropLast(3)
            }
            parts.append(rest)
            front = parts.reversed().joined(separator: ",")
        }
        let padding = String(repeating: "0", count: max(0, places - scale))
        let behind = fraction + padding
        return behind.isEmpty ? front : front + "." + behind
    }
}
