/// ASCII that is neither quote, backslash nor control character: what stands in JSON strings as it is.
enum PlainText {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Passes plain text from a place on, eight bytes at a time.
    ///
    /// - Returns: the place of the first byte that is something else, or one before it, from which fewer than eight
    ///   bytes are left.
    @inline(__always)
    static func end(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return start }
        var position = start
        while position + 8 <= bytes.count {
            let word = UInt64(
                littleEndian: UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self))
            // A high bit appears in the first byte that is special. It may also appear wrongly
            // above it, through a borrow, which does no harm as only the lowest counts.
            let quote = (word ^ ones &* 0x22) &- ones
            let backslash = (word ^ ones &* 0x5c) &- ones
            let control = word &- ones &* 0x20
            let special = (quote | backslash | control | word) & highBits
            if special != 0 { return position + special.trailingZeroBitCount / 8 }
            position += 8
        }
        return position
    }
}
