extension Hash32 {
    /// Reads 32 bytes of memory, big-endian; the caller has checked that they are there.
    @inlinable
    init(loadingFrom bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
        precondition(offset >= 0 && bytes.count - offset >= 32)
        self.init(
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 24, as: UInt64.self)))
    }

    /// Writes the 32 bytes, big-endian; the caller has checked that there is room.
    @inlinable
    func store(into bytes: UnsafeMutableRawBufferPointer, at offset: Int = 0) {
        precondition(offset >= 0 && bytes.count - offset >= 32)
        bytes.storeBytes(of: parts.0.bigEndian, toByteOffset: offset, as: UInt64.self)
        bytes.storeBytes(of: parts.1.bigEndian, toByteOffset: offset + 8, as: UInt64.self)
        bytes.storeBytes(of: parts.2.bigEndian, toByteOffset: offset + 16, as: UInt64.self)
        bytes.storeBytes(of: parts.3.bigEndian, toByteOffset: offset + 24, as: UInt64.self)
    }
}
