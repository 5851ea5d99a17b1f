/// Hexadecimal text.
public enum Hex {
    /// Lower-case digits, two a byte, without `0x`.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            var index = 0
            for byte in bytes {
                buffer[index] = character(byte >> 4)
                buffer[index + 1] = character(byte & 15)
                index += 2
            }
            return index
        }
    }

    /// Reads digits of either case, two a byte, with an optional `0x`.
    /// - Returns: nil if a character is no digit or their number is odd.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        if let bytes = text.utf8.withContiguousStorageIfAvailable({ decode(ascii: $0) }) {
            return bytes
        }
        return Array(text.utf8).withUnsafeBufferPointer { decode(ascii: $0) }
    }

    /// Reads digits of either case, two a byte, with an optional `0x`, from the bytes of a text.
    /// - Returns: nil if a character is no digit or their number is odd.
    public static func decode(ascii text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        let hasPrefix = text.count >= 2 && text[0] == 0x30 && text[1] == 0x78
        let start = hasPrefix ? 2 : 0
        guard (text.count - start) % 2 == 0 else { return nil }
        let count = (text.count - start) / 2
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { bytes, written in
            while written < count {
                guard let high = digit(text[start + 2 * written]),
                    let low = digit(text[start + 2 * written + 1])
                else {
                    isValid = false
                    return
                }
                bytes[written] = high << 4 | low
                written += 1
            }
        }
        return isValid ? bytes : nil
    }

    /// The value of one digit of either case, or nil.
    @inlinable
    public static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x61...0x66: character - 0x61 + 10
        case 0x41...0x46: character - 0x41 + 10
        default: nil
        }
    }

    /// The lower-case digit of a value below 16.
    @inlinable
    public static func character(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 &+ value : 0x57 &+ value
    }
}
