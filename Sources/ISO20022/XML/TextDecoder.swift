/// Turns a file's bytes into UTF-8, piece by piece, and lets nothing pass that is not what it says.
struct TextDecoder {
    let encoding: TextEncoding
    /// The beginning of a character whose end is in the next piece; at most three bytes.
    private var begun: [UInt8] = []

    init(_ encoding: TextEncoding) { self.encoding = encoding }

    /// Whether the file ends in the middle of a character.
    var isInsideCharacter: Bool { !begun.isEmpty }

    /// Appends a piece as UTF-8.
    mutating func decode(
        _ bytes: ArraySlice<UInt8>, into text: inout [UInt8]
    ) throws(EncodingFault) {
        switch encoding {
        case .ascii:
            let right = bytes.prefix { $0 < 0x80 }
            text += right
            guard right.count == bytes.count else { throw .notAsDeclared }
        case .latin1:
            for byte in bytes {
                if byte < 0x80 {
                    text.append(byte)
                } else {
                    // There are only control characters here: it is Windows-1252 that calls itself Latin-1.
                    guard byte >= 0xa0 else { throw .notAsDeclared }
                    text.append(0xc0 | byte >> 6)
                    text.append(0x80 | byte & 0x3f)
                }
            }
        case .utf8:
            let all = begun.isEmpty ? bytes : (begun + bytes)[...]
            let (complete, isRight) = Self.completeUTF8(all)
            text += all[..<complete]
            guard isRight else { throw .notAsDeclared }
            begun = Array(all[complete...])
        case .utf16(let bigEndian): try decodeUTF16(bytes, bigEndian, into: &text)
        }
    }

    /// The index after the last complete character, or after the last before one that is wrong.
    private static func completeUTF8(_ bytes: ArraySlice<UInt8>) -> (end: Int, isRight: Bool) {
        let (end, isRight) = bytes.withUnsafeBufferPointer { buffer in
            var index = 0
            while index < buffer.count {
                let byte = buffer[index]
                guard byte >= 0x80 else {
                    index += 1
                    continue
                }
                let length =
                    switch byte {
                    case 0xc2...0xdf: 2
                    case 0xe0...0xef: 3
                    case 0xf0...0xf4: 4
                    default: 0
                    }
                guard length > 0 else { return (index, false) }
                for place in 1..<length {
                    guard index + place < buffer.count else { return (index, true) }
                    let next = buffer[index + place]
                    // The second byte excludes overlong forms, surrogates and what is beyond U+10FFFF.
                    let range: ClosedRange<UInt8> =
                        switch (place, byte) {
                        case (1, 0xe0): 0xa0...0xbf
                        case (1, 0xed): 0x80...0x9f
                        case (1, 0xf0): 0x90...0xbf
                        case (1, 0xf4): 0x80...0x8f
                        default: 0x80...0xbf
                        }
                    guard range.contains(next) else { return (index, false) }
                }
                index += length
            }
            return (index, true)
        }
        return (bytes.startIndex + end, isRight)
    }

    private mutating func decodeUTF16(
        _ bytes: ArraySlice<UInt8>, _ bigEndian: Bool, into text: inout [UInt8]
    ) throws(EncodingFault) {
        func unit(_ first: UInt8, _ second: UInt8) -> UInt32 {
            bigEndian ? UInt32(first) << 8 | UInt32(second) : UInt32(second) << 8 | UInt32(first)
        }
        for byte in bytes {
            begun.append(byte)
            guard begun.count % 2 == 0 else { continue }
            var value = unit(begun[0], begun[1])
            switch value {
            case 0xd800...0xdbff:
                guard begun.count == 4 else { continue }
                let low = unit(begun[2], begun[3])
                guard (0xdc00...0xdfff).contains(low) else { throw .notAsDeclared }
                value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00)
            case 0xdc00...0xdfff: throw .notAsDeclared
            default: break
            }
            begun.removeAll(keepingCapacity: true)
            guard let scalar = Unicode.Scalar(value) else { throw .notAsDeclared }
            text.append(contentsOf: String(scalar).utf8)
        }
    }
}
