extension JSONReader {
    /// Passes a string and says where its contents stand; escapes and UTF-8 are checked.
    package mutating func readText() throws(JSONFault) -> Text {
        try expect(UInt8(ascii: "\""))
        let start = position
        var hasEscapes = false
        while true {
            position = PlainText.end(in: bytes, from: position)
            guard position < bytes.count else { throw fault(.truncated) }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return Text(start: start, end: position - 1, hasEscapes: hasEscapes)
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                try skipEscape()
            } else if byte < 0x20 {
                throw fault(.controlCharacter)
            } else if byte < 0x80 {
                position += 1
            } else {
                let length = UTF8Text.length(at: position, of: bytes)
                guard length > 0 else { throw fault(.badUTF8) }
                position += length
            }
        }
    }

    private mutating func skipEscape() throws(JSONFault) {
        guard position + 1 < bytes.count else { throw fault(.truncated) }
        switch bytes[position + 1] {
        case UInt8(ascii: "u"):
            guard let unit = codeUnit(at: position) else { throw fault(.badEscape) }
            switch unit {
            case 0xd800...0xdbff:
                // Half a character: its other half has to follow.
                guard let low = codeUnit(at: position + 6), (0xdc00...0xdfff).contains(low) else {
                    throw fault(.badEscape)
                }
                position += 12
            case 0xdc00...0xdfff: throw fault(.badEscape)
            default: position += 6
            }
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        default: throw fault(.badEscape)
        }
    }

    /// The four digits of `\uXXXX` at `place`, or nil if that is not what stands there.
    private func codeUnit(at place: Int) -> UInt32? {
        guard place + 6 <= bytes.count, bytes[place] == UInt8(ascii: "\\"),
            bytes[place + 1] == UInt8(ascii: "u")
        else { return nil }
        var unit: UInt32 = 0
        for character in bytes[(place + 2)..<(place + 6)] {
            guard let digit = HexText.digit(character) else { return nil }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    /// The bytes between the quotes as they stand, escapes and all.
    @inlinable @inline(__always)
    package func raw(_ text: Text) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[text.start..<text.end])
    }

    /// A string's value.
    package func string(_ text: Text) -> String {
        text.hasEscapes
            ? String(decoding: unescaped(text), as: UTF8.self)
            : String(decoding: raw(text), as: UTF8.self)
    }

    /// A string's value in UTF-8.
    package func unescaped(_ text: Text) -> [UInt8] {
        guard text.hasEscapes else { return Array(raw(text)) }
        var result: [UInt8] = []
        result.reserveCapacity(text.end - text.start)
        var index = text.start
        while index < text.end {
            guard bytes[index] == UInt8(ascii: "\\") else {
                result.append(bytes[index])
                index += 1
                continue
            }
            index += appendEscape(at: index, to: &result)
        }
        return result
    }

    /// Appends what the escape at `place` stands for; gives its length.
    ///
    /// It was checked before.
    private func appendEscape(at place: Int, to result: inout [UInt8]) -> Int {
        switch bytes[place + 1] {
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0c)
        case UInt8(ascii: "n"): result.append(0x0a)
        case UInt8(ascii: "r"): result.append(0x0d)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"):
            var value = codeUnit(at: place) ?? 0xfffd
            var length = 6
            if (0xd800...0xdbff).contains(value), let low = codeUnit(at: place + 6) {
                value = 0x1_0000 + (value - 0xd800) << 10 + (low & 0x3ff)
                length = 12
            }
            let scalar = Unicode.Scalar(value) ?? "\u{fffd}"
            result.append(contentsOf: String(Character(scalar)).utf8)
            return length
        case let character: result.append(character)
        }
        return 2
    }
}

/// Well-formed UTF-8 as RFC 3629 has it: shortest form, no surrogates, at most U+10FFFF.
package enum UTF8Text {
    /// The length of the character of two to four bytes at `index`; 0 if it is malformed or cut off.
    static func length(at index: Int, of bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let (length, second) = shape(of: bytes[index])
        guard length > 0, index + length <= bytes.count, second.contains(bytes[index + 1]) else {
            return 0
        }
        for place in (index + 2)..<max(index + 2, index + length)
        where bytes[place] & 0xc0 != 0x80 {
            return 0
        }
        return length
    }

    /// How long a character is that starts with `lead`, and what its second byte may be.
    private static func shape(of lead: UInt8) -> (length: Int, second: ClosedRange<UInt8>) {
        switch lead {
        case 0xc2...0xdf: (2, 0x80...0xbf)
        case 0xe0: (3, 0xa0...0xbf)
        case 0xe1...0xec, 0xee...0xef: (3, 0x80...0xbf)
        case 0xed: (3, 0x80...0x9f)
        case 0xf0: (4, 0x90...0xbf)
        case 0xf1...0xf3: (4, 0x80...0xbf)
        case 0xf4: (4, 0x80...0x8f)
        default: (0, 0x80...0xbf)
        }
    }

    /// Whether all of `bytes` is well formed.
    package static func isValid(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        let base = bytes.baseAddress.map { UnsafeRawPointer($0) }
        while index < bytes.count {
            if let base, index + 8 <= bytes.count,
                base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    & 0x8080_8080_8080_8080 == 0
            {
                index += 8
            } else if bytes[index] < 0x80 {
                index += 1
            } else {
                let length = length(at: index, of: bytes)
                if length == 0 { return false }
                index += length
            }
        }
        return true
    }
}
