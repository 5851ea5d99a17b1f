import Foundation
import TestSupport
import Testing

@testable import Storage

struct LevelDBTests {
    private let folder = TemporaryFolder()

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func `what a batch puts and deletes is there after reopening`() throws {
        do {
            let store = try LevelDB(path: folder.path)
            var first = WriteBatch()
            first.put(bytes("a"), bytes("1"))
            first.put(bytes("b"), [])
            first.put([], bytes("empty key"))
            try store.write(first, sync: false)
            var second = WriteBatch()
            second.delete(bytes("a"))
            second.put(bytes("c"), bytes("3"))
            try store.write(second, sync: true)
        }
        let store = try LevelDB(path: folder.path)
        #expect(try store.value(bytes("a")) == nil)
        #expect(try store.value(bytes("b")) == [])
        #expect(try store.value(bytes("c")) == bytes("3"))
        #expect(try store.value([]) == bytes("empty key"))
    }

    @Test func `the last word on a key in a batch counts`() throws {
        let store = try LevelDB(path: folder.path)
        var batch = WriteBatch()
        batch.put([1], [1])
        batch.delete([1])
        batch.put([1], [2])
        #expect(batch.byteCount == 5)
        try store.write(batch, sync: false)
        #expect(try store.value([1]) == [2])
        batch.clear()
        #expect(batch.byteCount == 0)
        #expect(batch.changes.isEmpty)
    }

    @Test func `a second opening is refused and names the folder`() throws {
        let store = try LevelDB(path: folder.path)
        let fault = #expect(throws: StoreFault.self) { try LevelDB(path: folder.path) }
        #expect(fault?.kind == .locked)
        #expect(fault?.description.contains(folder.path) == true)
        _ = store.path
    }

    @Test func `a folder that cannot be made is an input or output fault`() {
        let path = folder.file("missing/deeper")
        let fault = #expect(throws: StoreFault.self) { try LevelDB(path: path) }
        #expect(fault?.kind == .inputOutput)
    }

    @Test func `damage in the log of writes is reported and not skipped`() throws {
        do {
            let store = try LevelDB(path: folder.path)
            for number in UInt8(0)..<50 {
                var batch = WriteBatch()
                batch.put([number], Array(repeating: number, count: 1000))
                try store.write(batch, sync: true)
            }
        }
        #expect(try folder.damage(filesEnding: ".log", at: 20_000))
        for _ in 0..<2 {
            let fault = #expect(throws: StoreFault.self) { try LevelDB(path: folder.path) }
            #expect(fault?.kind == .corrupt)
        }
    }

