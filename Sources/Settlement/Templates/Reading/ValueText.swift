import Ledger

/// The texts in which templates and bindings write values.
enum ValueText {
    /// The longest text of a value, in bytes.
    static let bytesLimit = 64

    /// An amount: decimal digits without leading zeros, below 2^128.
    static func amount(_ text: String) -> UInt128? {
        guard text == "0" || !text.hasPrefix("0"), text.utf8.count <= 39 else { return nil }
        return Amount(decimal: text)?.units
    }

    /// A share in basis points: `10%`, `12.5%`, `0.01%`; at most `most` of them.
    static func share(_ text: String, most: UInt64 = 10_000) -> UInt64? {
        guard text.utf8.count <= 16, text.utf8.last == UInt8(ascii: "%") else { return nil }
        let number = withoutLast(text)
        guard let bps = fixedPoint(number, places: 2), bps <= UInt128(most) else { return nil }
        return UInt64(bps)
    }

    /// A text without its last scalar.
    ///
    /// Swift takes some scalars and the one behind them for a single character, by the Unicode that it was
    /// built with: such a one would disappear together with the sign.
    private static func withoutLast(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.dropLast()))
    }

    /// A number with a point and at most so many decimal places, as so many smallest units.
    static func fixedPoint(_ text: some StringProtocol, places: Int) -> UInt128? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = amount(String(parts[0])) else { return nil }
        var scale: UInt128 = 1
        for _ in 0..<places { scale *= 10 }
        var fraction: UInt128 = 0
        if parts.count == 2 {
            guard (1...places).contains(parts[1].utf8.count),
                let digits = Amount(decimal: parts[1])
            else { return nil }
            fraction = digits.units
            for _ in parts[1].utf8.count..<places { fraction *= 10 }
        }
        let (units, overflow) = whole.multipliedReportingOverflow(by: scale)
        guard !overflow else { return nil }
        let (sum, passes) = units.addingReportingOverflow(fraction)
        return passes ? nil : sum
    }

    /// A share as it is written: `12.5%`.
    static func share(ofBasisPoints bps: UInt128) -> String {
        let (whole, rest) = bps.quotientAndRemainder(dividingBy: 100)
        guard rest > 0 else { return "\(whole)%" }
        if rest % 10 == 0 { return "\(whole).\(rest / 10)%" }
        return "\(whole).\(rest < 10 ? "0" : "")\(rest)%"
    }

    /// Units of durations, the longest first.
    private static let units: [(letter: UInt8, seconds: UInt64)] = [
        (UInt8(ascii: "w"), 604_800), (UInt8(ascii: "d"), 86_400), (UInt8(ascii: "h"), 3600),
        (UInt8(ascii: "m"), 60), (UInt8(ascii: "s"), 1),
    ]

    /// A duration in seconds: `2w`, `14d`, `36h`, `30m`, `90s`.
    static func duration(_ text: String) -> UInt64? {
        guard text.utf8.count <= 16, let letter = text.utf8.last,
            let unit = units.first(where: { $0.letter == letter }),
            let count = amount(withoutLast(text)), count <= 1 << 40
        else { return nil }
        return UInt64(count) * unit.seconds
    }

    /// A duration as it is written, in the longest unit but weeks that divides it.
    static func duration(ofSeconds seconds: UInt128) -> String {
        for unit in units.dropFirst() where seconds % UInt128(unit.seconds) == 0 {
            return "\(seconds / UInt128(unit.seconds))\(Unicode.Scalar(unit.letter))"
        }
        return "\(seconds)s"
    }

    /// A time in seconds since 1970: `2027-03-31` (its first second) or `2027-03-31T08:30:00Z`, always UTC.
    static func time(_ text: String) -> UInt64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 10 || bytes.count == 20, let year = digits(bytes, 0..<4), year >= 1970,
            let month = digits(bytes, 5..<7), (1...12).contains(month),
            let day = digits(bytes, 8..<10), day >= 1, day <= daysOfMonth(month, year),
            bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-")
        else { return nil }
        let start = days(year: year, month: month, day: day) * 86_400
        guard bytes.count == 20 else { return start }
        guard bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"), bytes[19] == UInt8(ascii: "Z"),
            let hour = digits(bytes, 11..<13), hour < 24,
            let minute = digits(bytes, 14..<16), minute < 60,
            let second = digits(bytes, 17..<19), second < 60
        else { return nil }
        return start + hour * 3600 + minute * 60 + second
    }

    private static func digits(_ bytes: [UInt8], _ range: Range<Int>) -> UInt64? {
        var number: UInt64 = 0
        for byte in bytes[range] {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + UInt64(byte - 0x30)
        }
        return number
    }

    private static func isLeap(_ year: UInt64) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    private static func daysOfMonth(_ month: UInt64, _ year: UInt64) -> UInt64 {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from the first of 1970; years from there on, at most 9999.
    private static func days(year: UInt64, month: UInt64, day: UInt64) -> UInt64 {
        let before = year - 1
        let leaps = before / 4 - before / 100 + before / 400
        var days = before * 365 + leaps - 719_162
        for earlier in 1..<month { days += daysOfMonth(earlier, year) }
        return days + day - 1
    }
}
