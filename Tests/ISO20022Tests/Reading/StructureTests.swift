import ISO20022
import Testing

@Suite("Structure and values")
struct StructureTests {
    static let message = Messages.text(MessageDefinition(.notification, version: 8))

    /// Removes an element with all in it, wherever it is first.
    static func removing(_ name: String, from text: String = message) -> String {
        text.replacing(
            try! Regex("<\(name)>.*?</\(name)>").dotMatchesNewlines(), with: "", maxReplacements: 1)
    }

    @Test(
        "an element that must be there is missed",
        arguments: [
            "MsgId", "CreDtTm", "GrpHdr", "Id", "Acct", "Amt", "CdtDbtInd", "Sts", "BkTxCd",
            "SubFmlyCd",
        ])
    func missing(name: String) {
        let text = Self.removing(name).replacing(
            "<Amt Ccy=\"EUR\">1500.00</Amt>",
            with: name == "Amt" ? "" : "<Amt Ccy=\"EUR\">1500.00</Amt>")
        #expect(fault(text)?.code == .missing)
    }

    @Test(
        "an element that may be missing is not",
        arguments: ["ElctrncSeqNb", "FrToDt", "BookgDt", "AcctSvcrRef", "RmtInf"])
    func optional(name: String) {
        #expect(fault(Self.removing(name)) == nil)
    }

    @Test("an element twice, in the wrong place or unknown is refused")
    func unexpected() {
        for (old, new) in [
            ("<MsgId>MSG-1</MsgId>", "<MsgId>MSG-1</MsgId><MsgId>MSG-2</MsgId>"),
            ("<Sts><Cd>BOOK</Cd></Sts>", "<Sts><Cd>BOOK</Cd></Sts><Amt Ccy=\"EUR\">1.00</Amt>"),
            ("<Sts>", "<Status/><Sts>"), ("<Sts>", "text<Sts>"),
            ("<Cd>BOOK</Cd>", "<Cd><b>BOOK</b></Cd>"),
            ("<Cd>BOOK</Cd>", "<Cd>BOOK</Cd><Prtry>B</Prtry>"),
        ] {
            let text = Self.message.replacing(old, with: new, maxReplacements: 1)
            #expect(text != Self.message)
            #expect(fault(text)?.code == .unexpected)
        }
    }

    @Test(
        "a wrong value is refused with its own code",
        arguments: [
            ("<MsgId>MSG-1", "<MsgId>", MessageFault.Code.text),
            ("<MsgId>MSG-1", "<MsgId>123456789012345678901234567890123456", .text),
            ("Ccy=\"EUR\">1500.00", "Ccy=\"EUR\">1500.001", .decimals),
            ("Ccy=\"EUR\">1500.00", "Ccy=\"JPY\">1500.00", .decimals),
            ("Ccy=\"EUR\">1500.00", "Ccy=\"EUR\">-1500.00", .amount),
            ("Ccy=\"EUR\">1500.00", "Ccy=\"EUR\">+1500.00", .amount),
            ("Ccy=\"EUR\">1500.00", "Ccy=\"EUR\">1.5e3", .amount),
            ("Ccy=\"EUR\">1500.00", "Ccy=\"EUR\"> 1500.00", .amount),
            ("Ccy=\"EUR\">1500.00", "Ccy=\"EUR\">1000000000000000000.00", .amount),
            ("Ccy=\"EUR\">1500.00", "Ccy=\"eur\">1500.00", .currency),
            ("Ccy=\"EUR\">1500.00", "Ccy=\"XXX\">1500.00", .currency),
            (" Ccy=\"EUR\">1500.00", ">1500.00", .missing),
            ("<CdtDbtInd>CRDT", "<CdtDbtInd>CREDIT", .code),
            ("<Dt>2026-11-25", "<Dt>2026-11-31", .date),
            ("<CreDtTm>2026-11-25T18:00:00+01:00", "<CreDtTm>2026-11-25 18:00:00", .date),
            ("<ElctrncSeqNb>96", "<ElctrncSeqNb>-96", .number),
            ("<IBAN>DE89", "<IBAN>DE88", .iban), ("<BICFI>COBADEFFXXX", "<BICFI>COBADEFFXX", .bic),
            ("<NbOfTxs>2", "<NbOfTxs>two", .number), ("<Ccy>EUR", "<Ccy>EURO", .currency),
        ])
    func values(old: String, new: String, code: MessageFault.Code) {
        let text = Self.message.replacing(old, with: new, maxReplacements: 1)
        #expect(text != Self.message)
        #expect(fault(text)?.code == code)
    }

    @Test("the length of a text counts characters, not bytes")
    func characters() {
        let chinese = String(repeating: "北", count: 140)
        let text = Self.message.replacing("ORDER 42 LINE 3", with: chinese)
        #expect(fault(text) == nil)
        #expect(
            fault(Self.message.replacing("ORDER 42 LINE 3", with: chinese + "京"))?.code == .text)
    }

    @Test("a notification has no balances, and a statement has some")
    func balances() {
        let statement = Messages.text(MessageDefinition(.statement, version: 8))
        let notification = Self.message.replacing(
            "</Acct>", with: "</Acct>" + Messages.balance("OPBD", "1.00"))
        #expect(fault(notification)?.code == .unexpected)
        let none = statement.replacing(
            try! Regex("<Bal>.*</Bal>").dotMatchesNewlines(), with: "")
        #expect(fault(none)?.code == .missing)
    }

    @Test("each code of a fault is its own")
    func codes() {
        #expect(
            Set(MessageFault.Code.allCases.map(\.rawValue)).count
                == MessageFault.Code.allCases.count)
    }

    @Test("a document has one message, and nothing beside it")
    func oneMessage() {
        for text in ["<BkToCstmrDbtCdtNtfctn/>", "text", "<SplmtryData/>"] {
            #expect(
                fault(Self.message.replacing("</Document>", with: text + "</Document>"))?.code
                    == .unexpected)
        }
    }
}
