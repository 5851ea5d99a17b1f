/// Walks JSON text (RFC 8259, strict) without building anything.
///
/// The bytes stay the caller's and must outlive the reader. Nothing is read outside of them: every
/// access is behind a comparison of `position` with their number.
package struct JSONReader {
    /// Where a string's contents stand, between the quotes; already known to be well formed.
    package struct Text {
        package let start: Int
        package let end: Int
        package let hasEscapes: Bool
    }

    package let bytes: UnsafeBufferPointer<UInt8>
    @usableFromInline let limits: JSONLimits
    package var position = 0
    var valuesLeft: Int
    @usableFromInline var namesLeft: Int

    /// The names of all objects that are open at `position`, outermost first.
    @usableFromInline var names: [Text] = []

    package init(
        _ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits = JSONLimits()
    ) {
        self.bytes = bytes
        self.limits = limits
        valuesLeft = limits.values
        namesLeft = limits.names
    }

    /// The next byte; 0, which stands nowhere in JSON, at the end.
    @inlinable @inline(__always)
    package var current: UInt8 { position < bytes.count ? bytes[position] : 0 }

    @usableFromInline
    func fault(_ kind: JSONFault.Kind) -> JSONFault { JSONFault(kind, at: position) }

    /// What to say of a byte that cannot stand here, which may be the end.
    @usableFromInline
    func unexpected() -> JSONFault {
        fault(position < bytes.count ? .unexpectedByte : .truncated)
    }

    @inlinable @inline(__always)
    package mutating func skipSpace() {
        while true {
            switch current {
            case 0x20, 0x0a, 0x0d, 0x09: position += 1
            default: return
            }
        }
    }

    /// Passes `byte`, which must stand here.
    @inlinable @inline(__always)
    package mutating func expect(_ byte: UInt8) throws(JSONFault) {
        guard current == byte else { throw unexpected() }
        position += 1
    }

    /// Only white space may follow.
    package mutating func finish() throws(JSONFault) {
        skipSpace()
        guard position == bytes.count else { throw fault(.trailingBytes) }
    }

    /// Passes one value that is inside `depth` arrays and objects, with all that is in it.
    package mutating func skipValue(depth: Int) throws(JSONFault) {
        switch current {
        case UInt8(ascii: "\""):
            _ = try readText()
        case UInt8(ascii: "{"):
            try forEachMember(depth: depth) { (reader, _) throws(JSONFault) in
                try reader.skipValue(depth: depth + 1)
            }
        case UInt8(ascii: "["):
            try forEachElement(depth: depth) { reader throws(JSONFault) in
                try reader.skipValue(depth: depth + 1)
            }
        case UInt8(ascii: "t"): try skip("true")
        case UInt8(ascii: "f"): try skip("false")
        case UInt8(ascii: "n"): try skip("null")
        case UInt8(ascii: "-"), 0x30...0x39: _ = try readNumber()
        default: throw unexpected()
        }
    }

    mutating func skip(_ literal: StaticString) throws(JSONFault) {
        for index in 0..<literal.utf8CodeUnitCount {
            try expect(literal.utf8Start[index])
        }
    }

    /// Passes an array, calling `element` where each value starts; it must pass the value.
    @inlinable @inline(__always)
    package mutating func forEachElement(
        depth: Int, _ element: (inout JSONReader) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        guard depth < limits.depth else { throw fault(.tooDeep) }
        try expect(UInt8(ascii: "["))
        skipSpace()
        if current == UInt8(ascii: "]") {
            position += 1
            return
        }
        while true {
            try element(&self)
            skipSpace()
            if current == UInt8(ascii: "]") {
                position += 1
                return
            }
            try expect(UInt8(ascii: ","))
            skipSpace()
        }
    }

    /// Passes an object, calling `member` with each name where its value starts; it must pass the
    /// value.
    ///
    /// A name may stand only once.
    @inlinable @inline(__always)
    package mutating func forEachMember(
        depth: Int, _ member: (inout JSONReader, Text) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        guard depth < limits.depth else { throw fault(.tooDeep) }
        try expect(UInt8(ascii: "{"))
        skipSpace()
        if current == UInt8(ascii: "}") {
            position += 1
            return
        }
        let firstName = names.count
        // At once, or the list would be made anew for the first name, the second and the third.
        if firstName == 0 { names.reserveCapacity(8) }
        while true {
            let name = try readText()
            guard namesLeft > 0 else { throw fault(.tooManyNames) }
            namesLeft -= 1
            names.append(name)
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            try member(&self, name)
            skipSpace()
            if current == UInt8(ascii: "}") {
                try checkNames(from: firstName)
                position += 1
                return
            }
            try expect(UInt8(ascii: ","))
            skipSpace()
        }
    }

    /// The names of the innermost object differ; forgets them.
    @usableFromInline
    mutating func checkNames(from first: Int) throws(JSONFault) {
        let count = names.count - first
        defer { names.removeLast(count) }
        if count == 1 { return }
        let own = names[first...]
        // Up to so many it is faster to compare each with each.
        guard count <= 16, !own.contains(where: \.hasEscapes) else {
            return try checkManyNames(own)
        }
        for (index, name) in zip(own.indices, own) {
            for other in own[..<index] where sameBytes(name, other) {
                throw JSONFault(.duplicateName, at: name.start)
            }
        }
    }

    private func checkManyNames(_ own: ArraySlice<Text>) throws(JSONFault) {
        var known = Set<Name>(minimumCapacity: own.count)
        for text in own {
            let name: Name =
                text.hasEscapes ? .unescaped(unescaped(text)) : .plain(raw(text))
            guard known.insert(name).inserted else {
                throw JSONFault(.duplicateName, at: text.start)
            }
        }
    }

    @inline(__always)
    private func sameBytes(_ one: Text, _ other: Text) -> Bool {
        guard one.end - one.start == other.end - other.start else { return false }
        return bytes[one.start..<one.end].elementsEqual(bytes[other.start..<other.end])
    }

    /// Whether a string's contents are exactly `expected`, which is plain ASCII.
    @inlinable @inline(__always)
    package func equals(_ text: Text, _ expected: StaticString) -> Bool {
        let count = expected.utf8CodeUnitCount
        if text.hasEscapes {
            return unescaped(text).elementsEqual(
                UnsafeBufferPointer(start: expected.utf8Start, count: count))
        }
        guard text.end - text.start == count else { return false }
        for index in 0..<count where bytes[text.start + index] != expected.utf8Start[index] {
            return false
        }
        return true
    }

    /// Passes a number and says where it stands.
    mutating func readNumber() throws(JSONFault) -> Range<Int> {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        if current == UInt8(ascii: "0") {
            position += 1
        } else {
            try skipDigits()
        }
        if current == UInt8(ascii: ".") {
            position += 1
            try skipDigits()
        }
        if current | 0x20 == UInt8(ascii: "e") {
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try skipDigits()
        }
        if (0x30...0x39).contains(current) { throw fault(.badNumber) }
        guard position - start <= limits.numberBytes else {
            throw JSONFault(.longNumber, at: start)
        }
        return start..<position
    }

    private mutating func skipDigits() throws(JSONFault) {
        let start = position
        while (0x30...0x39).contains(current) { position += 1 }
        guard position > start else {
            throw fault(position < bytes.count ? .badNumber : .truncated)
        }
    }
}

/// A name in a set: its bytes where they stand, as long as the reader's bytes live, or those that its escapes mean.
private enum Name: Hashable {
    case plain(UnsafeBufferPointer<UInt8>)
    case unescaped([UInt8])

    private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        switch self {
        case .plain(let bytes): body(UnsafeRawBufferPointer(bytes))
        case .unescaped(let bytes): bytes.withUnsafeBytes(body)
        }
    }

    static func == (one: Name, other: Name) -> Bool {
        one.withBytes { one in other.withBytes { one.elementsEqual($0) } }
    }

    func hash(into hasher: inout Hasher) {
        withBytes { hasher.combine(bytes: $0) }
    }
}
