import Storage
import Threads

@testable import Node

/// A store in memory that can be told to keep a write waiting, and to refuse it then, as a full disk does.
///
/// Refused is that one write only: whoever goes on writing behind it is not kept from it.
final class RefusingStore: KeyValueStore {
    /// What is there, also for the next node.
    let kept: MemoryStore
    private let order = Locked(Order.write)

    private enum Order {
        case write
        /// The next write waits.
        case wait
        /// One waits.
        case waits
        case refuse
    }

    init(_ kept: MemoryStore) { self.kept = kept }

    /// Has the next write wait.
    func hold() { order.with { $0 = .wait } }

    /// Returns when a write waits.
    func awaitWrite() {
        order.wait { if case .waits = $0 { .done(()) } else { .again(nil) } }
    }

    /// Refuses the write that waits.
    func refuse() { order.withSignal { $0 = .refuse } }

    var path: String { kept.path }

    func write(_ batch: borrowing WriteBatch, sync: Bool) throws(StoreFault) {
        let isRefused = order.with { order -> Bool in
            guard case .wait = order else { return false }
            order = .waits
            return true
        }
        guard isRefused else { return try kept.write(batch, sync: sync) }
        order.withSignal { _ in }
        order.wait { order -> Waiting<Void> in
            guard case .refuse = order else { return .again(nil) }
            order = .write
            return .done(())
        }
        throw StoreFault(
            .diskFull, operation: "write a batch to", path: path,
            message: "No space left on device")
    }

    func compact(from start: [UInt8], to end: [UInt8]) { kept.compact(from: start, to: end) }

    func approximateBytes(from start: [UInt8], to end: [UInt8]) -> UInt64 {
        kept.approximateBytes(from: start, to: end)
    }

    func snapshot() -> any KeyValueReader { kept.snapshot() }

    func get(
        _ key: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(StoreFault) -> Bool {
        try kept.get(key, body)
    }

    func scan(
        from start: [UInt8], to end: [UInt8]?,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
    ) throws(StoreFault) {
        try kept.scan(from: start, to: end, body)
    }

    func lastKey(before end: [UInt8]) throws(StoreFault) -> [UInt8]? {
        try kept.lastKey(before: end)
    }
}
