/// What an application header says of the message after it.
struct ApplicationHeader {
    var definition: String?
    var sender: Institution?
    var receiver: Institution?
}

/// Finding the message: by itself, after a business application header, or in an envelope with one.
extension MessageReader {
    /// Moves to the message's own element and makes known which message it is.
    mutating func openDocument() throws(MessageFault) {
        while true {
            switch try stream.read() {
            case .start where stream.tag == .appHdr: try readApplicationHeader()
            case .start where stream.name == "Document": return try openMessage()
            case .done:
                throw stream.fault(
                    .unknownMessage, "there is no element <Document>, in which every message is")
            case .start, .text, .end: continue
            }
        }
    }

    private mutating func openMessage() throws(MessageFault) {
        let namespace = stream.elementNamespace ?? ""
        guard namespace.hasPrefix(MessageDefinition.namespacePrefix) else {
            throw stream.fault(
                .unknownMessage, "the message is in no namespace of ISO 20022", found: namespace)
        }
        let identifier = namespace.dropFirst(MessageDefinition.namespacePrefix.count)
        guard let definition = MessageDefinition(identifier: identifier) else {
            throw stream.fault(
                .unknownMessage,
                "the desk reads "
                    + MessageKind.allCases.map(\.rawValue).joined(separator: ", ")
                    + " and no other kind of message", found: String(identifier))
        }
        guard definition.isKnown else {
            throw stream.fault(
                .unknownVersion,
                "of \(definition.kind.rawValue) the desk reads "
                    + MessageDefinition.versions(of: definition.kind).map {
                        MessageDefinition(definition.kind, version: $0).identifier
                    }.joined(separator: ", "), found: definition.identifier)
        }
        guard application.definition ?? definition.identifier == definition.identifier else {
            throw stream.fault(
                .wrongHeader, "the application header announces another message",
                found: application.definition)
        }
        self.definition = definition
        stream.expect(namespace: namespace)

        let (root, model) = Grammar.message(definition.kind)
        var document = Children(ContentModel(root.xmlName), of: stream)
        guard try document.next(&stream) != nil else {
            throw stream.faultInClosed(.missing, "<\(root.xmlName)> is missing")
        }
        message = Children(model, of: stream)
        self.document = document
    }

    private mutating func readApplicationHeader() throws(MessageFault) {
        let namespace = stream.elementNamespace ?? ""
        guard namespace.hasPrefix(MessageDefinition.namespacePrefix + "head.001.001.") else {
            throw stream.fault(
                .unknownMessage, "the application header is in no namespace of head.001",
                found: namespace)
        }
        stream.expect(namespace: namespace)
        var children = Children(Grammar.applicationHeader, of: stream)
        while let tag = try children.next(&stream) {
            switch tag {
            case .fr: application.sender = try correspondent()
            case .to: application.receiver = try correspondent()
            case .msgDefIdr: application.definition = try stream.text(35)
            default: break
            }
        }
    }

    private mutating func correspondent() throws(MessageFault) -> Institution? {
        var children = Children(Grammar.correspondent, of: stream)
        var institution: Institution?
        while try children.moves(to: .fiId, &stream) { institution = try stream.institution() }
        return institution
    }

    /// Reads on to the end of the file, as a fault may be there still.
    mutating func closeDocument() throws(MessageFault) {
        try checkPayments()
        while try document?.next(&stream) != nil {}
        while true {
            switch try stream.read() {
            case .done: return
            case .start where stream.name == "Document":
                throw stream.fault(.unsupported, "there are several messages in one file")
            case .start, .text, .end: continue
            }
        }
    }
}
