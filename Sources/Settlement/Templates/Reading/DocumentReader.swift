import Ledger

/// Reads JSON text (RFC 8259, strict) into nodes that know their places.
///
/// Everything is bounded before memory is taken: the text's length, and how deep values stand in each
/// other.
struct DocumentReader {
    private let bytes: [UInt8]
    private let depthLimit: Int
    private var position = 0
    /// The pointer of the value that is being read, part by part.
    private var path: [String] = []
    // Places are asked for from front to back; counting goes on from the last one.
    private var counted = 0
    private var line = 1
    private var column = 1

    private init(_ bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    /// Reads one JSON text.
    ///
    /// - Parameters:
    ///   - bytes: the text in UTF-8.
    ///   - limit: the most bytes.
    ///   - depth: how many arrays and objects may stand inside each other.
    /// - Returns: its value, with places.
    /// - Throws: the ``TemplateFault`` met first.
    static func read(
        _ bytes: [UInt8], limit: Int, depth: Int
    ) throws(TemplateFault) -> DocumentNode {
        guard bytes.count <= limit else {
            throw TemplateFault("", "more than \(limit) bytes", at: TextPlace(line: 1, column: 1))
        }
        var reader = DocumentReader(bytes, depthLimit: depth)
        reader.skipSpace()
        let node = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == bytes.count else {
            throw reader.fault("something follows the document")
        }
        return node
    }

    // MARK: Places and faults

    private mutating func place(at offset: Int) -> TextPlace {
        precondition(offset >= counted, "places are asked for in their order")
        while counted < offset {
            let byte = bytes[counted]
            counted += 1
            if byte == 0x0a {
                line += 1
                column = 1
            } else if counted == bytes.count || bytes[counted] & 0xc0 != 0x80 {
                column += 1
            }
        }
        return TextPlace(line: line, column: column)
    }

    private mutating func fault(_ why: String) -> TemplateFault {
        let pointer = path.reduce(into: "") { $0 += "/" + JSONPointer.escaped($1) }
        return TemplateFault(pointer, why, at: place(at: max(position, counted)))
    }

    private mutating func unexpected() -> TemplateFault {
        fault(position < bytes.count ? "unexpected character" : "the text ends too early")
    }

    // MARK: Values

    private var current: UInt8 { position < bytes.count ? bytes[position] : 0 }

    private mutating func skipSpace() {
        while current == 0x20 || current == 0x0a || current == 0x0d || current == 0x09 {
            position += 1
        }
    }

    private mutating func expect(_ byte: UInt8) throws(TemplateFault) {
        guard current == byte else { throw unexpected() }
        position += 1
    }

    private mutating func value(depth: Int) throws(TemplateFault) -> DocumentNode {
        let place = place(at: position)
        switch current {
        case UInt8(ascii: "\""): return DocumentNode(.string(try text()), at: place)
        case UInt8(ascii: "{"):
            return DocumentNode(.object(try members(depth: depth)), at: place)
        case UInt8(ascii: "["):
            return DocumentNode(.array(try elements(depth: depth)), at: place)
        case UInt8(ascii: "t"): return DocumentNode(.bool(try literal("true", true)), at: place)
        case UInt8(ascii: "f"): return DocumentNode(.bool(try literal("false", false)), at: place)
        case UInt8(ascii: "n"): return DocumentNode(try literal("null", .null), at: place)
        case 0x30...0x39, UInt8(ascii: "-"): return DocumentNode(.number(try number()), at: place)
        default: throw unexpected()
        }
    }

    private mutating func literal<Value>(
        _ word: String, _ value: Value
    ) throws(TemplateFault) -> Value {
        for byte in word.utf8 { try expect(byte) }
        return value
    }

    private mutating func number() throws(TemplateFault) -> UInt64 {
        let why = "a number is an integer from 0 to 2^53 - 1"
        let start = position
        var number: UInt64 = 0
        while (0x30...0x39).contains(current) {
            number = number * 10 + UInt64(current - 0x30)
            guard number <= DocumentNode.numberLimit else { throw fault(why) }
            position += 1
        }
        let isPadded = position > start + 1 && bytes[start] == 0x30
        let goesOn = [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(current)
        guard position > start, !isPadded, !goesOn else { throw fault(why) }
        return number
    }

    private mutating func elements(depth: Int) throws(TemplateFault) -> [DocumentNode] {
        guard depth < depthLimit else { throw fault("too many values inside each other") }
        position += 1
        skipSpace()
        var elements: [DocumentNode] = []
        if current == UInt8(ascii: "]") {
            position += 1
            return elements
        }
        while true {
            path.append(String(elements.count))
            elements.append(try value(depth: depth + 1))
            path.removeLast()
            skipSpace()
            if current == UInt8(ascii: "]") {
                position += 1
                return elements
            }
            try expect(UInt8(ascii: ","))
            skipSpace()
        }
    }

    private mutating func members(depth: Int) throws(TemplateFault) -> [DocumentNode.Member] {
        guard depth < depthLimit else { throw fault("too many values inside each other") }
        position += 1
        skipSpace()
        var members: [DocumentNode.Member] = []
        // As bytes: that two texts look the same is no matter of this format.
        var names: Set<[UInt8]> = []
        if current == UInt8(ascii: "}") {
            position += 1
            return members
        }
        while true {
            let start = position
            let place = place(at: start)
            guard current == UInt8(ascii: "\"") else { throw unexpected() }
            let name = try text()
            path.append(name)
            guard names.insert(Array(name.utf8)).inserted else {
                position = start
                throw fault("a name for the second time")
            }
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            members.append(DocumentNode.Member(name, at: place, try value(depth: depth + 1)))
            path.removeLast()
            skipSpace()
            if current == UInt8(ascii: "}") {
                position += 1
                return members
            }
            try expect(UInt8(ascii: ","))
            skipSpace()
        }
    }

    // MARK: Strings

    private mutating func text() throws(TemplateFault) -> String {
        position += 1
        var result: [UInt8] = []
        while true {
            guard position < bytes.count else { throw unexpected() }
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: result, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &result)
            case ..<0x20: throw fault("an unescaped control character in a string")
            case ..<0x80:
                result.append(byte)
                position += 1
            default: try character(into: &result)
            }
        }
    }

