import CLevelDB
import Synchronization

@testable import Storage

/// A store in memory that is as complete as LevelDB and can be told to fail or to lose power.
final class MemoryStore: KeyValueStore {
    private struct Contents {
        var current: [[UInt8]: [UInt8]] = [:]
        /// What would be left after a power cut, then each batch since, oldest first.
        var durable: [[UInt8]: [UInt8]] = [:]
        var unsynced: [[(key: [UInt8], value: [UInt8]?)]] = []
        var failingWrites: StoreFault.Kind?
        var failingReads: StoreFault.Kind?
        var writes = 0
        /// The keys of `current` in order, nil after a write.
        var sorted: [[UInt8]]?

        /// What can be read now, or a fault if reads fail.
        mutating func view() -> View {
            let keys = sorted ?? current.keys.sorted { $0.lexicographicallyPrecedes($1) }
            sorted = keys
            return View(contents: current, keys: keys, failure: failingReads)
        }
    }

    let path = "memory"
    private let contents = Mutex(Contents())

    /// From now on every write, every read fails with this; nil: works again.
    func fail(writes: StoreFault.Kind? = nil, reads: StoreFault.Kind? = nil) {
        contents.withLock {
            $0.failingWrites = writes
            $0.failingReads = reads
        }
    }

    /// Loses what was not synced, except for the oldest `kept` batches of it.
    func cutPower(kept: Int = 0) {
        contents.withLock {
            for batch in $0.unsynced.prefix(kept) {
                for (key, value) in batch { $0.durable[key] = value }
            }
            $0.current = $0.durable
            $0.unsynced = []
            $0.sorted = nil
        }
    }

    /// How many batches could be lost now.
    var unsyncedCount: Int { contents.withLock { $0.unsynced.count } }
    /// How many batches were written in all.
    var writeCount: Int { contents.withLock { $0.writes } }
    /// How many keys there are.
    var keyCount: Int { contents.withLock { $0.current.count } }

    func overwrite(_ key: [UInt8], _ value: [UInt8]?) {
        contents.withLock {
            $0.current[key] = value
            $0.durable[key] = value
            $0.sorted = nil
        }
    }

    func write(_ batch: borrowing WriteBatch, sync: Bool) throws(StoreFault) {
        let changes = batch.changes
        let failure = contents.withLock { contents -> StoreFault.Kind? in
            if let failure = contents.failingWrites { return failure }
            for (key, value) in changes { contents.current[key] = value }
            contents.unsynced.append(changes)
            contents.writes += 1
            contents.sorted = nil
            if sync {
                contents.durable = contents.current
                contents.unsynced = []
            }
            return nil
        }
        if let failure { throw Self.fault(failure, "write a batch to") }
    }

    private static func fault(_ kind: StoreFault.Kind, _ operation: String) -> StoreFault {
        StoreFault(kind, operation: operation, path: "memory", message: "as the test wants it")
    }

    func get(
        _ key: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(StoreFault) -> Bool {
        let (failure, value) = contents.withLock { ($0.failingReads, $0.current[Array(key)]) }
        if let failure { throw Self.fault(failure, "read from") }
        guard let value else { return false }
        value.withUnsafeBytes { body($0) }
        return true
    }

    func scan(
        from start: [UInt8], to end: [UInt8]?,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
    ) throws(StoreFault) {
        try contents.withLock { $0.view() }.scan(from: start, to: end, body)
    }

    func lastKey(before end: [UInt8]) throws(StoreFault) -> [UInt8]? {
        try contents.withLock { $0.view() }.lastKey(before: end)
    }

    func compact(from start: [UInt8], to end: [UInt8]) {}

    func snapshot() -> any KeyValueReader { contents.withLock { $0.view() } }

    private final class View: KeyValueReader {
        private let contents: [[UInt8]: [UInt8]]
        private let keys: [[UInt8]]
        private let failure: StoreFault.Kind?

        init(contents: [[UInt8]: [UInt8]], keys: [[UInt8]], failure: StoreFault.Kind?) {
            self.contents = contents
            self.keys = keys
            self.failure = failure
        }

        private func check() throws(StoreFault) {
            if let failure { throw MemoryStore.fault(failure, "read from") }
        }

        /// The index of the first key that is not below another.
        private func position(_ key: [UInt8]) -> Int {
            var (low, high) = (0, keys.count)
            while low < high {
                let middle = (low + high) / 2
                if keys[middle].lexicographicallyPrecedes(key) {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            return low
        }

        func get(
            _ key: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
        ) throws(StoreFault) -> Bool {
            try check()
            guard let value = contents[Array(key)] else { return false }
            value.withUnsafeBytes { body($0) }
            return true
        }

        func lastKey(before end: [UInt8]) throws(StoreFault) -> [UInt8]? {
            try check()
            let position = position(end)
            return position > 0 ? keys[position - 1] : nil
        }

        func scan(
            from start: [UInt8], to end: [UInt8]?,
            _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
        ) throws(StoreFault) {
            try check()
            for key in keys[position(start)...] {
                if let end, !key.lexicographicallyPrecedes(end) { return }
                guard let value = contents[key] else { continue }
                let goOn = key.withUnsafeBytes { key in value.withUnsafeBytes { body(key, $0) } }
                guard goOn else { return }
            }
        }
    }
}

extension WriteBatch {
    /// The batch as LevelDB itself reads it.
    var changes: [(key: [UInt8], value: [UInt8]?)] {
        final class Collected { var changes: [(key: [UInt8], value: [UInt8]?)] = [] }
        let collected = Collected()
        leveldb_writebatch_iterate(
            raw, Unmanaged.passUnretained(collected).toOpaque(),
            { state, key, keyCount, value, valueCount in
                let collected = Unmanaged<Collected>.fromOpaque(state!).takeUnretainedValue()
                collected.changes.append(
                    (
                        Array(UnsafeRawBufferPointer(start: key, count: keyCount)),
                        Array(UnsafeRawBufferPointer(start: value, count: valueCount))
                    ))
            },
            { state, key, keyCount in
                let collected = Unmanaged<Collected>.fromOpaque(state!).takeUnretainedValue()
                collected.changes.append(
                    (Array(UnsafeRawBufferPointer(start: key, count: keyCount)), nil))
            })
        return collected.changes
    }
}
