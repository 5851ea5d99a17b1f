import Ledger

/// What a spender may take from an owner: a 256-bit number, whose largest says "without limit".
struct Allowance: Hashable, Sendable {
    let high: UInt128
    let low: UInt128

    init(_ value: Hash32) {
        high = UInt128(value.parts.0) << 64 | UInt128(value.parts.1)
        low = UInt128(value.parts.2) << 64 | UInt128(value.parts.3)
    }

    private init(high: UInt128, low: UInt128) {
        self.high = high
        self.low = low
    }

    /// The number as a word.
    var word: Hash32 {
        Hash32(
            UInt64(truncatingIfNeeded: high >> 64), UInt64(truncatingIfNeeded: high),
            UInt64(truncatingIfNeeded: low >> 64), UInt64(truncatingIfNeeded: low))
    }

    /// Whether it is 2^256 − 1, which is never decreased.
    var isUnlimited: Bool { high == .max && low == .max }

    /// What is left after so much was taken, nil where it does not suffice.
    func subtracting(_ amount: UInt128) -> Allowance? {
        let rest = low.subtractingReportingOverflow(amount)
        if rest.overflow, high == 0 { return nil }
        return Allowance(high: rest.overflow ? high - 1 : high, low: rest.partialValue)
    }
}
