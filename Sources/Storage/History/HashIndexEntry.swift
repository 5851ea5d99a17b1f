/// One hash in the hash index: its first eight bytes and what they stand for.
///
/// Eight bytes do not name one hash for certain (somebody may look for a pair that shares them), so
/// what is found is a candidate until it was compared with the block.
struct HashIndexEntry: Comparable, Sendable {
    /// Bytes 0 to 7 of the hash, read big-endian.
    let prefix: UInt64
    /// The height in the upper 40 bits, the transaction's index in the lower 24.
    let place: UInt64

    /// Instead of an index: the hash is the block's own.
    static let blockItself: UInt64 = 0xFF_FFFF
    static let storedCount = 16

    var height: UInt64 { place >> 24 }

    init(prefix: UInt64, place: UInt64) {
        self.prefix = prefix
        self.place = place
    }

    init(prefix: UInt64, height: UInt64, index: UInt64) {
        self.init(prefix: prefix, place: height << 24 | index)
    }

    static func < (left: Self, right: Self) -> Bool {
        left.prefix != right.prefix ? left.prefix < right.prefix : left.place < right.place
    }

    // MARK: Stored entries

    init(stored bytes: UnsafeRawBufferPointer, at index: Int) {
        let offset = index * Self.storedCount
        self.init(
            prefix: UInt64(
                bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
            place: UInt64(
                bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)))
    }

    /// Lends the stored form of entries: 16 bytes each, prefix and place big-endian.
    static func withStored<Result>(
        _ entries: ArraySlice<HashIndexEntry>, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(byteCount: entries.count * storedCount, alignment: 8) {
            buffer in
            var offset = 0
            for entry in entries {
                buffer.storeBytes(
                    of: entry.prefix.bigEndian, toByteOffset: offset, as: UInt64.self)
                buffer.storeBytes(
                    of: entry.place.bigEndian, toByteOffset: offset + 8, as: UInt64.self)
                offset += storedCount
            }
            return body(UnsafeRawBufferPointer(buffer))
        }
    }

    /// The places of a prefix in sorted stored entries, by halving.
    static func places(
        of prefix: UInt64, in bytes: UnsafeRawBufferPointer
    ) -> [UInt64] {
        let count = bytes.count / storedCount
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if Self(stored: bytes, at: middle).prefix < prefix {
                low = middle + 1
            } else {
                high = middle
            }
        }
        var places: [UInt64] = []
        while low < count {
            let entry = Self(stored: bytes, at: low)
            guard entry.prefix == prefix else { break }
            places.append(entry.place)
            low += 1
        }
        return places
    }
}
