/// Looks at a file's markup before libxml2 does, so that nothing hostile or endless ever gets into memory.
///
/// It is no parser: what is not well-formed is libxml2's to find, which stops at the first such place. Up to there both see
/// the same tags.
struct MarkupGuard {
    private enum State {
        case text
        /// After `<`.
        case open
        case startTag(last: UInt8)
        case quoted(UInt8)
        case endTag
        /// After `<!`, and after `<!-`.
        case bang
        case bangDash
        /// After so many bytes of `[CDATA[`.
        case bangBracket(met: Int)
        /// In a comment, CDATA section or processing instruction, which `end` closes; `met` of its bytes have come.
        case until(end: StaticString, met: Int)
    }

    let limits: MessageLimits
    private var state = State.text
    /// Bytes since the state before.
    private var run = 0
    private var depth = 0
    private var attributes = 0
    private(set) var elements = 0
    private(set) var line = 1
    /// How many of the bytes that were looked at last may go on.
    private(set) var accepted = 0

    init(_ limits: MessageLimits) { self.limits = limits }

    /// Why the guard lets nothing more through.
    struct Stop: Error {
        let code: MessageFault.Code
        let why: String
    }

    /// Looks at the next bytes.
    ///
    /// - Throws: ``Stop`` at the first byte that must not go on.
    mutating func check(_ bytes: ArraySlice<UInt8>) throws(Stop) {
        accepted = 0
        for byte in bytes {
            run += 1
            switch byte {
            case 0x0a: line += 1
            // libxml2 would guess at another encoding.
            case 0:
                throw Stop(
                    code: .malformed, why: "the file has a character that XML does not allow")
            default: break
            }
            switch state {
            case .text:
                if byte == UInt8(ascii: "<") {
                    enter(.open)
                } else if run > limits.textBytes {
                    throw longText
                }
            case .open:
                switch byte {
                case UInt8(ascii: "/"): enter(.endTag)
                case UInt8(ascii: "!"): enter(.bang)
                case UInt8(ascii: "?"): enter(.until(end: "?>", met: 0))
                default: try startElement(byte)
                }
            case .startTag(let last): try goOn(inTag: byte, after: last)
            case .quoted(let quote):
                try checkTagLength()
                if byte == quote { state = .startTag(last: byte) }
            case .endTag:
                try checkTagLength()
                if byte == UInt8(ascii: ">") {
                    depth -= 1
                    enter(.text)
                }
            case .bang:
                switch byte {
                case UInt8(ascii: "-"): state = .bangDash
                case UInt8(ascii: "["): state = .bangBracket(met: 1)
                default: throw declaration
                }
            case .bangDash:
                guard byte == UInt8(ascii: "-") else { throw declaration }
                enter(.until(end: "-->", met: 0))
            case .bangBracket(let met):
                guard byte == Self.cdata.utf8Start[met] else { throw declaration }
                if met + 1 == Self.cdata.utf8CodeUnitCount {
                    enter(.until(end: "]]>", met: 0))
                } else {
                    state = .bangBracket(met: met + 1)
                }
            case .until(let end, let met): try goOn(until: end, met, byte)
            }
            accepted += 1
        }
    }

    /// Whether what was seen so far cannot be all.
    var isInside: Bool {
        if case .text = state { depth > 0 } else { true }
    }

    private mutating func enter(_ next: State) {
        state = next
        run = 0
    }

    private mutating func startElement(_ byte: UInt8) throws(Stop) {
        elements += 1
        guard elements <= limits.elements else {
            throw Stop(
                code: .tooManyElements, why: "the file has more than \(limits.elements) elements")
        }
        attributes = 0
        enter(.startTag(last: byte))
        try goOn(inTag: byte, after: 0)
    }

    private mutating func goOn(inTag byte: UInt8, after last: UInt8) throws(Stop) {
        try checkTagLength()
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): state = .quoted(byte)
        case UInt8(ascii: "="):
            attributes += 1
            guard attributes <= limits.attributes else {
                throw Stop(
                    code: .tagTooLong, why: "a tag has more than \(limits.attributes) attributes")
            }
            state = .startTag(last: byte)
        case UInt8(ascii: ">"):
            if last != UInt8(ascii: "/") {
                depth += 1
                guard depth <= limits.depth else {
                    throw Stop(
                        code: .tooDeep,
                        why: "elements are nested more than \(limits.depth) levels deep")
                }
            }
            enter(.text)
        default: state = .startTag(last: byte)
        }
    }

    private func checkTagLength() throws(Stop) {
        guard run <= limits.tagBytes else {
            throw Stop(code: .tagTooLong, why: "a tag is longer than \(limits.tagBytes) bytes")
        }
    }

    private mutating func goOn(
        until end: StaticString, _ met: Int, _ byte: UInt8
    ) throws(Stop) {
        guard run <= limits.textBytes else { throw longText }
        if byte == end.utf8Start[met] {
            if met + 1 == end.utf8CodeUnitCount {
                enter(.text)
            } else {
                state = .until(end: end, met: met + 1)
            }
        } else {
            // `--->` and `]]]>` close too: of a run of the first byte, as many count as the end begins with.
            let first = end.utf8Start[0]
            let again = byte == first ? max(1, met == end.utf8CodeUnitCount - 1 ? met : 1) : 0
            state = .until(end: end, met: again)
        }
    }

    private static let cdata: StaticString = "[CDATA["

    private var declaration: Stop {
        Stop(
            code: .documentType,
            why: "the file declares a document type or entities, which no message of a bank does")
    }

    private var longText: Stop {
        Stop(code: .textTooLong, why: "a text is longer than \(limits.textBytes) bytes")
    }
}
