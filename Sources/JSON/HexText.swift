/// Hexadecimal text as Ethereum writes it, eight digits at a time.
package enum HexText {
    private static let lowBytes: UInt64 = 0x0101_0101_0101_0101
    private static let lowNibbles: UInt64 = 0x0f0f_0f0f_0f0f_0f0f
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Reads `0x` and two digits a byte.
    ///
    /// Nil if anything else stands there.
    package static func data(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard hasPrefix(text), text.count % 2 == 0 else { return nil }
        let count = (text.count - 2) / 2
        // Swift would write a length of zero into the empty array that all threads share.
        guard count > 0 else { return [] }
        guard let source = text.baseAddress.map({ UnsafeRawPointer($0 + 2) }) else { return nil }
        var sound = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            var index = 0
            while index + 4 <= count {
                let digits = source.loadUnaligned(fromByteOffset: 2 * index, as: UInt64.self)
                guard let four = fourBytes(UInt64(littleEndian: digits)) else { break }
                for place in 0..<4 {
                    buffer[index + place] = UInt8(truncatingIfNeeded: four >> (8 * UInt32(place)))
                }
                index += 4
            }
            while index < count {
                guard let high = digit(text[2 + 2 * index]), let low = digit(text[3 + 2 * index])
                else {
                    sound = false
                    break
                }
                buffer[index] = high << 4 | low
                index += 1
            }
            initialized = index
        }
        return sound ? bytes : nil
    }

    /// Reads `0x` and at least one digit without leading zeros.
    ///
    /// Nil for anything else, or ≥ 2^128.
    static func quantity(_ text: UnsafeBufferPointer<UInt8>) -> UInt128? {
        guard hasPrefix(text), (3...34).contains(text.count) else { return nil }
        guard text[2] != UInt8(ascii: "0") || text.count == 3 else { return nil }
        var value: UInt128 = 0
        for character in text.dropFirst(2) {
            guard let digit = digit(character) else { return nil }
            value = value << 4 | UInt128(digit)
        }
        return value
    }

    private static func hasPrefix(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        text.count >= 2 && text[0] == UInt8(ascii: "0") && text[1] == UInt8(ascii: "x")
    }

    /// The value of one digit of either case.
    static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x61...0x66: character - 0x61 + 10
        case 0x41...0x46: character - 0x41 + 10
        default: nil
        }
    }

    /// Eight digits, the first in the lowest byte, as four bytes in the same order.
    private static func fourBytes(_ digits: UInt64) -> UInt32? {
        // Each test adds to a byte below 0x80 what sets its high bit from a bound on; as no byte
        // carries into the next, all eight digits are tested at once.
        guard digits & highBits == 0 else { return nil }
        let decimal =
            (digits &+ lowBytes &* (0x80 - 0x30)) & ~(digits &+ lowBytes &* (0x80 - 0x3a))
        let lower = digits | lowBytes &* 0x20
        let letter = (lower &+ lowBytes &* (0x80 - 0x61)) & ~(lower &+ lowBytes &* (0x80 - 0x67))
        guard (decimal | letter) & highBits == highBits else { return nil }
        let nibbles = (digits & lowNibbles) &+ ((digits >> 6) & lowBytes) &* 9
        let pairs = (nibbles << 4 | nibbles >> 8) & 0x00ff_00ff_00ff_00ff
        let quads = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff
        return UInt32(truncatingIfNeeded: quads | quads >> 16)
    }

    /// Four bytes, the first in the lowest place, as eight lower-case digits in the same order.
    static func eightDigits(_ bytes: UInt32) -> UInt64 {
        var spread = UInt64(bytes)
        spread = (spread | spread << 16) & 0x0000_ffff_0000_ffff
        spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff
        let nibbles = (spread >> 4 | spread << 8) & lowNibbles
        let letters = (nibbles &+ lowBytes &* 6) >> 4 & lowBytes
        return nibbles &+ lowBytes &* 0x30 &+ letters &* 39
    }

    /// Writes two lower-case digits for each of `bytes` to `room`, which has space for them.
    static func write(_ bytes: UnsafeRawBufferPointer, to room: UnsafeMutableRawBufferPointer) {
        precondition(room.count >= 2 * bytes.count, "two digits a byte")
        var index = 0
        while index + 4 <= bytes.count {
            let four = bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self)
            let digits = eightDigits(UInt32(littleEndian: four))
            room.storeBytes(of: digits.littleEndian, toByteOffset: 2 * index, as: UInt64.self)
            index += 4
        }
        while index < bytes.count {
            let digits = UInt16(truncatingIfNeeded: eightDigits(UInt32(bytes[index])))
            room.storeBytes(of: digits.littleEndian, toByteOffset: 2 * index, as: UInt16.self)
            index += 1
        }
    }
}