    /// Passes one character of two to four bytes, well formed as RFC 3629 has it.
    private mutating func character(into result: inout [UInt8]) throws(TemplateFault) {
        let count =
            switch bytes[position] {
            case 0xc2...0xdf: 2
            case 0xe0...0xef: 3
            case 0xf0...0xf4: 4
            default: 0
            }
        let end = position + count
        guard count > 0, end <= bytes.count,
            String(validating: bytes[position..<end], as: UTF8.self) != nil
        else { throw fault("invalid UTF-8") }
        result.append(contentsOf: bytes[position..<end])
        position = end
    }

    private mutating func escape(into result: inout [UInt8]) throws(TemplateFault) {
        let start = position
        position += 1
        let byte = current
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0c)
        case UInt8(ascii: "n"): result.append(0x0a)
        case UInt8(ascii: "r"): result.append(0x0d)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"):
            guard let scalar = scalar() else {
                position = start
                throw fault("half of a surrogate pair, or no four hexadecimal digits")
            }
            result.append(contentsOf: String(Character(scalar)).utf8)
        default:
            position = start
            throw fault("an escape that JSON does not have")
        }
    }

    /// The character of a `\u` escape, both halves of a pair together; nil if that is not what stands here.
    private mutating func scalar() -> Unicode.Scalar? {
        guard let unit = codeUnit() else { return nil }
        guard (0xd800...0xdbff).contains(unit) else { return Unicode.Scalar(unit) }
        guard current == UInt8(ascii: "\\"), position + 1 < bytes.count,
            bytes[position + 1] == UInt8(ascii: "u")
        else { return nil }
        position += 2
        guard let low = codeUnit(), (0xdc00...0xdfff).contains(low) else { return nil }
        return Unicode.Scalar(0x1_0000 + (unit - 0xd800) << 10 + (low - 0xdc00))
    }

    private mutating func codeUnit() -> UInt32? {
        guard position + 4 <= bytes.count else { return nil }
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Hex.digit(bytes[position]) else { return nil }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }
}
