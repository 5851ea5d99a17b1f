import Ledger
import Settlement
import Testing

/// The one spelling of a template, and its id.
struct CanonicalTests {
    private static let small = """
        {"roles":{"maker":{},"buyer":{"pays":true}},"name":"\\u00e9\\/\\u0007\\n\\"€😀",
         "price":"5", "language" : 1,
         "locale":{"zh":{"name":"款"}},
         "lines":[{"to":"maker","rest":true}]}
        """

    @Test func `canonical bytes are those of RFC 8785`() throws {
        let text = Self.small.replacing("\\u0007\\n", with: "")
        let template = try Template(parsing: Array(text.utf8))
        #expect(
            String(decoding: template.canonicalBytes, as: UTF8.self) == """
                {"language":1,"lines":[{"rest":true,"to":"maker"}],"locale":{"zh":{"name":"款"}},"name":"é/\\"€😀",\
                "price":"5","roles":{"buyer":{"pays":true},"maker":{}}}
                """)
        #expect(try Template(parsing: template.canonicalBytes) == template)
    }

    /// The example of RFC 8785, section 3.2.3, of which the order is by UTF-16 code units.
    @Test func `names are sorted by code units and escapes are the shortest`() throws {
        let text = """
            {"name":"x","\\u20ac":1,"\\r":2,"\\ufb33":3,"1":4,"\\ud83d\\ude00":5,"\\u0080":6,"\\u00f6":7}
            """
        let faults = Template.faults(parsing: Array(text.utf8))
        #expect(faults.count == 11)
        let node = try DocumentNode(parsing: Array(text.utf8))
        #expect(
            String(decoding: node.canonicalBytes, as: UTF8.self)
                == "{\"\\r\":2,\"1\":4,\"name\":\"x\",\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}"
        )
        let controls = try DocumentNode(
            parsing: Array("\"\\u0000\\u001F\\b\\t\\n\\f\\r\\u007f\\/\"".utf8))
        #expect(
            String(decoding: controls.canonicalBytes, as: UTF8.self)
                == "\"\\u0000\\u001f\\b\\t\\n\\f\\r\u{7f}/\"")
    }

    @Test func `the purchase order has the id that it always had`() {
        #expect(PurchaseOrder.template.canonicalBytes.count == 1803)
        #expect(
            "\(PurchaseOrder.template.id)"
                == "0x37b631e890a56171f6a41877901115086ef2f968a93d760b04aaa46606b0d7af")
    }

    @Test func `the order of members says nothing`() throws {
        var lines = FaultTests.lines
        lines.swapAt(4, 5)
        lines.swapAt(10, 11)
        lines[16] = "    \"kept\": { \"from\": \"term\", \"follows\": \"done\" },"
        lines[17] = "    \"done\": { \"late\": \"fail\", \"by\": \"14d\", \"attest\": [\"maker\"] }"
        let one = try Template(parsing: Array(FaultTests.lines.joined(separator: "\n").utf8))
        let other = try Template(parsing: Array(lines.joined().utf8))
        #expect(one == other && one.id == other.id)
        #expect(one.gates == other.gates && one.gates.map(\.name) == ["done", "kept"])
    }
}
