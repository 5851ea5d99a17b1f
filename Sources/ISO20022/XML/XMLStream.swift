import CXML2

/// A file as a stream of opened elements, texts and closed elements, over libxml2's reader.
///
/// The reader expands no entities and opens no files; what it sees has passed a ``MarkupGuard``. Where an element stands is
/// known at each moment, for faults.
struct XMLStream: ~Copyable {
    enum Event {
        case start
        case text
        case end
        case done
    }

    let source: ByteSource
    let reader: xmlTextReaderPtr
    private let limits: MessageLimits
    /// Names are interned by libxml2: a pointer tells which it is, once it was met.
    private var tags: [UnsafePointer<xmlChar>: Tag] = [:]
    /// The element that was opened last, if it is one that messages have.
    private(set) var tag: Tag?

    /// How many elements are open.
    private(set) var depth = 0
    /// For each open element its name, and how many of the name there were one after another; behind the open ones, the element
    /// that was closed last at each depth.
    private(set) var names: [UnsafePointer<xmlChar>?]
    private(set) var ordinals: [Int]
    private var isEmptyElement = false
    /// Elements since the last ``mark()``.
    private var elements = 0

    /// The namespace that elements must be in, zero-terminated.
    private var namespace: [UInt8] = [0]
    /// Bytes of the text that was read last.
    private(set) var scratch: [UInt8] = []

    init(_ source: ByteSource, limits: MessageLimits) throws(MessageFault) {
        _ = Self.library
        let context = Unmanaged.passRetained(source)
        let options =
            XML_PARSE_NONET.rawValue | XML_PARSE_IGNORE_ENC.rawValue | XML_PARSE_BIG_LINES.rawValue
            | XML_PARSE_COMPACT.rawValue
        let reader = xmlReaderForIO(
            { context, buffer, count in
                guard let context, let buffer else { return -1 }
                let source = Unmanaged<ByteSource>.fromOpaque(context).takeUnretainedValue()
                return Int32(source.read(into: buffer, count: Int(count)))
            },
            { context in
                if let context { Unmanaged<ByteSource>.fromOpaque(context).release() }
                return 0
            }, context.toOpaque(), nil, "UTF-8", Int32(options))
        guard let reader else {
            throw MessageFault(.unreadable, line: 0, path: "/", why: "no memory for reading")
        }
        // The source outlives the reader, which is freed first.
        xmlTextReaderSetStructuredErrorHandler(
            reader,
            { context, error in
                guard let context, let error, error.pointee.level.rawValue >= XML_ERR_ERROR.rawValue
                else { return }
                let source = Unmanaged<ByteSource>.fromOpaque(context).takeUnretainedValue()
                if source.parserError == nil {
                    source.parserError = (error.pointee.code, Int(error.pointee.line))
                }
            }, context.toOpaque())
        self.source = source
        self.reader = reader
        self.limits = limits
        names = Array(repeating: nil, count: limits.depth + 2)
        ordinals = Array(repeating: 0, count: limits.depth + 2)
    }

    deinit { xmlFreeTextReader(reader) }

    private static let library: Void = xmlInitParser()

    /// Moves on.
    ///
    /// - Returns: what is met: an opened element, which now counts in ``depth``; a text; a closed element, which no longer does.
    mutating func read() throws(MessageFault) -> Event {
        if isEmptyElement {
            isEmptyElement = false
            return close()
        }
        while true {
            let result = xmlTextReaderRead(reader)
            guard result == 1, source.parserError == nil else {
                if result == 0, source.parserError == nil, source.stop == nil { return .done }
                throw parserFault()
            }
            switch UInt32(xmlTextReaderNodeType(reader)) {
            case XML_READER_TYPE_ELEMENT.rawValue: return try open()
            case XML_READER_TYPE_END_ELEMENT.rawValue: return close()
            case XML_READER_TYPE_TEXT.rawValue, XML_READER_TYPE_CDATA.rawValue,
                XML_READER_TYPE_SIGNIFICANT_WHITESPACE.rawValue,
                XML_READER_TYPE_WHITESPACE.rawValue:
                return .text
            case XML_READER_TYPE_COMMENT.rawValue,
                XML_READER_TYPE_PROCESSING_INSTRUCTION.rawValue,
                XML_READER_TYPE_XML_DECLARATION.rawValue:
                continue
            default: throw fault(.documentType, "the file declares or refers to entities")
            }
        }
    }

