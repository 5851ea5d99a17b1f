/// A day of the Gregorian calendar, counted from 1 January 1970.
public struct CalendarDay: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// How many days after 1 January 1970.
    public let number: Int

    /// The day so many days after 1 January 1970.
    public init(number: Int) { self.number = number }

    /// Midnight at its start, seconds of Unix time; 0 for a day before 1970.
    public var seconds: UInt64 { UInt64(max(0, number)) * 86_400 }

    /// The day so many days later.
    public func adding(days: Int) -> CalendarDay { CalendarDay(number: number + days) }

    /// Whether the left day is the earlier one.
    public static func < (left: CalendarDay, right: CalendarDay) -> Bool {
        left.number < right.number
    }

    /// Reads `2-Jun-06`, a year of this century, or `6/2/2006`, month first.
    /// - Returns: nil for another form, a day that there is not, and a year outside of 1970 to 2999.
    public init?(_ text: some StringProtocol) {
        let dashed = text.split(separator: "-", omittingEmptySubsequences: false)
        let slashed = text.split(separator: "/", omittingEmptySubsequences: false)
        if dashed.count == 3, let month = Self.months.firstIndex(of: dashed[1].lowercased()),
            let day = Self.number(dashed[0], digits: 1...2),
            let year = Self.number(dashed[2], digits: 2...2)
        {
            self.init(year: 2000 + year, month: month + 1, day: day)
        } else if slashed.count == 3, let month = Self.number(slashed[0], digits: 1...2),
            let day = Self.number(slashed[1], digits: 1...2),
            let year = Self.number(slashed[2], digits: 4...4)
        {
            self.init(year: year, month: month, day: day)
        } else {
            return nil
        }
    }

    /// The day with a date.
    /// - Returns: nil for a day that there is not, and a year outside of 1970 to 2999.
    public init?(year: Int, month: Int, day: Int) {
        guard (1970...2999).contains(year), (1...12).contains(month) else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...lengths[month - 1]).contains(day) else { return nil }
        let earlier = year - 1
        // Days from 1 January of year 1 to 1 January 1970.
        let epoch = 719_162
        number =
            earlier * 365 + earlier / 4 - earlier / 100 + earlier / 400 - epoch
            + lengths.prefix(month - 1).reduce(0, +) + day - 1
    }

    /// The date as ISO 8601 writes it: `2006-06-02`.
    public var description: String {
        // Counted from 1 March of year 0, so that a leap day ends its year.
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(year)-\(two(month))-\(two(day))"
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    private static func number(_ text: some StringProtocol, digits: ClosedRange<Int>) -> Int? {
        guard digits.contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(text)
    }
}
