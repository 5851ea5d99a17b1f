import COpenSSL

/// SHA-256 by OpenSSL's plain Init, Update and Final calls, on the stack.
///
/// One-shot with ``hash(_:)-([UInt8])``, or piece by piece with ``update(_:)-([UInt8])`` and
/// ``finalize()``.
public struct SHA256 {
    @usableFromInline var context = SHA256_CTX()

    /// Starts with no input.
    @inlinable
    public init() { SHA256_Init(&context) }

    /// Absorbs bytes.
    @inlinable
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        SHA256_Update(&context, bytes.baseAddress, bytes.count)
    }

    /// Absorbs bytes.
    @inlinable
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// Absorbs bytes.
    @inlinable
    public mutating func update(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { update($0) } }

    /// Absorbs the 32 bytes of a word.
    @inlinable
    public mutating func update(_ word: Hash32) {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { buffer in
            word.store(into: buffer)
            update(UnsafeRawBufferPointer(buffer))
        }
    }

    /// The digest of everything absorbed so far; more may be absorbed into the receiver afterwards.
    @inlinable
    public func finalize() -> Hash32 {
        var last = context
        return withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { digest in
            SHA256_Final(
                digest.baseAddress?.assumingMemoryBound(to: UInt8.self), &last)
            return Hash32(loadingFrom: UnsafeRawBufferPointer(digest))
        }
    }

    /// The digest of bytes.
    @inlinable
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> Hash32 {
        var state = SHA256()
        state.update(bytes)
        return state.finalize()
    }

    /// The digest of bytes.
    @inlinable
    public static func hash(_ bytes: [UInt8]) -> Hash32 { bytes.withUnsafeBytes { hash($0) } }

    /// The digest of bytes.
    @inlinable
    public static func hash(_ bytes: ArraySlice<UInt8>) -> Hash32 {
        bytes.withUnsafeBytes { hash($0) }
    }

    /// The digest of a tag byte and bytes, as for a Merkle leaf.
    @inlinable
    public static func hash(tag: UInt8, _ bytes: UnsafeRawBufferPointer) -> Hash32 {
        var state = SHA256()
        withUnsafeBytes(of: tag) { state.update($0) }
        state.update(bytes)
        return state.finalize()
    }

    /// The digest of a tag byte and two words, as for a Merkle node: 65 bytes, put together on the
    /// stack.
    @inlinable
    public static func hash(tag: UInt8, _ first: Hash32, _ second: Hash32) -> Hash32 {
        withUnsafeTemporaryAllocation(byteCount: 65, alignment: 8) { buffer in
            buffer[0] = tag
            first.store(into: buffer, at: 1)
            second.store(into: buffer, at: 33)
            return hash(UnsafeRawBufferPointer(buffer))
        }
    }
}
