import ISO20022
import Ledger
import Testing

@Suite("Amounts")
struct MoneyTests {
    @Test(
        "an amount is read exactly",
        arguments: [
            ("EUR", "1500.00", 150_000), ("EUR", "1500", 150_000), ("EUR", "1500.5", 150_050),
            ("EUR", "0.01", 1), ("EUR", "0", 0), ("EUR", "0000000000000001.00", 100),
            ("JPY", "1500", 1500), ("KWD", "1.005", 1005), ("CLF", "1.0005", 10_005),
            ("CNY", "9999999999999999.99", 999_999_999_999_999_999),
            ("JPY", "999999999999999999", 999_999_999_999_999_999),
        ] as [(String, String, UInt128)])
    func exact(currency: String, text: String, units: UInt128) throws {
        let money = try Money(decimal: text, try #require(CurrencyCode(currency)))
        #expect(money.amount.units == units)
        #expect(try Money(decimal: money.decimal, money.currency) == money)
    }

    @Test(
        "an amount that is none is refused with the reason",
        arguments: [
            ("EUR", "1.005", Money.Fault.decimals(right: 2)), ("JPY", "1.0", .decimals(right: 0)),
            ("JPY", "79255.00", .decimals(right: 0)), ("KWD", "1.0005", .decimals(right: 3)),
            ("EUR", "-1.00", .form), ("EUR", "+1.00", .form), ("EUR", "1e3", .form),
            ("EUR", "1,00", .form), ("EUR", " 1.00", .form), ("EUR", "1.00\n", .form),
            ("EUR", "", .form), ("EUR", ".", .form), ("EUR", ".50", .form), ("EUR", "1.", .form),
            ("EUR", "1.2.3", .form), ("EUR", "NaN", .form), ("EUR", "INF", .form),
            ("EUR", "１.00", .form), ("EUR", "1234567890123456789", .digits),
            ("EUR", "12345678901234567.89", .digits),
        ])
    func refused(currency: String, text: String, fault: Money.Fault) throws {
        let code = try #require(CurrencyCode(currency))
        #expect(throws: fault) { try Money(decimal: text, code) }
    }

    @Test("an amount is written with all decimals of its currency")
    func written() throws {
        for (code, text) in [("EUR", "0.05"), ("JPY", "5"), ("KWD", "0.005"), ("CLF", "0.0005")] {
            let money = Money(Amount(5), try #require(CurrencyCode(code)))
            #expect(money.decimal == text)
        }
    }
}
