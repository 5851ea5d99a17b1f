/// A 32-byte digest or word, as four integers in big-endian reading; `<` is byte order.
@frozen
public struct Hash32: Hashable, Sendable, Comparable {
    /// The four 8-byte parts, most significant first, each read big-endian.
    public let parts: (UInt64, UInt64, UInt64, UInt64)

    /// Makes a word from four big-endian parts, most significant first.
    @inlinable
    public init(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) { parts = (a, b, c, d) }

    /// 32 zero bytes.
    public static let zero = Hash32(0, 0, 0, 0)

    /// Reads 32 bytes.
    /// - Returns: nil unless there are exactly 32.
    @inlinable
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for (index, byte) in bytes.enumerated() {
            switch index >> 3 {
            case 0: words.0 = words.0 << 8 | UInt64(byte)
            case 1: words.1 = words.1 << 8 | UInt64(byte)
            case 2: words.2 = words.2 << 8 | UInt64(byte)
            default: words.3 = words.3 << 8 | UInt64(byte)
            }
        }
        self.init(words.0, words.1, words.2, words.3)
    }

    /// Reads 64 hexadecimal digits of either case with an optional `0x`.
    /// - Returns: nil if the text is of another form.
    public init?(hex: some StringProtocol) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }

    /// The 32 bytes, big-endian.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 32)
        writer.write(self)
        return writer.bytes
    }

    /// `0x` and 64 lower-case digits.
    public var hex: String { "0x" + Hex.encode(bytes) }

    /// The same 32 bytes.
    @inlinable
    public static func == (left: Hash32, right: Hash32) -> Bool { left.parts == right.parts }

    /// Byte order.
    @inlinable
    public static func < (left: Hash32, right: Hash32) -> Bool { left.parts < right.parts }

    /// By all four parts.
    @inlinable
    public func hash(into hasher: inout Hasher) {
        hasher.combine(parts.0)
        hasher.combine(parts.1)
        hasher.combine(parts.2)
        hasher.combine(parts.3)
    }
}

extension Hash32: CustomStringConvertible {
    /// `0x` and 64 lower-case digits.
    public var description: String { hex }
}
