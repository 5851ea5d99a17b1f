extension JSONWriter {
    /// Writes a string, escaping what has to be.
    public mutating func string(_ text: String) {
        separate()
        written.append(UInt8(ascii: "\""))
        text.withUTF8Bytes { appendEscaped($0) }
        written.append(UInt8(ascii: "\""))
    }

    mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var start = 0
        var index = 0
        while true {
            index = PlainText.end(in: text, from: index)
            guard index < text.count else { break }
            let byte = text[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                append(text, start..<index)
                appendEscape(byte)
                start = index + 1
            }
            index += 1
        }
        append(text, start..<text.count)
    }

    @inline(__always)
    private mutating func append(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        written.append(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: text[range])))
    }

    private mutating func appendEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x0a: append("\\n")
        case 0x0d: append("\\r")
        case 0x09: append("\\t")
        default:
            append("\\u00")
            hexDigits(of: UInt64(byte), bytes: 1)
        }
    }

    // MARK: Hexadecimal text

    /// Writes a quantity: `"0x"` and hexadecimal digits without leading zeros.
    public mutating func quantity(_ value: UInt64) {
        separate()
        append("\"0x")
        appendQuantity(value)
        written.append(UInt8(ascii: "\""))
    }

    /// Writes a quantity of up to 128 bits.
    public mutating func quantity(_ value: UInt128) {
        let high = UInt64(truncatingIfNeeded: value >> 64)
        guard high != 0 else { return quantity(UInt64(truncatingIfNeeded: value)) }
        separate()
        append("\"0x")
        appendQuantity(high)
        hexDigits(of: UInt64(truncatingIfNeeded: value), bytes: 8)
        written.append(UInt8(ascii: "\""))
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
            written.append(UInt8(truncatingIfNeeded: HexText.eightDigits(UInt32(first)) >> 8))
        }
        hexDigits(of: value, bytes: digits / 2)
    }

    /// Writes data: `"0x"` and two lower-case digits a byte.
    public mutating func data(_ data: [UInt8]) {
        openData()
        hexDigits(of: data)
        closeData()
    }

    /// Writes data from memory of the caller.
    public mutating func data(_ data: UnsafeRawBufferPointer) {
        openData()
        hexDigits(of: data)
        closeData()
    }

    /// Starts data that is put together from pieces: `"0x`.
    public mutating func openData() {
        separate()
        append("\"0x")
    }

    /// Ends data that was put together from pieces.
    public mutating func closeData() {
        written.append(UInt8(ascii: "\""))
    }

    /// Writes the digits of the lowest `count` (0 to 8) bytes of `value`, the highest first.
    public mutating func hexDigits(of value: UInt64, bytes count: Int) {
        guard count > 0 else { return }
        let ordered = (value << UInt64(64 - 8 * min(count, 8))).bigEndian
        withUnsafeBytes(of: ordered) { whole in
            hexDigits(of: UnsafeRawBufferPointer(rebasing: whole[..<min(count, 8)]))
        }
    }

    /// Writes the digits of bytes, two each, without `0x` or quotes.
    public mutating func hexDigits(of data: [UInt8]) {
        data.withUnsafeBytes { hexDigits(of: $0) }
    }

    /// Writes the digits of bytes in the caller's memory, two each, without `0x` or quotes.
    public mutating func hexDigits(of data: UnsafeRawBufferPointer) {
        written.write(2 * data.count) { HexText.write(data, to: $0) }
    }
}
