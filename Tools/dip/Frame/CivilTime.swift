/// A date and time of the Gregorian calendar in UTC, as ISO 8601 writes it.
///
/// Foundation takes the 30th of February and the 25th hour for something; money should not.
struct CivilTime {
    /// Seconds since 1970.
    let seconds: UInt64

    /// Reads `2026-12-31`, `2026-12-31T17:00`, `2026-12-31T17:00:00`, each with `Z`, `+01:00` or
    /// nothing behind the time, which is UTC.
    ///
    /// - Returns: nil for any other form, a day or time that does not exist, and times before 1970.
    init?(_ text: String) {
        var reader = DigitReader(text)
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2),
            reader.skip("-"), let day = reader.number(2), (1970...9999).contains(year),
            (1...12).contains(month), (1...Self.days(in: month, year)).contains(day)
        else { return nil }
        var seconds = Self.days(before: year, month, day) * 86_400
        if !reader.isAtEnd {
            guard reader.skip("T") || reader.skip(" "), let hour = reader.number(2),
                reader.skip(":"), let minute = reader.number(2), hour < 24, minute < 60
            else { return nil }
            seconds += hour * 3600 + minute * 60
            if reader.skip(":") {
                guard let second = reader.number(2), second < 60 else { return nil }
                seconds += second
            }
            guard let offset = reader.offset() else { return nil }
            seconds -= offset
        }
        guard reader.isAtEnd, seconds >= 0 else { return nil }
        self.seconds = UInt64(seconds)
    }

    /// `2026-12-31 17:00:00Z`; nil from the year 10000 on.
    static func text(_ seconds: UInt64) -> String? {
        guard seconds < 253_402_300_800 else { return nil }
        let rest = Int(seconds % 86_400)
        var days = Int(seconds / 86_400)
        var year = 1970
        while true {
            let length = isLeap(year) ? 366 : 365
            guard days >= length else { break }
            days -= length
            year += 1
        }
        var month = 1
        while days >= self.days(in: month, year) {
            days -= self.days(in: month, year)
            month += 1
        }
        let date = "\(year)-\(two(month))-\(two(days + 1))"
        return "\(date) \(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func isLeap(_ year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    private static func days(in month: Int, _ year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970 to a day.
    private static func days(before year: Int, _ month: Int, _ day: Int) -> Int {
        let years = (1970..<year).reduce(0) { $0 + (isLeap($1) ? 366 : 365) }
        return years + (1..<month).reduce(0) { $0 + days(in: $1, year) } + day - 1
    }
}

/// Reads digits and signs, front to back.
private struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    /// Exactly so many digits.
    mutating func number(_ count: Int) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        rest = rest.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Seconds that the zone is ahead of UTC; 0 where none is said.
    mutating func offset() -> Int? {
        if isAtEnd || skip("Z") { return 0 }
        let sign = skip("+") ? 1 : skip("-") ? -1 : 0
        guard sign != 0, let hours = number(2), skip(":"), let minutes = number(2), hours < 24,
            minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
