/// The 20-byte name of an account or contract: the last 20 bytes of the Keccak-256 of a public key.
///
/// Held as three integers in big-endian reading, so that `<` is byte order and no array is allocated.
@frozen
public struct Address: Hashable, Sendable, Comparable {
    /// Bytes 0 to 7, read big-endian.
    public let high: UInt64
    /// Bytes 8 to 15, read big-endian.
    public let middle: UInt64
    /// Bytes 16 to 19, read big-endian.
    public let low: UInt32

    /// Makes an address from its three big-endian parts.
    @inlinable
    public init(high: UInt64, middle: UInt64, low: UInt32) {
        self.high = high
        self.middle = middle
        self.low = low
    }

    /// The address 0x0000000000000000000000000000000000000000.
    public static let zero = Address(high: 0, middle: 0, low: 0)

    /// A native contract's address: 18 zero bytes, then `number` (0xd100 to 0xd1ff).
    @inlinable
    public static func contract(_ number: UInt16) -> Address {
        Address(high: 0, middle: 0, low: UInt32(number))
    }

    /// An order seen as a holder of claims: 0xd102, ten zero bytes, the order's id in eight bytes.
    @inlinable
    public static func order(_ id: UInt64) -> Address {
        Address(high: 0xd102 << 48, middle: id >> 32, low: UInt32(truncatingIfNeeded: id))
    }

    /// The order that this address stands for as a holder, or nil for any other address.
    @inlinable
    public var orderID: UInt64? {
        guard high == 0xd102 << 48, middle >> 32 == 0 else { return nil }
        return middle << 32 | UInt64(low)
    }

    /// Reads 20 bytes.
    /// - Returns: nil unless there are exactly 20.
    @inlinable
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 20 else { return nil }
        var high: UInt64 = 0
        var middle: UInt64 = 0
        var low: UInt32 = 0
        for (index, byte) in bytes.enumerated() {
            if index < 8 {
                high = high << 8 | UInt64(byte)
            } else if index < 16 {
                middle = middle << 8 | UInt64(byte)
            } else {
                low = low << 8 | UInt32(byte)
            }
        }
        self.init(high: high, middle: middle, low: low)
    }

    /// Reads 40 hexadecimal digits of either case with an optional `0x`; a checksum is not checked.
    /// - Returns: nil if the text is of another form.
    public init?(hex: some StringProtocol) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }

    /// The 20 bytes, big-endian.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 20)
        writer.write(self)
        return writer.bytes
    }

    /// `0x` and 40 lower-case digits.
    public var hex: String { "0x" + Hex.encode(bytes) }

    /// Byte order.
    @inlinable
    public static func < (left: Address, right: Address) -> Bool {
        if left.high != right.high { return left.high < right.high }
        if left.middle != right.middle { return left.middle < right.middle }
        return left.low < right.low
    }
}

extension Address: CustomStringConvertible {
    /// `0x` and 40 lower-case digits.
    public var description: String { hex }
}