    private mutating func open() throws(MessageFault) -> Event {
        guard depth < limits.depth, let node = xmlTextReaderCurrentNode(reader) else {
            throw fault(.tooDeep, "elements are nested more than \(limits.depth) levels deep")
        }
        depth += 1
        let name: UnsafePointer<xmlChar>? = node.pointee.name
        ordinals[depth] = names[depth] == name ? ordinals[depth] + 1 : 1
        names[depth] = name
        names[depth + 1] = nil
        tag = name.flatMap { findTag($0) }
        isEmptyElement = xmlTextReaderIsEmptyElement(reader) == 1
        elements += 1
        guard elements <= limits.elementsAtOnce else {
            throw fault(
                .transactionTooLarge,
                "more than \(limits.elementsAtOnce) elements belong to one transaction or header")
        }
        return .start
    }

    private mutating func findTag(_ name: UnsafePointer<xmlChar>) -> Tag? {
        if let tag = tags[name] { return tag }
        // Names that messages do not have are not kept: there is no end to them.
        guard let tag = Tag(xmlName: String(cString: name)) else { return nil }
        tags[name] = tag
        return tag
    }

    private mutating func close() -> Event {
        depth -= 1
        return .end
    }

    /// What is read from here on is a part of its own.
    mutating func mark() { elements = 0 }

    /// The name of the element that was opened last.
    var name: String { names[depth].map { String(cString: $0) } ?? "" }

    /// The namespace of the element that was opened last, or nil without one.
    var elementNamespace: String? {
        xmlTextReaderCurrentNode(reader)?.pointee.ns?.pointee.href.map { String(cString: $0) }
    }

    /// From here on elements must be in this namespace.
    mutating func expect(namespace: String) { self.namespace = Array(namespace.utf8) + [0] }

    /// Whether the element that was opened last is in the expected namespace.
    var isInNamespace: Bool {
        guard let href = xmlTextReaderCurrentNode(reader)?.pointee.ns?.pointee.href else {
            return false
        }
        return namespace.withUnsafeBufferPointer { xmlStrEqual(href, $0.baseAddress) == 1 }
    }

    /// Whether the text that was just met is white space alone.
    var isBlank: Bool {
        guard var byte = xmlTextReaderCurrentNode(reader)?.pointee.content else { return true }
        while [0x20, 0x09, 0x0a, 0x0d].contains(byte.pointee) { byte += 1 }
        return byte.pointee == 0
    }

    /// An attribute of the element that was just opened.
    func attribute(_ name: StaticString) -> [UInt8]? {
        var attribute = xmlTextReaderCurrentNode(reader)?.pointee.properties
        while let this = attribute {
            if this.pointee.ns == nil, xmlStrEqual(this.pointee.name, name.utf8Start) == 1 {
                guard let content = this.pointee.children?.pointee.content else { return [] }
                return Array(Self.bytes(content))
            }
            attribute = this.pointee.next
        }
        return nil
    }

    /// Reads the text of the element that was just opened up to its end, into ``scratch``.
    mutating func readText() throws(MessageFault) {
        scratch.removeAll(keepingCapacity: true)
        let inside = depth
        while true {
            switch try read() {
            case .text:
                guard let content = xmlTextReaderCurrentNode(reader)?.pointee.content else {
                    continue
                }
                scratch.append(contentsOf: Self.bytes(content))
                guard scratch.count <= limits.textBytes else {
                    throw fault(.textTooLong, "a text is longer than \(limits.textBytes) bytes")
                }
            case .start: throw fault(.unexpected, "there is an element where only text may be")
            case .end where depth < inside: return
            case .end: continue
            case .done: throw fault(.truncated, "the file ends before its last element does")
            }
        }
    }

    /// libxml2's zero-terminated text.
    private static func bytes(_ text: UnsafePointer<xmlChar>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: text, count: Int(xmlStrlen(text)))
    }
}
