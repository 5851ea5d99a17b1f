import ISO20022

/// The end of a day, as seconds since 1970.
public enum EndOfDay {
    /// The midnight at which a day ends, UTC; nil for a text that is no day since 1970.
    public static func seconds(_ day: String) -> UInt64? {
        guard let date = CivilDate(day), date.daysSince1970 >= 0 else { return nil }
        return UInt64(date.daysSince1970 + 1) * 86_400
    }
}
