import CLevelDB

/// Puts and deletions that take effect together.
///
/// The last word on a key counts. It is LevelDB's own batch, one growing buffer: a put copies its bytes and allocates nothing.
package struct WriteBatch: ~Copyable {
    let raw: OpaquePointer
    /// Bytes of keys and values so far.
    private(set) var byteCount = 0

    init() { raw = leveldb_writebatch_create() }

    deinit { leveldb_writebatch_destroy(raw) }

    mutating func put(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        leveldb_writebatch_put(raw, key.characters, key.count, value.characters, value.count)
        byteCount += key.count + value.count
    }

    mutating func put(_ key: [UInt8], _ value: [UInt8]) {
        key.withUnsafeBytes { key in value.withUnsafeBytes { put(key, $0) } }
    }

    mutating func delete(_ key: UnsafeRawBufferPointer) {
        leveldb_writebatch_delete(raw, key.characters, key.count)
        byteCount += key.count
    }

    mutating func delete(_ key: [UInt8]) { key.withUnsafeBytes { delete($0) } }

    /// Empties the batch and keeps its memory.
    mutating func clear() {
        leveldb_writebatch_clear(raw)
        byteCount = 0
    }
}

extension UnsafeRawBufferPointer {
    /// For C: LevelDB wants an address even where the count is 0.
    var characters: UnsafePointer<CChar> {
        guard let baseAddress else { return Self.nothing }
        return baseAddress.assumingMemoryBound(to: CChar.self)
    }

    // Never written to, never freed.
    nonisolated(unsafe) private static let nothing = UnsafePointer(
        UnsafeMutablePointer<CChar>.allocate(capacity: 1))
}

extension WriteBatch {
    /// The puts and deletions in their order, as LevelDB itself reads them; the value of a deletion is nil.
    var changes: [(key: [UInt8], value: [UInt8]?)] {
        var changes: [(key: [UInt8], value: [UInt8]?)] = []
        withUnsafeMutablePointer(to: &changes) { pointer in
            leveldb_writebatch_iterate(
                raw, pointer,
                { state, key, keyCount, value, valueCount in
                    let key = Array(UnsafeRawBufferPointer(start: key, count: keyCount))
                    let value = Array(UnsafeRawBufferPointer(start: value, count: valueCount))
                    WriteBatch.collect(key, value, into: state)
                },
                { state, key, keyCount in
                    let key = Array(UnsafeRawBufferPointer(start: key, count: keyCount))
                    WriteBatch.collect(key, nil, into: state)
                })
        }
        return changes
    }

    private static func collect(
        _ key: [UInt8], _ value: [UInt8]?, into state: UnsafeMutableRawPointer?
    ) {
        state?.assumingMemoryBound(to: [(key: [UInt8], value: [UInt8]?)].self)
            .pointee.append((key, value))
    }
}
