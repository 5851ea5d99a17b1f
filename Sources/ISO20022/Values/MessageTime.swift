/// A date and time as a message gives it.
public struct MessageTime: Hashable, Sendable {
    /// Where the clock hung that showed the time.
    public enum Zone: Hashable, Sendable {
        /// The message does not say: by ISO 20022 it is the local time of the bank that sent it.
        case bankLocal
        /// So many minutes ahead of UTC, from −840 to 840.
        case offset(minutes: Int)

        /// UTC.
        public static let utc = Zone.offset(minutes: 0)
    }

    /// The day that the clock showed.
    public let date: CivilDate
    /// The time of day in nanoseconds since midnight, below 86,400 × 10^9.
    public let nanoseconds: Int
    /// The zone of both.
    public let zone: Zone

    /// Makes a time to the second.
    ///
    /// - Returns: nil if there is no such time.
    public init?(_ date: CivilDate, hour: Int, minute: Int, second: Int, zone: Zone) {
        guard (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second) else {
            return nil
        }
        if case .offset(let minutes) = zone, abs(minutes) > 840 { return nil }
        self.init(
            date: date, nanoseconds: ((hour * 60 + minute) * 60 + second) * 1_000_000_000,
            zone: zone)
    }

    /// The time in UTC so many milliseconds after the beginning of 1970.
    ///
    /// - Returns: nil outside of the years 1 to 9999.
    public init?(millisecondsSince1970 milliseconds: Int64) {
        let day = Int64(86_400_000)
        let days = milliseconds >= 0 ? milliseconds / day : (milliseconds + 1) / day - 1
        guard let date = CivilDate(daysSince1970: Int(days)) else { return nil }
        self.init(
            date: date, nanoseconds: Int(milliseconds - days * day) * 1_000_000, zone: .utc)
    }

    private init(date: CivilDate, nanoseconds: Int, zone: Zone) {
        self.date = date
        self.nanoseconds = nanoseconds
        self.zone = zone
    }

    /// Reads `YYYY-MM-DDThh:mm:ss`, with a fraction of up to nine digits and with `Z` or `+hh:mm` or without.
    ///
    /// - Returns: nil if the text is of another form or there is no such time. 24:00:00 is the next midnight.
    public init?(_ text: some StringProtocol) { self.init(Array(text.utf8)[...]) }

    init?(_ bytes: ArraySlice<UInt8>) {
        let first = bytes.startIndex
        guard bytes.count >= 19, bytes[first + 10] == UInt8(ascii: "T"),
            bytes[first + 13] == UInt8(ascii: ":"), bytes[first + 16] == UInt8(ascii: ":"),
            var date = CivilDate(bytes[first..<first + 10]),
            let hour = Digits.number(bytes[first + 11..<first + 13]),
            let minute = Digits.number(bytes[first + 14..<first + 16]),
            let second = Digits.number(bytes[first + 17..<first + 19])
        else { return nil }

        var rest = bytes[(first + 19)...]
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            guard digits.count <= 9, let number = Digits.number(digits) else { return nil }
            fraction = (digits.count..<9).reduce(number) { number, _ in number * 10 }
            rest = rest[digits.endIndex...]
        }
        guard let zone = Zone(rest) else { return nil }

        if hour == 24, minute == 0, second == 0, fraction == 0 {
            guard let next = CivilDate(daysSince1970: date.daysSince1970 + 1) else { return nil }
            date = next
            self.init(date: date, nanoseconds: 0, zone: zone)
            return
        }
        guard hour < 24, minute < 60, second < 60 else { return nil }
        let seconds = (hour * 60 + minute) * 60 + second
        self.init(date: date, nanoseconds: seconds * 1_000_000_000 + fraction, zone: zone)
    }

    /// Milliseconds since the beginning of 1970, rounded down.
    ///
    /// - Parameter bankMinutes: how far the bank's local time is ahead of UTC, for a time without zone.
    /// - Returns: the time, negative before 1970.
    public func millisecondsSince1970(bankMinutes: Int) -> Int64 {
        let minutes =
            switch zone {
            case .bankLocal: bankMinutes
            case .offset(let minutes): minutes
            }
        return Int64(date.daysSince1970) * 86_400_000 + Int64(nanoseconds / 1_000_000)
            - Int64(minutes) * 60_000
    }
}

extension MessageTime.Zone {
    init?(_ bytes: ArraySlice<UInt8>) {
        let first = bytes.startIndex
        switch bytes.first {
        case nil: self = .bankLocal
        case UInt8(ascii: "Z") where bytes.count == 1: self = .utc
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard bytes.count == 6, bytes[first + 3] == UInt8(ascii: ":"),
                let hours = Digits.number(bytes[first + 1..<first + 3]),
                let minutes = Digits.number(bytes[first + 4..<first + 6]),
                minutes < 60, hours * 60 + minutes <= 840
            else { return nil }
            let ahead = hours * 60 + minutes
            self = .offset(minutes: bytes.first == UInt8(ascii: "-") ? -ahead : ahead)
        default: return nil
        }
    }
}

extension MessageTime.Zone: CustomStringConvertible {
    /// Nothing for the bank's local time, `Z`, or `+hh:mm`.
    public var description: String {
        guard case .offset(let minutes) = self else { return "" }
        guard minutes != 0 else { return "Z" }
        let ahead = abs(minutes)
        return (minutes < 0 ? "-" : "+") + Digits.text(ahead / 60, width: 2) + ":"
            + Digits.text(ahead % 60, width: 2)
    }
}

extension MessageTime: CustomStringConvertible {
    /// As in a message, with milliseconds where there are any; what is finer is left out.
    public var description: String {
        let seconds = nanoseconds / 1_000_000_000
        let milliseconds = nanoseconds / 1_000_000 % 1000
        return "\(date)T" + Digits.text(seconds / 3600, width: 2) + ":"
            + Digits.text(seconds / 60 % 60, width: 2) + ":" + Digits.text(seconds % 60, width: 2)
            + (milliseconds == 0 ? "" : "." + Digits.text(milliseconds, width: 3)) + "\(zone)"
    }
}
