import Ledger

extension ByteWriter {
    /// Writes an amount as the number of its bytes without leading zeros (0 to 16), then those bytes.
    @inline(__always)
    mutating func write(compact amount: UInt128) {
        if let word = UInt64(exactly: amount) {
            let width = (64 - word.leadingZeroBitCount + 7) >> 3
            write(byte: UInt8(width))
            withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0[(8 - width)...]) }
        } else {
            let width = (128 - amount.leadingZeroBitCount + 7) >> 3
            write(byte: UInt8(width))
            withUnsafeBytes(of: amount.bigEndian) { bytes.append(contentsOf: $0[(16 - width)...]) }
        }
    }
}

extension ByteReader {
    /// Reads what ``ByteWriter/write(compact:)`` wrote; other forms of the same number are refused.
    mutating func readCompact() throws(DecodingFault) -> UInt128 {
        let width = Int(try read(UInt8.self))
        guard width <= 16 else { throw DecodingFault("an amount of \(width) bytes", at: offset) }
        let raw = try readRaw(width)
        guard raw.first != 0 else {
            throw DecodingFault("an amount with a leading zero", at: offset)
        }
        return raw.reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// Reads a byte that must be one of an enumeration's.
    mutating func readCase<T: RawRepresentable>(_ type: T.Type) throws(DecodingFault) -> T
    where T.RawValue == UInt8 {
        let raw = try read(UInt8.self)
        guard let value = T(rawValue: raw) else {
            throw DecodingFault("\(raw) is no \(T.self)", at: offset - 1)
        }
        return value
    }
}
