import CXML2

extension XMLStream {
    /// A fault at the element that was opened last, or at the open one that something is missing in.
    func fault(
        _ code: MessageFault.Code, _ why: String, found: String? = nil
    ) -> MessageFault {
        MessageFault(code, line: line, path: path(to: depth), why: why, found: found)
    }

    /// A fault in the element that was closed just now.
    func faultInClosed(
        _ code: MessageFault.Code, _ why: String, found: String? = nil
    ) -> MessageFault {
        MessageFault(code, line: line, path: path(to: depth + 1), why: why, found: found)
    }

    /// A fault in the text that was read just now.
    func faultInText(_ code: MessageFault.Code, _ why: String) -> MessageFault {
        faultInClosed(code, why, found: String(decoding: scratch, as: UTF8.self))
    }

    /// What the guard or libxml2 stopped at.
    func parserFault() -> MessageFault {
        if let stop = source.stop {
            return MessageFault(stop.code, line: source.line, path: path(to: depth), why: stop.why)
        }
        let error = source.parserError ?? (0, line)
        let (code, why) = words(xmlParserErrors(UInt32(error.number)))
        return MessageFault(code, line: error.line, path: path(to: depth), why: why)
    }

    /// libxml2's own words repeat what stands in the file, which may be personal, so that these take their place.
    private func words(_ error: xmlParserErrors) -> (MessageFault.Code, String) {
        switch error {
        case XML_ERR_TAG_NAME_MISMATCH:
            (.malformed, "an element is closed that was not the last to be opened")
        case XML_ERR_UNDECLARED_ENTITY, XML_WAR_UNDECLARED_ENTITY:
            (.malformed, "the file refers to an entity that XML does not have by itself")
        case XML_ERR_INVALID_CHAR, XML_ERR_INVALID_CHARREF:
            (.malformed, "the file has a character that XML does not allow")
        case XML_NS_ERR_UNDEFINED_NAMESPACE:
            (.malformed, "an element has a prefix for which no namespace is declared")
        case XML_ERR_ATTRIBUTE_REDEFINED: (.malformed, "an element has an attribute twice")
        case _ where source.isEmpty: (.empty, "there is nothing in the file")
        case _ where source.isTruncated:
            (.truncated, "the file ends before its last element is closed")
        default: (.malformed, "the file is no well-formed XML (libxml2 says \(error.rawValue))")
        }
    }

    /// The line of the element that was opened or closed last.
    private var line: Int {
        guard let node = xmlTextReaderCurrentNode(reader), node.pointee.line > 0,
            node.pointee.line < 65_535
        else { return Int(xmlTextReaderGetParserLineNumber(reader)) }
        return Int(node.pointee.line)
    }

    private func path(to depth: Int) -> String {
        guard depth > 0 else { return "/" }
        return (1...depth).map { level in
            // No message has a longer one.
            let name = names[level].map { String(cString: $0).prefix(40) } ?? "?"
            // The first of a kind goes without number, as most are the only one.
            return ordinals[level] > 1 ? "/\(name)[\(ordinals[level])]" : "/\(name)"
        }.joined()
    }
}
