import Ledger

/// A sum over amounts of any currencies, as control sums are: an exact number with five decimals.
struct DecimalSum: Hashable {
    /// Hundred-thousandths; below 10^23 where it was read.
    private(set) var units: UInt128 = 0

    /// Nothing.
    init() {}

    /// Reads a decimal number of at most 18 digits.
    ///
    /// - Returns: nil for another form, or for more than five decimals that are not 0: no amount has so many.
    init?(_ bytes: ArraySlice<UInt8>) {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.reduce(0, { $0 + $1.count }) <= 18,
            let whole = Digits.number(parts[0])
        else { return nil }
        units = UInt128(whole) * 100_000
        guard parts.count == 2 else { return }
        var decimals = parts[1]
        guard Digits.number(decimals) != nil else { return nil }
        while decimals.last == UInt8(ascii: "0") { decimals.removeLast() }
        guard decimals.count <= 5 else { return nil }
        units += UInt128(
            (decimals.count..<5).reduce(Digits.number(decimals) ?? 0) { number, _ in number * 10 })
    }

    /// Adds an amount that was read, whatever its currency.
    mutating func add(_ money: Money) {
        let scale = (money.currency.decimals..<5).reduce(UInt128(1)) { scale, _ in scale * 10 }
        units += money.amount.units * scale
    }

    /// How many digits it is written with.
    var digits: Int { decimal.utf8.count { $0 != UInt8(ascii: ".") } }

    /// The number without zeros at its end, as control sums are written.
    var decimal: String {
        let digits = Digits.text(units, width: 6)
        var decimals = digits.suffix(5)
        while decimals.last == "0" { decimals.removeLast() }
        return digits.dropLast(5) + (decimals.isEmpty ? "" : "." + decimals)
    }
}
