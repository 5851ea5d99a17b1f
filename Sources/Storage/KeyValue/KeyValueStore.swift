/// An ordered map from bytes to bytes that outlives the process: LevelDB, or a double that can fail.
///
/// Any thread may use it; writes take effect one after another, each wholly or not at all.
package protocol KeyValueStore: KeyValueReader {
    /// Where it lives, for messages.
    var path: String { get }

    /// Applies a batch, all of it or nothing.
    ///
    /// - Parameters:
    ///   - batch: what to put and delete.
    ///   - sync: wait until the batch, and every batch before it, would survive a power cut. Without
    ///     it they survive the end of the process only.
    /// - Throws: ``StoreFault``; the store then takes no more writes until it is opened anew.
    func write(_ batch: borrowing WriteBatch, sync: Bool) throws(StoreFault)

    /// Gives back the room of what was deleted between two keys; takes as long as that takes.
    func compact(from start: [UInt8], to end: [UInt8])

    /// About how many bytes on disk the keys from `start` up to `end` take, without what is still in
    /// the write buffer; tells without reading them.
    func approximateBytes(from start: [UInt8], to end: [UInt8]) -> UInt64

    /// What the store holds now, unaffected by later writes.
    func snapshot() -> any KeyValueReader
}

/// What can be asked of a store and of a snapshot of one.
package protocol KeyValueReader: AnyObject, Sendable {
    /// Lends the value of a key to `body`, if there is one.
    /// - Returns: whether there is one.
    func get(
        _ key: UnsafeRawBufferPointer, _ body: (_ value: UnsafeRawBufferPointer) -> Void
    ) throws(StoreFault) -> Bool

    /// Lends each key from `start` on and its value to `body`, in byte order, until `end` (which is
    /// not included; nil: to the last key) or until `body` answers false.
    func scan(
        from start: [UInt8], to end: [UInt8]?,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) throws(StoreFault)

    /// The greatest key below another, nil if there is none.
    func lastKey(before end: [UInt8]) throws(StoreFault) -> [UInt8]?
}

extension KeyValueReader {
    /// The value of a key, nil if there is none.
    func value(_ key: [UInt8]) throws(StoreFault) -> [UInt8]? {
        var result: [UInt8]?
        _ = try key.withUnsafeBytesTyped { key throws(StoreFault) in
            try get(key) { result = Array($0) }
        }
        return result
    }

    /// As ``scan(from:to:_:)`` over all keys that start with `prefix`.
    func scan(
        prefix: [UInt8],
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) throws(StoreFault) {
        try scan(from: prefix, to: prefix.endOfPrefix, body)
    }
}

extension [UInt8] {
    /// The first key after all keys that start with these bytes, nil if there is none.
    var endOfPrefix: [UInt8]? {
        guard let last = lastIndex(where: { $0 != 0xFF }) else { return nil }
        var end = Array(self[...last])
        end[last] += 1
        return end
    }

    /// `withUnsafeBytes` for closures that say what they throw.
    func withUnsafeBytesTyped<Result>(
        _ body: (UnsafeRawBufferPointer) throws(StoreFault) -> Result
    ) throws(StoreFault) -> Result {
        let outcome = withUnsafeBytes { bytes -> Swift.Result<Result, StoreFault> in
            do throws(StoreFault) { return .success(try body(bytes)) } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }
}
