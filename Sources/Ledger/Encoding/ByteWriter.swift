/// Builds canonical bytes: integers big-endian at their full width, variable parts behind a length.
@frozen
public struct ByteWriter: Sendable {
    /// What was written so far.
    public var bytes: [UInt8] = []

    /// Makes an empty writer with room for so many bytes.
    @inlinable
    public init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    /// Writes an integer big-endian at its full width.
    @inlinable
    public mutating func write<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Writes one byte.
    @inlinable
    public mutating func write(byte: UInt8) { bytes.append(byte) }

    /// Writes 20 bytes.
    @inlinable
    public mutating func write(_ address: Address) {
        write(address.high)
        write(address.middle)
        write(address.low)
    }

    /// Writes 32 bytes.
    @inlinable
    public mutating func write(_ hash: Hash32) {
        write(hash.parts.0)
        write(hash.parts.1)
        write(hash.parts.2)
        write(hash.parts.3)
    }

    /// Writes 16 bytes.
    @inlinable
    public mutating func write(_ amount: Amount) { write(amount.units) }

    /// Writes bytes as they are, without a length.
    @inlinable
    public mutating func write(raw other: some Collection<UInt8>) {
        bytes.append(contentsOf: other)
    }

    /// Writes the length in four bytes, then the bytes.
    @inlinable
    public mutating func write(counted other: some Collection<UInt8>) {
        write(UInt32(other.count))
        bytes.append(contentsOf: other)
    }

    /// Writes the length in four bytes, then the text in UTF-8.
    @inlinable
    public mutating func write(text: String) { write(counted: Array(text.utf8)) }

    /// Overwrites bytes that were written before.
    @inlinable
    public mutating func patch(_ value: UInt32, at offset: Int) {
        withUnsafeBytes(of: value.bigEndian) { part in
            for index in 0..<4 { bytes[offset + index] = part[index] }
        }
    }

    /// Drops everything after the first `count` bytes.
    @inlinable
    public mutating func truncate(to count: Int) {
        bytes.removeLast(bytes.count - count)
    }

    /// Drops everything and keeps the memory.
    @inlinable
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }
}
