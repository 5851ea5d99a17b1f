import ISO20022
import Testing

@Suite("Envelopes")
struct EnvelopeTests {
    @Test(
        "a message in an envelope with an application header is read as without",
        arguments: ["RequestPayload", "BizMsgEnvlp", "Saa"])
    func enveloped(envelope: String) throws {
        for definition in Messages.all {
            var found = try parts(Messages.enveloped(definition, envelope: envelope))
            let bare = try parts(Messages.text(definition))
            guard case .header(let header) = found.removeFirst() else {
                Issue.record("no header")
                continue
            }
            #expect(header.sender?.bic == BIC("COBADEFFXXX"))
            #expect(header.receiver?.bic == BIC("POFICHBEXXX"))
            #expect(found == Array(bare.dropFirst()))
        }
    }

    @Test("a header that announces another message is refused")
    func otherMessage() {
        let text = Messages.enveloped(
            MessageDefinition(.notification, version: 8),
            announced: MessageDefinition(.notification, version: 4))
        #expect(fault(text)?.code == .wrongHeader)
    }

    @Test("a header of another kind is refused")
    func otherHeader() {
        let text = Messages.enveloped(MessageDefinition(.notification, version: 8))
            .replacing("head.001.001.02", with: "head.002.001.01")
        #expect(fault(text)?.code == .unknownMessage)
    }

    @Test("two messages in one file are refused: neither counts")
    func two() {
        let definition = MessageDefinition(.notification, version: 8)
        let message = Messages.text(definition).split(separator: "\n").dropFirst()
            .joined(separator: "\n")
        #expect(fault("<Batch>\(message)\(message)</Batch>")?.code == .unsupported)
    }

    @Test("an envelope without a message is refused")
    func none() {
        #expect(fault("<RequestPayload><Nothing/></RequestPayload>")?.code == .unknownMessage)
    }
}
