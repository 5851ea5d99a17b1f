import JSON
import Testing

@testable import dip

struct AmountTests {
    @Test(arguments: [
        ("12", 1200), ("12.5", 1250), ("12.50", 1250), ("0.01", 1), ("0", 0),
    ])
    func `whole units become smallest ones exactly`(text: String, units: UInt128) throws {
        #expect(try cents.amount(text) == units)
    }

    @Test(arguments: [
        ("12.345", "two fine"), ("1.250", "two fine"), ("", "no amount"), ("-1", "no amount"),
        ("1,000", "no amount"), ("1e3", "no amount"), ("1.23457E+11", "no amount"),
        ("0x10", "no amount"), (".5", "no amount"), ("5.", "no amount"), ("1 ", "no amount"),
        ("3402823669209384634633746074317682115", "more than any amount"),
        ("340282366920938463463374607431768211456", "more than any amount"),
        (String(repeating: "9", count: 41), "more than any amount"),
    ])
    func `what is no exact amount is refused`(text: String, why: String) {
        let told = failure { _ = try cents.amount(text) } ?? ""
        #expect(told.contains(why.replacing("two fine", with: "too fine")), "\(told)")
    }

    @Test func `smallest units are taken as they are`() throws {
        #expect(try cents.amount("1250", inUnits: true) == 1250)
        #expect(failure { _ = try cents.amount("12.5", inUnits: true) } != nil)
        #expect(try Currency.dip.amount("0.000000000000000001") == 1)
    }

    @Test func `amounts are told with cents and in groups of three`() {
        #expect(cents.text(123_456_700) == "1,234,567.00 EBD")
        #expect(cents.plain(123_456_710) == "1234567.1")
        #expect(Currency.dip.text(1_500_000_000_000_000_000) == "1.5 DIP")
        #expect(cents.text(.string("-150")) == "-1.50 EBD")
    }

    @Test(arguments: [
        ("80", 8000), ("80%", 8000), ("99.5", 9950), ("0", 0), ("100", 10_000), ("8000bps", 8000),
        ("0.01%", 1),
    ])
    func `shares are per cent or basis points`(text: String, bps: UInt16) {
        #expect(Share(argument: text)?.bps == bps)
    }

    @Test(arguments: ["100.01", "10001bps", "-1", "x", "", "1.234", "%"])
    func `what is no share is refused`(text: String) { #expect(Share(argument: text) == nil) }

    @Test(arguments: [
        (10_000, "100 %"), (8050, "80.5 %"), (1, "0.01 %"), (9999, "99.99 %"), (0, "0 %"),
    ])
    func `basis points are told as per cent`(bps: UInt64, text: String) {
        #expect(Arguments.percent(bps: bps) == text)
    }
}
