import SupplyChain
import Testing

@Suite struct DecimalNumberTests {
    @Test(arguments: [
        ("0", "0"), ("000", "0"), ("575.0", "575"), ("9.69999999999999", "9.69999999999999"),
        ("0.07", "0.07"), ("1e3", "1000"), ("1.25E2", "125"), ("5e-3", "0.005"), ("0e99", "0"),
        ("340282366920938463463374607431768211455", "340282366920938463463374607431768211455"),
    ])
    func `decimal text is read exactly`(text: String, expected: String) {
        #expect(DecimalNumber(text)?.description == expected)
    }

    @Test(arguments: [
        "", ".", ".5", "1.", "-1", "+1", "1,000", "1.2.3", "1e", "1e+", "1e9999", "abc", " 1",
        "0x10",
        "340282366920938463463374607431768211456", "1e39", "1e-39", "٣",
    ])
    func `anything else has no value`(text: String) {
        #expect(DecimalNumber(text) == nil)
    }

    @Test func `a tenth and two tenths are three tenths`() throws {
        let tenth = try #require(DecimalNumber("0.1"))
        let two = try #require(DecimalNumber("0.2"))
        #expect(tenth.adding(two) == DecimalNumber("0.3"))
        #expect(tenth.multiplied(by: two) == DecimalNumber("0.02"))
    }

    @Test func `units exist only where nothing is rounded away`() throws {
        let price = try #require(DecimalNumber("12.345"))
        #expect(price.units(decimals: 2) == nil)
        #expect(price.units(decimals: 3) == 12_345)
        #expect(price.units(decimals: 5) == 1_234_500)
        #expect(DecimalNumber(digits: .max, scale: 0).units(decimals: 1) == nil)
        #expect(DecimalNumber.zero.units(decimals: 200) == 0)
    }

    @Test func `sums and products beyond 128 bits have no value`() {
        let largest = DecimalNumber(digits: .max, scale: 0)
        #expect(largest.adding(.one) == nil)
        #expect(largest.multiplied(by: DecimalNumber(digits: 2, scale: 0)) == nil)
    }

    @Test func `people read groups of three`() {
        #expect(DecimalNumber("220475")?.grouped() == "220,475")
        #expect(DecimalNumber("1000000.5")?.grouped(places: 2) == "1,000,000.50")
        #expect(DecimalNumber("0.005")?.grouped() == "0.005")
        #expect(DecimalNumber("12")?.grouped(places: 2) == "12.00")
        #expect(DecimalNumber.zero.grouped() == "0")
    }
}
