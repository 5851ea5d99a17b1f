import Synchronization

@testable import Storage

/// A store in memory in whose readers something comes between: once, right behind a reading.
final class InterruptedStore: KeyValueStore {
    private let kept = MemoryStore()
    private let interruption = Mutex<(@Sendable () -> Void)?>(nil)

    /// Has something happen behind the next reading.
    func interrupt(_ body: @escaping @Sendable () -> Void) { interruption.withLock { $0 = body } }

    private func haveRead() {
        let body = interruption.withLock { body in
            defer { body = nil }
            return body
        }
        body?()
    }

    var path: String { kept.path }

    func get(
        _ key: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(StoreFault) -> Bool {
        defer { haveRead() }
        return try kept.get(key, body)
    }

    func scan(
        from start: [UInt8], to end: [UInt8]?,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
    ) throws(StoreFault) {
        defer { haveRead() }
        try kept.scan(from: start, to: end, body)
    }

    func lastKey(before end: [UInt8]) throws(StoreFault) -> [UInt8]? {
        defer { haveRead() }
        return try kept.lastKey(before: end)
    }

    func snapshot() -> any KeyValueReader {
        defer { haveRead() }
        return kept.snapshot()
    }

    func write(_ batch: borrowing WriteBatch, sync: Bool) throws(StoreFault) {
        try kept.write(batch, sync: sync)
    }

    func compact(from start: [UInt8], to end: [UInt8]) {}

    func approximateBytes(from start: [UInt8], to end: [UInt8]) -> UInt64 {
        kept.approximateBytes(from: start, to: end)
    }
}
