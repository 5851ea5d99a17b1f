/// An international bank account number whose check digits and length are right.
///
/// - Source: ISO 13616; lengths by the registry of IBAN formats.
public struct IBAN: Hashable, Sendable {
    /// Why a text is no IBAN.
    public enum Fault: Error, Hashable, Sendable {
        /// It is not two capital letters, two digits, then capital letters and digits.
        case form
        /// The country has no IBANs.
        case country
        /// The country's IBANs have so many characters.
        case length(right: Int)
        /// The check digits are not those of the rest: somewhere a character is wrong.
        case checkDigits
    }

    /// The characters without spaces.
    public let text: String

    /// Reads an IBAN in its electronic form, without spaces.
    ///
    /// - Throws: ``Fault`` with the first rule that it breaks.
    public init(_ text: some StringProtocol) throws(Fault) { try self.init(Array(text.utf8)[...]) }

    init(_ bytes: ArraySlice<UInt8>) throws(Fault) {
        let first = bytes.startIndex
        guard (5...34).contains(bytes.count), bytes.allSatisfy(Self.isDigitOrCapital),
            bytes.prefix(2).allSatisfy({ $0 > 0x39 }),
            let check = Digits.number(bytes[first + 2..<first + 4])
        else { throw .form }
        guard let length = Self.lengths[Self.key(bytes[first], bytes[first + 1])] else {
            throw .country
        }
        guard bytes.count == length else { throw .length(right: length) }
        // 98 minus a remainder of 97 is between 2 and 98.
        guard (2...98).contains(check), Self.remainder(bytes[(first + 4)...], bytes.prefix(4)) == 1
        else { throw .checkDigits }
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// The country, two capital letters.
    public var country: String { String(text.prefix(2)) }

    /// The account's name within its country: bank, branch and number in the country's own form.
    public var national: String { String(text.dropFirst(4)) }

    /// Makes the IBAN of a national account number, with the right check digits.
    ///
    /// - Throws: ``Fault`` if the country has none or they are of another length or form.
    public init(country: String, national: String) throws(Fault) {
        let head = Array(country.utf8)
        let rest = Array(national.utf8)
        guard head.count == 2, (head + rest).allSatisfy(Self.isDigitOrCapital) else { throw .form }
        let check = 98 - Self.remainder(rest[...], (head + [0x30, 0x30])[...])
        try self.init(country + Digits.text(check, width: 2) + national)
    }

    private static func isDigitOrCapital(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
    }

    /// The remainder by 97 of `rest` and then `head` as digits, letters counting as 10 to 35.
    private static func remainder(_ rest: ArraySlice<UInt8>, _ head: ArraySlice<UInt8>) -> Int {
        var remainder = 0
        for part in [rest, head] {
            for byte in part {
                remainder =
                    byte <= 0x39
                    ? remainder * 10 + Int(byte & 15) : remainder * 100 + Int(byte) - 55
                remainder %= 97
            }
        }
        return remainder
    }

    private static func key(_ first: UInt8, _ second: UInt8) -> UInt16 {
        UInt16(first) << 8 | UInt16(second)
    }

    private static let lengths: [UInt16: Int] = {
        let list = """
            AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 \
            EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 \
            IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 \
            NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 \
            SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
            """
        var lengths: [UInt16: Int] = [:]
        for entry in list.split(separator: " ") {
            let bytes = Array(entry.utf8)
            lengths[key(bytes[0], bytes[1])] = Digits.number(bytes[2...])
        }
        return lengths
    }()
}

extension IBAN: CustomStringConvertible {
    /// The characters without spaces.
    public var description: String { text }
}

extension IBAN.Fault: CustomStringConvertible {
    /// The reason in a sentence.
    public var description: String {
        switch self {
        case .form:
            "an IBAN is two capital letters, two digits, and then capital letters and digits"
        case .country: "this country has no IBANs"
        case .length(let right): "an IBAN of this country has \(right) characters"
        case .checkDigits: "the check digits of the IBAN are wrong: a character was mistyped"
        }
    }
}
