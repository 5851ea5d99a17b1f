import Testing

@testable import dip

struct MomentTests {
    @Test(arguments: [
        ("1000", 1000), ("1970-01-02", 86_400), ("2028-02-29", 1_835_395_200),
        ("2026-12-31T17:00:00Z", 1_798_736_400),
        ("2026-12-31T17:00:00", 1_798_736_400), ("2026-12-31T18:00:00+01:00", 1_798_736_400),
        ("+30d", 500 + 2_592_000), ("+90", 590), ("+1h", 4100), ("+2w", 500 + 1_209_600),
    ])
    func `times are read as people write them`(text: String, seconds: UInt64) {
        #expect(Moment(argument: text)?.seconds(now: 500) == seconds)
    }

    @Test(arguments: [
        "", "tomorrow", "-5", "2026-13-01", "2026-02-30", "2027-02-29", "2026-12-31T25:00:00Z",
        "2026-12-31T23:60Z", "2026-12-31T", "2026-1-1", "2026-12-31Z", "20261231",
        "2026-12-31T17:00:00+1", "1970-01-01T00:00:00+01:00", "2026-12-31T17:00:00Zx", "+",
        "+d", "+-5d", "99999999999999",
        "+99999999999999999999d", "1969-12-31", "+9999999999y",
    ])
    func `what is no time is refused`(text: String) { #expect(Moment(argument: text) == nil) }

    @Test func `every time that is told reads back as itself`() {
        var seconds: UInt64 = 1
        while let text = CivilTime.text(seconds) {
            #expect(CivilTime(text)?.seconds == seconds, "\(text)")
            seconds += 98_765_432
        }
        #expect(seconds > 253_402_300_800)
    }

    @Test func `times of the ledger are told in UTC`() {
        #expect(Moment.text(1_798_736_400) == "2026-12-31 17:00:00Z")
        #expect(Moment.text(0) == "—")
        #expect(Moment.text(.max) == "\(UInt64.max)")
        #expect(TimeSpan.text(31_536_000) == "365 d")
        #expect(TimeSpan.text(90) == "90 s")
        #expect(TimeSpan.text(0) == "0 s")
    }
}
