import Ledger
import Testing

@testable import Execution

/// Identifiers as registers publish them, and what is wrong with others.
@Suite struct IdentifierTests {
    /// LEIs that the Global LEI Index publishes, of Apple, Caterpillar, Deutsche Bank, JPMorgan Chase Bank,
    /// ICBC, Bank of China, BMW, Siemens and the Global LEI Foundation.
    static let leis = [
        "HWUPKR0MPOU8FGXBT394", "WRJR7GS4GTRECRRTVX92", "7LTWFZYICNSX8D621K86",
        "7H6GLXDRUGQFU57RNE97", "5493002ERZU2K9PZDL40", "54930053HGCFWVHYZX42",
        "529900D6BF99LW9R2E68", "INR2EJN1ERAN0W5ZP974", "506700GE1G29325QX363",
    ]

    /// Codes from the public register of enterprises, of Huawei, Alibaba, ICBC, Tencent, BYD, Bank of China,
    /// SAIC, Xiaomi and others.
    static let codes = [
        "914403001922038216", "91330100799655058B", "91100000100003962T", "9144030071526726XG",
        "91440300192317458F", "911000001000013428", "91310000132612172J", "91110108551385082Q",
        "91350100M000100Y43", "91110000802100433B", "91330000142916567N",
    ]

    @Test(arguments: leis)
    func `an LEI from the register is one`(_ text: String) throws {
        let lei = try LegalEntityIdentifier(text)
        #expect(lei.text == text)
        #expect(try LegalEntityIdentifier(word: lei.word) == lei)
        #expect(lei.word.bytes.prefix(20).elementsEqual(text.utf8))
        #expect(lei.word.bytes.suffix(12).allSatisfy { $0 == 0 })
    }

    @Test(arguments: codes)
    func `a social credit code from the register is one`(_ text: String) throws {
        #expect(try SocialCreditCode(text).text == text)
    }

    /// MOD 97-10 counts a letter as two digits: one in a hundred digits that became letters passes.
    @Test(arguments: leis)
    func `a wrong digit or letter, or two that changed places, is found in an LEI`(
        _ text: String
    ) {
        let all = Self.misspelt(text, alphabet: "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        for changed in all where zip(changed, text).allSatisfy({ $0.isLetter == $1.isLetter }) {
            #expect(throws: IdentifierFault.self, "\(changed)") {
                try LegalEntityIdentifier(changed)
            }
        }
    }

    @Test(arguments: codes)
    func `one wrong character, or two that changed places, is found in a social credit code`(
        _ text: String
    ) {
        for changed in Self.misspelt(text, alphabet: "0123456789ABCDEFGHJKLMNPQRTUWXY") {
            #expect(throws: IdentifierFault.self, "\(changed)") { try SocialCreditCode(changed) }
        }
    }

    /// Every text with one character replaced, and every one with two neighbours exchanged.
    private static func misspelt(_ text: String, alphabet: String) -> [String] {
        let characters = Array(text)
        var all: [String] = []
        for index in characters.indices {
            for other in alphabet where other != characters[index] {
                var changed = characters
                changed[index] = other
                all.append(String(changed))
            }
            guard index > 0, characters[index] != characters[index - 1] else { continue }
            var changed = characters
            changed.swapAt(index, index - 1)
            all.append(String(changed))
        }
        return all
    }

    @Test(
        arguments: [
            ("", "20 characters"), ("HWUPKR0MPOU8FGXBT39", "20 characters"),
            ("HWUPKR0MPOU8FGXBT3940", "20 characters"), ("hwupkr0mpou8fgxbt394", "capital"),
            ("HWUPKR0MPOU8FGXBT395", "would be 94"), ("HWUPKR0MPOU8FGXBT3A4", "check digits"),
            ("HWUPKR0MPOU8FGXB 394", "capital"), ("ＨWUPKR0MPOU8FGXBT3", "capital"),
            // 00, 01 and 99 leave the remainder 1 where 97, 98 and 02 belong.
            ("00000000000000000001", "would be 98"), ("00000000000000000098", ""),
            ("000000000000000012X1", "check digits"),
        ])
    func `what is wrong with an LEI is said`(text: String, why: String) {
        do throws(IdentifierFault) {
            _ = try LegalEntityIdentifier(text)
            #expect(why.isEmpty)
        } catch {
            #expect(!why.isEmpty && error.why.contains(why), "\(error.why)")
        }
    }

    @Test(
        arguments: [
            ("", "18 characters"), ("91440300192203821", "18 characters"),
            ("9144030019220382166", "18 characters"), ("914403001922038217", "would be 6"),
            ("91440300192203821I", "without I"), ("9144030o1922038216", "capital"),
            ("914403A01922038216", "region"), ("9144030071526726xG", "capital"),
        ])
    func `what is wrong with a social credit code is said`(text: String, why: String) {
        do throws(IdentifierFault) {
            _ = try SocialCreditCode(text)
            Issue.record("it was taken")
        } catch {
            #expect(error.why.contains(why), "\(error.why)")
        }
    }

    @Test func `a word with something behind the LEI is none, and one of zeros names nobody`()
        throws
    {
        #expect(try LegalEntityIdentifier(word: .zero) == nil)
        var bytes = try LegalEntityIdentifier(Self.leis[0]).word.bytes
        bytes[31] = 1
        #expect(throws: IdentifierFault.self) {
            try LegalEntityIdentifier(word: try #require(Hash32(bytes)))
        }
        let noText = try #require(
            Hash32([UInt8](repeating: 0xff, count: 20) + bytes.suffix(12).map { _ in 0 }))
        #expect(throws: IdentifierFault.self) { try LegalEntityIdentifier(word: noText) }
    }
}
