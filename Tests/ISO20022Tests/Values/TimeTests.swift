import ISO20022
import Testing

@Suite("Dates and times")
struct TimeTests {
    @Test(
        "a day that exists is read and written",
        arguments: [
            ("1970-01-01", 0), ("2026-11-25", 20_782), ("2000-02-29", 11_016),
            ("1969-12-31", -1), ("0001-01-01", -719_162), ("9999-12-31", 2_932_896),
        ])
    func days(text: String, days: Int) throws {
        let date = try #require(CivilDate(text))
        #expect(date.description == text)
        #expect(date.daysSince1970 == days)
        #expect(CivilDate(daysSince1970: days) == date)
    }

    @Test("each day of four centuries follows the one before")
    func everyDay() throws {
        var last = try #require(CivilDate("1899-12-31"))
        for days in last.daysSince1970 + 1...last.daysSince1970 + 146_097 {
            let date = try #require(CivilDate(daysSince1970: days))
            #expect(last < date && date.daysSince1970 == days)
            last = date
        }
        #expect(last.description == "2299-12-31")
    }

    @Test(
        "a day that does not exist has no value",
        arguments: [
            "2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-01-00",
            "0000-01-01", "26-01-01", "2026-1-1", "2026-01-01Z", "2026/01/01", "20260101", "",
            "-026-01-01", "12026-01-01", "2026-01-0a",
        ])
    func noDay(text: String) {
        #expect(CivilDate(text) == nil)
    }

    @Test(
        "a time is read with its zone, or as the bank's local time",
        arguments: [
            ("2026-11-25T10:15:00Z", Int64(1_795_601_700_000)),
            ("2026-11-25T11:15:00+01:00", 1_795_601_700_000),
            ("2026-11-25T04:45:00-05:30", 1_795_601_700_000),
            // The bank is an hour ahead.
            ("2026-11-25T11:15:00", 1_795_601_700_000),
            ("2026-11-25T10:15:00.123Z", 1_795_601_700_123),
            ("2026-11-25T10:15:00.123456789Z", 1_795_601_700_123),
            ("2026-11-24T24:00:00Z", 1_795_564_800_000),
            ("1969-12-31T23:59:59.999Z", -1),
        ])
    func times(text: String, milliseconds: Int64) throws {
        let time = try #require(MessageTime(text))
        #expect(time.millisecondsSince1970(bankMinutes: 60) == milliseconds)
        let again = try #require(MessageTime(millisecondsSince1970: milliseconds))
        #expect(again.millisecondsSince1970(bankMinutes: 0) == milliseconds)
        #expect(MessageTime(time.description)?.zone == time.zone)
    }

    @Test("a time without zone says so")
    func local() throws {
        #expect(try #require(MessageTime("2026-11-25T11:15:00")).zone == .bankLocal)
        #expect(try #require(MessageTime("2026-11-25T11:15:00Z")).zone == .utc)
    }

    @Test(
        "a time that does not exist has no value",
        arguments: [
            "2026-11-25", "2026-11-25T10:15", "2026-11-25 10:15:00", "2026-11-25T25:00:00",
            "2026-11-25T24:00:01", "2026-11-25T10:60:00", "2026-11-25T10:15:60",
            "2026-11-25T10:15:00z", "2026-11-25T10:15:00+1:00", "2026-11-25T10:15:00+15:00",
            "2026-11-25T10:15:00+14:01", "2026-11-25T10:15:00.", "2026-11-25T10:15:00.1234567890Z",
            "2026-11-25T10:15:00+01:0a", "2026-02-30T10:15:00Z", "9999-12-31T24:00:00Z", "",
        ])
    func noTime(text: String) {
        #expect(MessageTime(text) == nil)
    }
}
