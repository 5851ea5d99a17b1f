extension JSONReader {
    /// Reads one value that is inside `depth` arrays and objects, with all that is in it.
    package mutating func readValue(depth: Int) throws(JSONFault) -> JSON {
        guard valuesLeft > 0 else { throw fault(.tooManyValues) }
        valuesLeft -= 1
        switch current {
        case UInt8(ascii: "\""): return .string(string(try readText()))
        case UInt8(ascii: "{"):
            var members: [JSON.Member] = []
            try forEachMember(depth: depth) { (reader, name) throws(JSONFault) in
                let value = try reader.readValue(depth: depth + 1)
                members.append(JSON.Member(reader.string(name), value))
            }
            return .object(members)
        case UInt8(ascii: "["):
            var elements: [JSON] = []
            try forEachElement(depth: depth) { reader throws(JSONFault) in
                elements.append(try reader.readValue(depth: depth + 1))
            }
            return .array(elements)
        case UInt8(ascii: "t"):
            try skip("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try skip("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try skip("null")
            return .null
        case UInt8(ascii: "-"), 0x30...0x39:
            let range = try readNumber()
            return .number(
                String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self))
        default: throw unexpected()
        }
    }
}

extension JSON {
    /// Reads one JSON text.
    ///
    /// - Throws: the ``JSONFault`` met first: strict RFC 8259, UTF-8 checked, no name twice in an
    ///   object, nothing beyond `limits`.
    public init(
        parsing bytes: some Sequence<UInt8>, limits: JSONLimits = JSONLimits()
    ) throws(JSONFault) {
        self = try Array(bytes).withUnsafeBufferPointer { bytes throws(JSONFault) in
            try JSON(reading: bytes, limits: limits)
        }
    }

    /// Reads one JSON text from a string.
    ///
    /// - Throws: as ``init(parsing:limits:)-(Sequence<UInt8>,_)``.
    public init(parsing text: String, limits: JSONLimits = JSONLimits()) throws(JSONFault) {
        try self.init(parsing: text.utf8, limits: limits)
    }

    /// Reads one JSON text where it lies.
    ///
    /// - Throws: as ``init(parsing:limits:)-(Sequence<UInt8>,_)``.
    package init(reading bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) throws(JSONFault) {
        var reader = JSONReader(bytes, limits: limits)
        reader.skipSpace()
        let value = try reader.readValue(depth: 0)
        try reader.finish()
        self = value
    }
}
