import ISO20022
import Testing

@Suite("Hostile files")
struct HostileTests {
    static let definition = MessageDefinition(.notification, version: 8)
    static let message = Messages.text(definition)

    /// The message with something before its document.
    static func prefixed(_ text: String) -> String {
        message.replacing("<Document", with: text + "<Document")
    }

    @Test(
        "a document type is refused, whatever is in it",
        arguments: [
            "<!DOCTYPE Document>", "<!DOCTYPE Document SYSTEM \"http://127.0.0.1/x.dtd\">",
            "<!DOCTYPE Document [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
            "<!DOCTYPE Document [<!ENTITY % p SYSTEM \"file:///etc/passwd\"> %p;]>",
            "<!DOCTYPE lolz [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>",
            "<!doctype html>", "<!ENTITY x \"y\">", "<!ELEMENT x ANY>", "<![INCLUDE[x]]>", "<! x>",
        ])
    func documentType(text: String) throws {
        let found = try #require(fault(Self.prefixed(text)))
        #expect(found.code == .documentType)
        #expect(found.line == 2)
    }

    @Test("a document type inside of the message, and behind it, is refused as well")
    func lateDocumentType() {
        let inside = Self.message.replacing("<Acct>", with: "<!DOCTYPE x><Acct>")
        #expect(fault(inside)?.code == .documentType)
        #expect(fault(Self.message + "<!DOCTYPE x>")?.code == .documentType)
        #expect(
            fault(Self.message + String(repeating: "\n", count: 60_000) + "<!DOCTYPE x>")?.code
                == .documentType)
    }

    @Test("what looks like a document type in a comment or text is none")
    func comment() throws {
        let bare = try parts(Self.message)
        for text in [
            "<!-- <!DOCTYPE x> -->", "<!-- - ->-->", "<!---->",
            "<?pi <!DOCTYPE x> ?>", "<?x ??>", "<!--\n-\n-->",
        ] {
            #expect(try parts(Self.prefixed(text)) == bare)
        }
        let inText = Self.message.replacing(
            "<Ustrd>ORDER 42 LINE 3</Ustrd>", with: "<Ustrd><![CDATA[<!DOCTYPE x>]]]]></Ustrd>")
        guard case .transaction(let transaction) = try parts(inText)[3] else {
            Issue.record("no transaction")
            return
        }
        #expect(transaction.remittance.lines == ["<!DOCTYPE x>]]"])
    }

    @Test("an entity that nobody declared is refused")
    func entity() {
        let text = Self.message.replacing("ORDER 42", with: "&xxe;")
        #expect(fault(text)?.code == .malformed)
    }

    @Test("the characters that XML has names for are read")
    func characters() throws {
        let text = Self.message.replacing(
            "ORDER 42 LINE 3", with: "&lt;&amp;&gt;&quot;&apos;&#x4e2d;&#25991;")
        guard case .transaction(let transaction) = try parts(text)[3] else {
            Issue.record("no transaction")
            return
        }
        #expect(transaction.remittance.lines == ["<&>\"'中文"])
    }

    @Test("a file that ends anywhere before its end is refused")
    func truncated() {
        let bytes = Array(Self.message.utf8)
        // The line break at the end may be missing.
        for count in 0..<bytes.count - 1 {
            #expect(fault(Array(bytes[..<count])) != nil)
        }
        #expect(fault(Array(bytes[..<(bytes.count - 1)])) == nil)
    }

    @Test(
        "a file with anything behind its end is refused",
        arguments: ["x", "<x/>", "</Document>", "\u{0}"])
    func extra(text: String) {
        #expect(fault(Self.message + text) != nil)
    }

    @Test(
        "nothing is read from what is no XML",
        arguments: [
            ("", MessageFault.Code.empty), (" ", .empty), ("%PDF-1.7", .unknownEncoding),
            ("{\"a\":1}", .unknownEncoding), ("PK\u{3}\u{4}", .unknownEncoding), ("<", .truncated),
            ("<<", .truncated), ("<a", .truncated), ("<a></b>", .malformed),
            (":20:STARTUMS", .unknownEncoding),
        ])
    func nonsense(text: String, code: MessageFault.Code) {
        #expect(fault(text)?.code == code)
    }

    @Test("a file that is not there, or is a folder, is a fault and no crash")
    func missing() {
        #expect(throws: MessageFault.self) {
            _ = try MessageReader(path: "/nonexistent/message.xml")
        }
        #expect(throws: MessageFault.self) {
            var reader = try MessageReader(path: "/")
            while try reader.next() != nil {}
        }
    }

    @Test("after a fault the reader gives nothing more")
    func afterFault() throws {
        var reader = try MessageReader(bytes: Array(Self.message.utf8.dropLast(300)))
        #expect(throws: MessageFault.self) { while try reader.next() != nil {} }
        #expect(try reader.next() == nil)
    }

    @Test("a fault says line and path, and nothing personal in its words")
    func place() throws {
        let text = Self.message.replacing("CH2909000000250094239", with: "CH2909000000250094238")
        let found = try #require(fault(text))
        #expect(found.code == .iban)
        #expect(
            found.path
                == "/Document/BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/NtryDtls/TxDtls/RltdPties/CdtrAcct/Id/IBAN"
        )
        let line = text.split(separator: "CH2909000000250094238")[0].count { $0 == "\n" } + 1
        #expect(found.line == line)
        #expect(found.found == "CH2909000000250094238")
        #expect(!found.description.contains("CH29"))
    }

    @Test("the second of a kind is told from the first")
    func ordinals() throws {
        let text = Messages.report(
            Self.definition,
            entries: String(repeating: Messages.entry(version: 8), count: 36)
                + Messages.entry(version: 8, amount: "-1"))
        #expect(
            fault(text)?.path == "/Document/BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry[37]/Amt")
    }
}
