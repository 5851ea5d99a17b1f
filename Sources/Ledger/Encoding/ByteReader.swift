/// Why bytes from a peer, a client or a file are not what they should be.
public struct DecodingFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was wrong, for a person: names the field and what was expected.
    public let reason: String
    /// Where, in bytes from the start of what was decoded.
    public let offset: Int

    /// Makes a fault.
    public init(_ reason: String, at offset: Int = 0) {
        self.reason = reason
        self.offset = offset
    }

    /// The reason and the offset in one line.
    public var description: String { "\(reason) (at byte \(offset))" }
}

/// Reads canonical bytes made by ``ByteWriter``; never traps, whatever the bytes.
@frozen
public struct ByteReader: Sendable {
    /// The bytes that are read.
    public let bytes: ArraySlice<UInt8>
    /// The index in `bytes` of the next byte.
    public var position: Int

    /// Starts at the first byte.
    @inlinable
    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// Starts at the first byte.
    @inlinable
    public init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    /// How many bytes are left.
    @inlinable
    public var remaining: Int { bytes.endIndex - position }

    /// How many bytes were read.
    @inlinable
    public var offset: Int { position - bytes.startIndex }

    /// Reads a big-endian integer of full width.
    @inlinable
    public mutating func read<T: FixedWidthInteger>(
        _ type: T.Type = T.self
    ) throws(DecodingFault) -> T {
        let width = T.bitWidth / 8
        guard remaining >= width else { throw truncated(width) }
        var value: T = 0
        for index in position..<(position + width) {
            value = (width == 1 ? 0 : value << 8) | T(truncatingIfNeeded: bytes[index])
        }
        position += width
        return value
    }

    /// Reads a byte that is 0 or 1.
    public mutating func readFlag() throws(DecodingFault) -> Bool {
        let byte = try read(UInt8.self)
        guard byte < 2 else { throw DecodingFault("a flag is 0 or 1, not \(byte)", at: offset - 1) }
        return byte == 1
    }

    /// Reads 20 bytes.
    @inlinable
    public mutating func readAddress() throws(DecodingFault) -> Address {
        Address(high: try read(), middle: try read(), low: try read())
    }

    /// Reads 32 bytes.
    @inlinable
    public mutating func readHash() throws(DecodingFault) -> Hash32 {
        Hash32(try read(), try read(), try read(), try read())
    }

    /// Reads so many bytes.
    @inlinable
    public mutating func readRaw(_ count: Int) throws(DecodingFault) -> ArraySlice<UInt8> {
        guard count >= 0, remaining >= count else { throw truncated(count) }
        defer { position += count }
        return bytes[position..<(position + count)]
    }

    /// Reads a four-byte length and so many bytes; the length is checked before memory is taken.
    @inlinable
    public mutating func readCounted() throws(DecodingFault) -> ArraySlice<UInt8> {
        try readRaw(Int(try read(UInt32.self)))
    }

    /// Reads a four-byte length and so many bytes of UTF-8.
    @inlinable
    public mutating func readText() throws(DecodingFault) -> String {
        let start = offset
        guard let text = String(validating: try readCounted(), as: UTF8.self) else {
            throw DecodingFault("text is not UTF-8", at: start)
        }
        return text
    }

    /// Checks that nothing is left.
    @inlinable
    public func finish() throws(DecodingFault) {
        guard remaining == 0 else {
            throw DecodingFault("\(remaining) bytes too many", at: offset)
        }
    }

    @usableFromInline
    func truncated(_ wanted: Int) -> DecodingFault {
        DecodingFault("truncated: \(wanted) bytes wanted, \(remaining) left", at: offset)
    }
}
