import ISO20022
import Testing

@Suite("IBANs")
struct IBANTests {
    @Test(
        "an IBAN with right check digits is read",
        arguments: [
            "DE89370400440532013000", "CH2909000000250094239", "FI7433010001222090",
            "GB29NWBK60161331926819", "FR1420041010050500013M02606", "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S", "KW81CBKU0000000000001234560101",
        ])
    func right(text: String) throws {
        let iban = try IBAN(text)
        #expect(iban.text == text)
        #expect(iban.country == text.prefix(2))
        #expect(try IBAN(country: iban.country, national: iban.national) == iban)
    }

    @Test(
        "what is wrong with an IBAN is told",
        arguments: [
            ("DE88370400440532013000", IBAN.Fault.checkDigits),
            ("DE98370400440532013000", .checkDigits),
            ("LT007180000000000000", .checkDigits),
            ("DE8937040044053201300", .length(right: 22)),
            ("DE893704004405320130000", .length(right: 22)),
            ("CN8937040044053201300", .country), ("US89370400440532013000", .country),
            ("DE89 3704 0044 0532 0130 00", .form), ("de89370400440532013000", .form),
            ("DEX9370400440532013000", .form), ("DE89", .form), ("", .form),
            ("DE8937040044053201300０", .form),
        ])
    func wrong(text: String, fault: IBAN.Fault) {
        #expect(throws: fault) { try IBAN(text) }
    }

    @Test("a digit that was mistyped or swapped with its neighbour is noticed")
    func mistyped() throws {
        let right = Array("DE89370400440532013000".utf8)
        for index in 2..<right.count {
            for digit in UInt8(0x30)...0x39 where digit != right[index] {
                var wrong = right
                wrong[index] = digit
                #expect((try? IBAN(String(decoding: wrong, as: UTF8.self))) == nil)
            }
            guard index + 1 < right.count, right[index] != right[index + 1] else { continue }
            var swapped = right
            swapped.swapAt(index, index + 1)
            #expect((try? IBAN(String(decoding: swapped, as: UTF8.self))) == nil)
        }
    }

    @Test("an account number that is no IBAN is another number")
    func other() throws {
        #expect(AccountID("DE89370400440532013000") == .iban(try IBAN("DE89370400440532013000")))
        #expect(AccountID("6222021001116245702") == .other("6222021001116245702"))
        #expect(AccountID("") == nil)
        #expect(AccountID(String(repeating: "1", count: 35)) == nil)
    }
}
