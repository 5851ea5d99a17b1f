import ISO20022
import Ledger
import Testing

@Suite("Characters that are written")
struct CharacterTests {
    static func written(_ name: String, _ rule: CharacterRule) throws(WritingFault) -> String {
        guard let eur = CurrencyCode("EUR"), let id = MessageID("M-1"),
            let date = CivilDate("2026-11-26"), let time = MessageTime("2026-11-25T10:00:00Z"),
            let iban = try? IBAN("DE89370400440532013000")
        else { return "" }
        let payment = PaymentOrder(
            endToEndID: id, Money(Amount(100), eur), debtor: Party(name: "A"),
            debtorAccount: Account(.iban(iban)), debtorAgent: Institution(),
            creditor: Party(name: name), creditorAccount: Account(.iban(iban)), executionDate: date)
        var message = PaymentInitiation(
            id: id, created: time, initiator: Party(name: "A"), payments: [payment])
        message.characters = rule
        let xml = try message.xml()
        let transfers = ((try? parts(xml)) ?? []).compactMap { part in
            if case .transfer(let transfer) = part { transfer.parts.creditor?.name } else { nil }
        }
        return transfers.first ?? ""
    }

    @Test(
        "what has a similar Latin character is written with it",
        arguments: [
            ("Müller & Söhne", "Muller + Sohne"), ("Škoda Łódź", "Skoda Lodz"),
            ("Groß Œuvre Æ", "Gross OEuvre AE"), ("Cafe\u{301}", "Cafe"), ("a\nb\tc", "a b c"),
            ("\"A\" <B>", ".A. .B."), ("O’Neil–Smith", "O'Neil-Smith"), ("Ţară Șt", "Tara St"),
        ])
    func latin(name: String, text: String) throws {
        #expect(try Self.written(name, .latin) == text)
    }

    @Test("what has none is refused, never left out", arguments: ["北京钢铁", "Завод", "😀", "\u{1}"])
    func refused(name: String) {
        #expect(throws: WritingFault.self) { try Self.written(name, .latin) }
    }

    @Test(
        "names in any script survive where the receiver takes them",
        arguments: ["北京钢铁有限公司 & <Söhne>", "Завод \"№ 1\"", "😀 𠮷野家"])
    func unicode(name: String) throws {
        #expect(try Self.written(name, .unicode) == name)
    }

    @Test(
        "a sign of XML's is escaped whatever combines with it",
        arguments: ["<", ">", "&"], ["\u{301}", "\u{338}", "\u{200d}"])
    func combined(sign: String, mark: String) throws {
        let name = "A\(sign)\(mark)B"
        let written = try Self.written(name, .unicode)
        #expect(Array(written.unicodeScalars) == Array(name.unicodeScalars))
    }

    @Test(
        "what XML does not allow is refused in any script",
        arguments: ["\u{0}", "\u{1f}", "\u{fffe}"])
    func notXML(name: String) {
        #expect(throws: WritingFault.self) { try Self.written(name, .unicode) }
    }

    @Test("a name is cut at 140 characters, and never within one")
    func cut() throws {
        let long = String(repeating: "北", count: 139) + "é" + "x"
        #expect(try Self.written(long, .unicode) == String(repeating: "北", count: 139) + "é")
        let composed = String(repeating: "a", count: 139) + "e\u{301}"
        #expect(try Self.written(composed, .unicode) == String(repeating: "a", count: 139))
    }

    @Test("what is one character with many marks is cut within it, rather than left empty")
    func endless() throws {
        let endless = "e" + String(repeating: "\u{301}", count: 500)
        let written = try Self.written(endless, .unicode)
        #expect(Array(written.unicodeScalars) == Array(endless.unicodeScalars.prefix(140)))
        // Behind other characters it is left out whole.
        #expect(try Self.written("A " + endless, .unicode).hasPrefix("A"))
        #expect(try Self.written("A " + endless, .unicode).unicodeScalars.count <= 140)
    }

    @Test(
        "what is one character of many scalars stays whole at the cut, or goes",
        arguments: ["👨‍👩‍👧‍👦", "🇩🇪", "𠮷\u{e0100}", "각"])
    func whole(last: Character) throws {
        let count = last.unicodeScalars.count
        let fits = String(repeating: "北", count: 140 - count) + String(last)
        #expect(try Self.written(fits + "x", .unicode) == fits)
        let over = String(repeating: "北", count: 141 - count) + String(last)
        #expect(try Self.written(over, .unicode) == String(repeating: "北", count: 141 - count))
    }

    @Test("a name of which only an accent would be there to write is none")
    func nothing() {
        #expect(throws: WritingFault.self) { try Self.written("\u{301}", .latin) }
    }

    @Test("nobody is paid without a name")
    func empty() {
        #expect(throws: WritingFault.self) { try Self.written("", .unicode) }
    }
}