    @Test func `damage in a table is reported by the read that meets it`() throws {
        do {
            let store = try LevelDB(path: folder.path)
            for number in UInt8(0)..<200 {
                var batch = WriteBatch()
                batch.put([number], (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
                try store.write(batch, sync: false)
            }
            store.compact()
        }
        #expect(try folder.damage(filesEnding: ".ldb", at: 500))
        let store = try LevelDB(path: folder.path)
        let fault = #expect(throws: StoreFault.self) { try store.value([0]) }
        #expect(fault?.kind == .corrupt)
        #expect(throws: StoreFault.self) { try store.scan(from: [], to: nil) { _, _ in true } }
        #expect(throws: StoreFault.self) { try store.snapshot().value([0]) }
    }

    @Test(arguments: ["CURRENT", "MANIFEST"])
    func `a database without its index is reported, not made anew`(name: String) throws {
        do {
            let store = try LevelDB(path: folder.path)
            var batch = WriteBatch()
            batch.put([1], [1])
            try store.write(batch, sync: true)
        }
        let manager = FileManager.default
        for file in try manager.contentsOfDirectory(atPath: folder.path)
        where file.hasPrefix(name) {
            try manager.removeItem(atPath: folder.file(file))
        }
        for _ in 0..<2 {
            let fault = #expect(throws: StoreFault.self) { try LevelDB(path: folder.path) }
            #expect(fault?.kind == .corrupt)
        }
    }

    @Test(arguments: [true, false])
    func `a scan sees the keys from start up to end, in order`(real: Bool) throws {
        let store: any KeyValueStore = real ? try LevelDB(path: folder.path) : MemoryStore()
        var batch = WriteBatch()
        for key in [[0xFF, 0xFF], [2], [1, 2], [1], [1, 0xFF], [0xFF]] as [[UInt8]] {
            batch.put(key, key + [0])
        }
        try store.write(batch, sync: false)
        func keys(
            _ scan: ((UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool) throws -> Void
        ) rethrows -> [[UInt8]] {
            var keys: [[UInt8]] = []
            try scan { key, value in
                #expect(Array(key) + [0] == Array(value))
                keys.append(Array(key))
                return true
            }
            return keys
        }
        #expect(
            try keys { try store.scan(from: [1, 2], to: [2], $0) } == [[1, 2], [1, 0xFF]])
        #expect(try keys { try store.scan(prefix: [1], $0) } == [[1], [1, 2], [1, 0xFF]])
        #expect(try keys { try store.scan(prefix: [0xFF], $0) } == [[0xFF], [0xFF, 0xFF]])
        #expect(try keys { try store.scan(prefix: [3], $0) }.isEmpty)
        #expect(try keys { try store.scan(from: [], to: nil, $0) }.count == 6)
        #expect(try store.lastKey(before: [2]) == [1, 0xFF])
        #expect(try store.lastKey(before: [0xFF, 0xFF, 0xFF]) == [0xFF, 0xFF])
        #expect(try store.lastKey(before: [1]) == nil)
        #expect(try store.snapshot().lastKey(before: [0xFF]) == [2])
        var seen = 0
        try store.scan(from: [], to: nil) { _, _ in
            seen += 1
            return seen < 2
        }
        #expect(seen == 2)
    }

    @Test(arguments: [true, false])
    func `a snapshot does not see later writes`(real: Bool) throws {
        let store: any KeyValueStore = real ? try LevelDB(path: folder.path) : MemoryStore()
        var batch = WriteBatch()
        batch.put([1], [1])
        try store.write(batch, sync: false)
        let snapshot = store.snapshot()
        batch.clear()
        batch.put([1], [2])
        batch.put([2], [2])
        try store.write(batch, sync: false)
        #expect(try snapshot.value([1]) == [1])
        #expect(try snapshot.value([2]) == nil)
        #expect(try store.value([1]) == [2])
        var count = 0
        try snapshot.scan(from: [], to: nil) { _, _ in
            count += 1
            return true
        }
        #expect(count == 1)
    }

    @Test func `sizes grow with what is written`() throws {
        let store = try LevelDB(path: folder.path)
        var batch = WriteBatch()
        var generator = SeededNumbers(seed: 1)
        for number in UInt8(0)..<100 {
            batch.put(
                [number], (0..<10_000).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
        try store.write(batch, sync: false)
        store.compact()
        #expect(store.approximateBytes(from: [0], to: [200]) > 900_000)
        #expect(store.approximateBytes(from: [50], to: [60]) < 200_000)
    }

    @Test(arguments: [
        ("IO error: lock /x/LOCK: Resource temporarily unavailable", StoreFault.Kind.locked),
        ("IO error: lock /x/LOCK: already held by process", .locked),
        ("Corruption: checksum mismatch", .corrupt),
        ("Corruption: 3 missing files; e.g.: /x/000005.ldb", .corrupt),
        ("IO error: /x/000003.log: No space left on device", .diskFull),
        ("IO error: /x/000003.log: Input/output error", .inputOutput),
        ("IO error: /x/CURRENT: Too many open files", .inputOutput),
        ("IO error: /x/LOCK: Permission denied", .denied),
        ("IO error: /x/MANIFEST-000004: Read-only file system", .denied),
        ("Invalid argument: leveldb.BytewiseComparator does not match", .corrupt),
    ])
    func `messages are sorted into kinds`(message: String, kind: StoreFault.Kind) {
        let fault = StoreFault(leveldb: message, operation: "open", path: "/x")
        #expect(fault.kind == kind)
        #expect(fault.description.hasPrefix("cannot open /x: "))
        #expect(fault.description.contains(fault.advice))
    }
}
