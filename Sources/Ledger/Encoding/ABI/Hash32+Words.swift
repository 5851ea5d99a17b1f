extension Hash32 {
    /// An address as a word of the ABI or a topic: twelve zero bytes, then its twenty.
    @inlinable
    public init(word address: Address) {
        self.init(
            0, address.high >> 32, address.high << 32 | address.middle >> 32,
            address.middle << 32 | UInt64(address.low))
    }

    /// A number as a word of the ABI or a topic: sixteen zero bytes, then its sixteen.
    @inlinable
    public init(word number: UInt128) {
        self.init(
            0, 0, UInt64(truncatingIfNeeded: number >> 64), UInt64(truncatingIfNeeded: number))
    }

    /// The word as a number, or nil from 2^128 on.
    @inlinable
    public var number: UInt128? {
        guard parts.0 == 0, parts.1 == 0 else { return nil }
        return UInt128(parts.2) << 64 | UInt128(parts.3)
    }

    /// The word as an address, or nil where its first twelve bytes are not zero.
    @inlinable
    public var address: Address? {
        guard parts.0 == 0, parts.1 >> 32 == 0 else { return nil }
        return Address(
            high: parts.1 << 32 | parts.2 >> 32, middle: parts.2 << 32 | parts.3 >> 32,
            low: UInt32(truncatingIfNeeded: parts.3))
    }

    /// 2^256 − 1, which stands for "all of it" or "no limit".
    @inlinable public static var allOnes: Hash32 { Hash32(.max, .max, .max, .max) }
}
