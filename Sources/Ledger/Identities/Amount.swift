/// A sum of money in a token's smallest unit, from 0 to 2^128 − 1.
///
/// Money has no `+` and no `-`: what would leave the range has no value, and the caller must say what
/// happens then.
@frozen
public struct Amount: Hashable, Sendable, Comparable {
    /// The number of smallest units.
    public let units: UInt128

    /// Makes an amount of so many smallest units.
    @inlinable
    public init(_ units: UInt128) { self.units = units }

    /// Nothing.
    public static let zero = Amount(0)

    /// The sum, or nil where it would reach 2^128.
    @inlinable
    public func adding(_ other: Amount) -> Amount? {
        let (sum, overflow) = units.addingReportingOverflow(other.units)
        return overflow ? nil : Amount(sum)
    }

    /// ⌊self × numerator / denominator⌋ through a 256-bit product.
    /// - Returns: nil where the denominator is 0 or the quotient would reach 2^128.
    @inlinable
    public func scaled(by numerator: UInt128, over denominator: UInt128) -> Amount? {
        guard denominator != 0 else { return nil }
        let product = units.multipliedFullWidth(by: numerator)
        // The quotient fits 128 bits exactly when the high half is below the divisor.
        guard product.high < denominator else { return nil }
        if product.high == 0 { return Amount(product.low / denominator) }
        return Amount(denominator.dividingFullWidth((product.high, product.low)).quotient)
    }

    /// Reads a decimal number without sign, separator or leading `+`.
    /// - Returns: nil if the text is of another form or the number reaches 2^128.
    public init?(decimal text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let units = UInt128(text)
        else { return nil }
        self.init(units)
    }

    /// The order of the numbers.
    @inlinable
    public static func < (left: Amount, right: Amount) -> Bool { left.units < right.units }
}

extension Amount: CustomStringConvertible {
    /// The units in decimal.
    public var description: String { String(units) }
}
