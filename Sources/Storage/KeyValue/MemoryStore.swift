import Synchronization

/// A store in memory that is as complete as LevelDB and can be told to fail or to lose power.
///
/// For tests and simulations: what it does depends on nothing but the calls.
package final class MemoryStore: KeyValueStore {
    private typealias Change = (key: [UInt8], value: [UInt8]?)

    private struct Contents {
        var current: [[UInt8]: [UInt8]] = [:]
        /// Of each batch that a power cut could take, oldest first, what stood there before.
        var undo: [[Change]] = []
        var failingWrites: StoreFault.Kind?
        var failingReads: StoreFault.Kind?
        var writes = 0
        /// The keys of `current` in order, nil after a key came or went.
        var sorted: [[UInt8]]?

        /// Puts or removes a value.
        /// - Returns: what stood there before.
        mutating func set(_ key: [UInt8], _ value: [UInt8]?) -> [UInt8]? {
            let old = current[key]
            current[key] = value
            if (old == nil) != (value == nil) { sorted = nil }
            return old
        }

        /// What can be read now, or a fault if reads fail.
        mutating func view() -> View {
            let keys = sorted ?? current.keys.sorted { $0.lexicographicallyPrecedes($1) }
            sorted = keys
            return View(contents: current, keys: keys, failure: failingReads)
        }
    }

    /// A name for messages.
    package let path: String
    private let contents = Mutex(Contents())

    /// Makes an empty store.
    package init(path: String = "memory") { self.path = path }

    /// A store that holds the same, durably, and shares nothing with this one.
    package func copy() -> MemoryStore {
        let copy = MemoryStore(path: path)
        let current = contents.withLock { $0.current }
        copy.contents.withLock { $0.current = current }
        return copy
    }

    /// From now on every write, every read fails with this; nil: works again.
    package func fail(writes: StoreFault.Kind? = nil, reads: StoreFault.Kind? = nil) {
        contents.withLock {
            $0.failingWrites = writes
            $0.failingReads = reads
        }
    }

    /// Loses what was not synced, except for the oldest `kept` batches of it.
    package func cutPower(kept: Int = 0) {
        contents.withLock { contents in
            for batch in contents.undo.dropFirst(kept).reversed() {
                for (key, value) in batch.reversed() { _ = contents.set(key, value) }
            }
            contents.undo = []
        }
    }

    /// How many batches could be lost now.
    package var unsyncedCount: Int { contents.withLock { $0.undo.count } }
    /// How many batches were written in all.
    package var writeCount: Int { contents.withLock { $0.writes } }
    /// How many keys there are.
    package var keyCount: Int { contents.withLock { $0.current.count } }

    /// Changes a value behind everybody's back, as a failing disk would.
    package func overwrite(_ key: [UInt8], _ value: [UInt8]?) {
        contents.withLock { contents in
            _ = contents.set(key, value)
            // No power cut brings back what stood there.
            for batch in contents.undo.indices { contents.undo[batch].removeAll { $0.key == key } }
        }
    }

    // MARK: KeyValueStore

    /// Applies a batch; without `sync` a power cut may take it back.
    package func write(_ batch: borrowing WriteBatch, sync: Bool) throws(StoreFault) {
        let changes = batch.changes
        let failure = contents.withLock { contents -> StoreFault.Kind? in
            if let failure = contents.failingWrites { return failure }
            let undo = changes.map { (key: $0.key, value: contents.set($0.key, $0.value)) }
            contents.writes += 1
            if sync { contents.undo = [] } else { contents.undo.append(undo) }
            return nil
        }
        if let failure { throw Self.fault(failure, "write a batch to") }
    }

    private static func fault(_ kind: StoreFault.Kind, _ operation: String) -> StoreFault {
        StoreFault(kind, operation: operation, path: "memory", message: "as the test wants it")
    }

    /// Lends a value.
    package func get(
        _ key: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(StoreFault) -> Bool {
        let (failure, value) = contents.withLock { ($0.failingReads, $0.current[Array(key)]) }
        if let failure { throw Self.fault(failure, "read from") }
        guard let value else { return false }
        value.withUnsafeBytes { body($0) }
        return true
    }

    /// Lends keys and values in order.
    package func scan(
        from start: [UInt8], to end: [UInt8]?,
        _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
    ) throws(StoreFault) {
        try contents.withLock { $0.view() }.scan(from: start, to: end, body)
    }

    /// The greatest key below another.
    package func lastKey(before end: [UInt8]) throws(StoreFault) -> [UInt8]? {
        try contents.withLock { $0.view() }.lastKey(before: end)
    }

    /// Does nothing: what is deleted is gone at once.
    package func compact(from start: [UInt8], to end: [UInt8]) {}

    /// The bytes of the keys and their values.
    package func approximateBytes(from start: [UInt8], to end: [UInt8]) -> UInt64 {
        contents.withLock { contents in
            contents.current.reduce(0) { sum, entry in
                let isBelow = entry.key.lexicographicallyPrecedes(start)
                guard !isBelow, entry.key.lexicographicallyPrecedes(end) else { return sum }
                return sum + UInt64(entry.key.count + entry.value.count)
            }
        }
    }

    /// What the store holds now.
    package func snapshot() -> any KeyValueReader { contents.withLock { $0.view() } }

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
