import Ledger
import Testing

@Suite("Currencies")
struct CurrencyCodeTests {
    @Test(
        "a currency has the decimals of ISO 4217",
        arguments: [
            ("JPY", 0), ("KRW", 0), ("XOF", 0), ("CNY", 2), ("EUR", 2), ("USD", 2), ("ZWG", 2),
            ("KWD", 3), ("TND", 3), ("CLF", 4), ("AED", 2), ("UYW", 4),
        ])
    func decimals(code: String, decimals: Int) throws {
        let currency = try #require(CurrencyCode(code))
        #expect(currency.decimals == decimals)
        #expect(currency.description == code)
        #expect(currency.bytes == Array(code.utf8))
    }

    @Test(
        "what is no active currency has no value",
        arguments: [
            "", "EU", "EURO", "eur", "XXX", "XAU", "DEM", "BGN", "€UR", "AAA", "ZZZ", "\0\0\0",
        ])
    func unknown(code: String) {
        #expect(CurrencyCode(code) == nil)
    }

    @Test("the list is sorted, has no code twice, and each is found by its letters")
    func list() {
        #expect(CurrencyCode.all.count == 165)
        for (one, next) in zip(CurrencyCode.all, CurrencyCode.all.dropFirst()) {
            #expect(one < next)
            #expect(one.bytes != next.bytes)
        }
        for currency in CurrencyCode.all {
            #expect(CurrencyCode(currency.bytes) == currency)
        }
    }
}
