import NIOCore

extension JSONWriter {
    /// Writes a string, escaping what has to be.
    public mutating func string(_ text: String) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        text.withUTF8Bytes { appendEscaped($0) }
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var start = 0
        for index in 0..<text.count {
            let byte = text[index]
            if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { continue }
            append(text, start..<index)
            start = index + 1
            appendEscape(byte)
        }
        append(text, start..<text.count)
    }

    @inline(__always)
    private mutating func append(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        buffer.writeBytes(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: text[range])))
    }

    private mutating func appendEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): buffer.writeStaticString("\\\"")
        case UInt8(ascii: "\\"): buffer.writeStaticString("\\\\")
        case 0x0a: buffer.writeStaticString("\\n")
        case 0x0d: buffer.writeStaticString("\\r")
        case 0x09: buffer.writeStaticString("\\t")
        default:
            buffer.writeStaticString("\\u00")
            hexDigits(of: UInt64(byte), bytes: 1)
        }
    }

    // MARK: Hexadecimal text

    /// Writes a quantity: `"0x"` and hexadecimal digits without leading zeros.
    public mutating func quantity(_ value: UInt64) {
        separate()
        buffer.writeStaticString("\"0x")
        appendQuantity(value)
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    /// Writes a quantity of up to 128 bits.
    public mutating func quantity(_ value: UInt128) {
        let high = UInt64(truncatingIfNeeded: value >> 64)
        guard high != 0 else { return quantity(UInt64(truncatingIfNeeded: value)) }
        separate()
        buffer.writeStaticString("\"0x")
        appendQuantity(high)
        hexDigits(of: UInt64(truncatingIfNeeded: value), bytes: 8)
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    /// Writes a quantity; a negative one is a mistake of the caller.
    public mutating func quantity(_ value: Int) {
        precondition(value >= 0, "a quantity is not negative")
        quantity(UInt64(value))
    }

    private mutating func appendQuantity(_ value: UInt64) {
        let digits = max(1, (67 - value.leadingZeroBitCount) / 4)
        if digits % 2 == 1 {
            let first = value >> UInt64(4 * (digits - 1))
            buffer.writeInteger(UInt8(truncatingIfNeeded: HexText.eightDigits(UInt32(first)) >> 8))
        }
        hexDigits(of: value, bytes: digits / 2)
    }

    /// Writes data: `"0x"` and two lower-case digits a byte.
    public mutating func data(_ bytes: [UInt8]) {
        openData()
        hexDigits(of: bytes)
        closeData()
    }

    /// Writes data from memory of the caller.
    public mutating func data(_ bytes: UnsafeRawBufferPointer) {
        openData()
        hexDigits(of: bytes)
        closeData()
    }

    /// Starts data that is put together from pieces: `"0x`.
    public mutating func openData() {
        separate()
        buffer.writeStaticString("\"0x")
    }

    /// Ends data that was put together from pieces.
    public mutating func closeData() {
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    /// Writes the digits of the lowest `bytes` (0 to 8) bytes of `value`, the highest first.
    public mutating func hexDigits(of value: UInt64, bytes: Int) {
        guard bytes > 0 else { return }
        let ordered = (value << UInt64(64 - 8 * min(bytes, 8))).byteSwapped
        let first = HexText.eightDigits(UInt32(truncatingIfNeeded: ordered))
        let second = HexText.eightDigits(UInt32(truncatingIfNeeded: ordered >> 32))
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 16) { room in
            room.storeBytes(of: first.littleEndian, as: UInt64.self)
            room.storeBytes(of: second.littleEndian, toByteOffset: 8, as: UInt64.self)
            return 2 * min(bytes, 8)
        }
    }

    /// Writes the digits of bytes, two each, without `0x` or quotes.
    public mutating func hexDigits(of bytes: [UInt8]) {
        bytes.withUnsafeBytes { hexDigits(of: $0) }
    }

    /// Writes the digits of bytes in the caller's memory, two each, without `0x` or quotes.
    public mutating func hexDigits(of bytes: UnsafeRawBufferPointer) {
        let count = bytes.count
        guard count > 0 else { return }
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 2 * count) { room in
            var index = 0
            while index + 4 <= count {
                let four = bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self)
                let digits = HexText.eightDigits(UInt32(littleEndian: four))
                room.storeBytes(of: digits.littleEndian, toByteOffset: 2 * index, as: UInt64.self)
                index += 4
            }
            while index < count {
                let digits = HexText.eightDigits(UInt32(bytes[index]))
                room.storeBytes(
                    of: UInt16(truncatingIfNeeded: digits).littleEndian,
                    toByteOffset: 2 * index, as: UInt16.self)
                index += 1
            }
            return 2 * count
        }
    }
}
