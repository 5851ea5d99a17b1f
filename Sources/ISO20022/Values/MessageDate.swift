/// A day, or a day and time, wherever a message may give either.
public enum MessageDate: Hashable, Sendable {
    /// A day by the bank's calendar.
    case day(CivilDate)
    /// A day and time.
    case time(MessageTime)

    /// The day as the message has it, whatever its zone.
    public var day: CivilDate {
        switch self {
        case .day(let day): day
        case .time(let time): time.date
        }
    }
}
