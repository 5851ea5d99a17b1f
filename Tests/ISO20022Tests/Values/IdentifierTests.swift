import ISO20022
import Testing

@Suite("Identifiers")
struct IdentifierTests {
    @Test("a BIC has eight or eleven characters")
    func bic() throws {
        #expect(try #require(BIC("COBADEFF")).country == "DE")
        #expect(BIC("COBADEFF123") != nil)
        for text in ["COBADEF", "COBADEFFXX", "cobadeff", "COBA12FF", "COBADEFF ", ""] {
            #expect(BIC(text) == nil)
        }
    }

    @Test("an LEI's check digits are checked")
    func lei() {
        #expect(LEI("7LTWFZYICNSX8D621K86") != nil)
        #expect(LEI("7LTWFZYICNSX8D621K87") == nil)
        #expect(LEI("7LTWFZYICNSX8D621K8") == nil)
        #expect(LEI("7ltwfzyicnsx8d621k86") == nil)
    }

    @Test("a UETR is a lower-case UUID of version 4, and any sixteen bytes make one")
    func uetr() throws {
        #expect(UETR("eb6305c9-1f7f-49de-aed0-16487c27b42d") != nil)
        for text in [
            "EB6305C9-1F7F-49DE-AED0-16487C27B42D", "eb6305c9-1f7f-19de-aed0-16487c27b42d",
            "eb6305c9-1f7f-49de-7ed0-16487c27b42d", "eb6305c91f7f49deaed016487c27b42d", "",
        ] {
            #expect(UETR(text) == nil)
        }
        let made = try #require(UETR(bytes: [UInt8](repeating: 0xff, count: 16)))
        #expect(UETR(made.text) == made)
        #expect(made.text == "ffffffff-ffff-4fff-bfff-ffffffffffff")
    }

    @Test("what the desk calls messages is carried unchanged by every scheme")
    func messageID() {
        #expect(MessageID("DIP-20261125/1")?.text == "DIP-20261125/1")
        for text in [
            "", " A", "A ", "/A", "A/", "A//B", "Ä", "A_B", String(repeating: "A", count: 36),
            "A&B",
        ] {
            #expect(MessageID(text) == nil)
        }
    }

    @Test("an order is found in what a payer wrote, unless there are two")
    func orders() {
        func found(_ lines: String...) -> OrderReference? {
            var remittance = Remittance()
            remittance.lines = lines
            return OrderReference(remittance)
        }
        #expect(found("Invoice 7", "order 42 line 3") == OrderReference(order: 42, line: 3))
        #expect(found("/ORDER/42") == OrderReference(order: 42))
        #expect(found("ORDER 42", "ORDER 43") == nil)
        #expect(found("ORDER -1", "ORDER 99999999999999999999", "REORDER 4") == nil)
        let reference = OrderReference(order: 42, line: 3, buyer: "Käufer")
        #expect(OrderReference(reference.remittance()) == OrderReference(order: 42, line: 3))
        #expect(
            OrderReference(reference.remittance(text: false)) == OrderReference(order: 42, line: 3))
    }
}
