/// Keccak-256 as Ethereum uses it: the padding of the original submission, not that of SHA3-256.
///
/// One-shot with ``hash(_:)-([UInt8])``, or piece by piece with ``update(_:)-([UInt8])`` and
/// ``finalize()``. Nothing is allocated.
/// - Source: the Keccak reference, version 3.0, with r = 1088, c = 512 and the suffix 0x01.
public struct Keccak256: Sendable {
    /// How many bytes one permutation absorbs.
    @usableFromInline static let rate = 136

    @usableFromInline var lanes: Lanes
    /// How many bytes of the current block are absorbed; always below ``rate``.
    @usableFromInline var position = 0

    /// Starts with no input.
    @inlinable
    public init() { lanes = Lanes(repeating: 0) }

    /// Absorbs bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count {
            if position & 7 == 0, bytes.count &- index >= 8 {
                let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                lanes[position &>> 3] ^= UInt64(littleEndian: word)
                position &+= 8
                index &+= 8
            } else {
                lanes[position &>> 3] ^= UInt64(bytes[index]) &<< UInt64((position & 7) &* 8)
                position &+= 1
                index &+= 1
            }
            if position == Self.rate {
                Self.permute(&lanes)
                position = 0
            }
        }
    }

    /// Absorbs bytes.
    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Absorbs bytes.
    public mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Absorbs the 32 bytes of a word.
    public mutating func update(_ word: Hash32) {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { buffer in
            word.store(into: buffer)
            update(UnsafeRawBufferPointer(buffer))
        }
    }

    /// The digest of everything absorbed so far; more may be absorbed into the receiver afterwards.
    public func finalize() -> Hash32 {
        var last = lanes
        last[position &>> 3] ^= 1 &<< UInt64((position & 7) &* 8)
        last[16] ^= 1 &<< 63
        Self.permute(&last)
        return Hash32(
            last[0].byteSwapped, last[1].byteSwapped, last[2].byteSwapped, last[3].byteSwapped)
    }

    /// The digest of bytes.
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> Hash32 {
        var state = Keccak256()
        state.update(bytes)
        return state.finalize()
    }

    /// The digest of bytes.
    public static func hash(_ bytes: [UInt8]) -> Hash32 { bytes.withUnsafeBytes { hash($0) } }

    /// The digest of bytes.
    public static func hash(_ bytes: ArraySlice<UInt8>) -> Hash32 {
        bytes.withUnsafeBytes { hash($0) }
    }

    /// The digest of a text's UTF-8.
    public static func hash(_ text: String) -> Hash32 {
        var text = text
        return text.withUTF8 { hash(UnsafeRawBufferPointer($0)) }
    }

    /// The digest of a text's UTF-8.
    public static func hash(_ text: StaticString) -> Hash32 {
        text.withUTF8Buffer { hash(UnsafeRawBufferPointer($0)) }
    }

    /// The digest of two words, 64 bytes: one permutation and no buffer.
    public static func hash(_ first: Hash32, _ second: Hash32) -> Hash32 {
        var state = Keccak256()
        state.lanes[0] = first.parts.0.byteSwapped
        state.lanes[1] = first.parts.1.byteSwapped
        state.lanes[2] = first.parts.2.byteSwapped
        state.lanes[3] = first.parts.3.byteSwapped
        state.lanes[4] = second.parts.0.byteSwapped
        state.lanes[5] = second.parts.1.byteSwapped
        state.lanes[6] = second.parts.2.byteSwapped
        state.lanes[7] = second.parts.3.byteSwapped
        state.position = 64
        return state.finalize()
    }
}
