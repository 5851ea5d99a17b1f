import ISO20022
import Testing

@Suite("Kinds and versions")
struct VersionTests {
    @Test("each kind and version that the desk knows is read", arguments: Messages.all)
    func known(definition: MessageDefinition) throws {
        let parts = try parts(Messages.text(definition))
        guard case .header(let header) = parts.first else {
            Issue.record("no header")
            return
        }
        #expect(header.definition == definition)
        #expect(parts.count > 1)
    }

    @Test(
        "our own messages are valid by the official schemas", .enabled(if: Schema.canValidate),
        arguments: Messages.all.filter { Samples.schema($0.identifier) != nil })
    func valid(definition: MessageDefinition) throws {
        #expect(
            try Schema.complaints(Array(Messages.text(definition).utf8), definition.identifier)
                == "")
    }

    @Test(
        "a version that the desk does not know is refused with those that it knows",
        arguments: [
            ("camt.054", 3, "camt.054.001.02, camt.054.001.04, camt.054.001.08"),
            ("pain.002", 11, "pain.002.001.03, pain.002.001.10"),
        ])
    func unknown(kind: String, version: Int, known: String) throws {
        let definition = MessageDefinition(
            try #require(MessageKind(rawValue: kind)), version: version)
        let found = try #require(fault(Messages.document(definition, "<X/>")))
        #expect(found.code == .unknownVersion)
        #expect(found.why.contains(known))
    }

    @Test(
        "what is no message of a known kind is refused",
        arguments: [
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.055.001.09\"/>",
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.8\"/>",
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.002.08\"/>",
            "<Document xmlns=\"urn:swift:xsd:camt.054.001.02\"/>", "<Document/>", "<html/>",
        ])
    func foreign(text: String) throws {
        #expect(fault(text)?.code == .unknownMessage)
    }

    @Test("an element in another namespace than the message's is refused")
    func namespaces() throws {
        let text = Messages.text(MessageDefinition(.notification, version: 8))
            .replacing(
                "<Acct>", with: "<Acct xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.04\">")
        #expect(fault(text)?.code == .unexpected)
    }

    @Test("a prefix for the namespace is as good as none")
    func prefix() throws {
        let definition = MessageDefinition(.notification, version: 8)
        let text = Messages.text(definition)
            .replacing("xmlns=", with: "xmlns:n=").replacing("</", with: "</n:")
            .replacing(/<([A-Z])/) { "<n:\($0.output.1)" }
        #expect(try parts(text) == parts(Messages.text(definition)))
    }

    @Test("a definition is written as it is read")
    func identifiers() {
        for definition in Messages.all {
            #expect(MessageDefinition(identifier: definition.identifier) == definition)
        }
    }
}
