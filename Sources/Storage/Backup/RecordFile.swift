import Ledger

/// A file of keys and values in order, each a length in four bytes and so many bytes.
struct RecordWriter: ~Copyable {
    private var file: FileWriter
    private var hash = SHA256()
    private var head: [UInt8] = []

    init(path: String) throws(StoreFault) { file = try FileWriter(path: path) }

    var byteCount: UInt64 { file.count }

    mutating func append(
        _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) throws(StoreFault) {
        head.removeAll(keepingCapacity: true)
        write(UInt32(key.count))
        head.append(contentsOf: key)
        write(UInt32(value.count))
        hash.update(head)
        try file.append(head)
        hash.update(value)
        try file.append(value)
    }

    private mutating func write(_ number: UInt32) {
        withUnsafeBytes(of: number.bigEndian) { head.append(contentsOf: $0) }
    }

    /// Makes the file durable.
    mutating func finish() throws(StoreFault) -> BackupManifest.Section {
        try file.sync()
        return BackupManifest.Section(byteCount: file.count, hash: hash.finalize())
    }
}

/// Reads such files one after another, as if they were one.
struct RecordReader {
    private let paths: [String]
    private var index = 0
    private var file: FileReader?
    private var position: UInt64 = 0
    /// What was read ahead, and how far it was used.
    private var buffer: [UInt8] = []
    private var used = 0

    private static let bufferBytes: UInt64 = 4 << 20
    /// No key of history is as long.
    private static let keyBytesMax = 64
    private static let valueBytesMax = 1 << 30

    init(paths: [String]) { self.paths = paths }

    /// The next record, nil at the end of the last file.
    mutating func next() throws(StoreFault) -> (key: [UInt8], value: [UInt8])? {
        while used == buffer.count, file.map({ position == $0.size }) ?? true {
            guard index < paths.count else { return nil }
            file = try FileReader(path: paths[index])
            index += 1
            position = 0
            buffer = []
            used = 0
        }
        let key = try counted(atMost: Self.keyBytesMax)
        return (key, try counted(atMost: Self.valueBytesMax))
    }

    private mutating func counted(atMost limit: Int) throws(StoreFault) -> [UInt8] {
        let length = try take(4).reduce(0) { $0 << 8 | Int($1) }
        guard length <= limit else {
            throw StoreFault(
                .corrupt, operation: "read", path: file?.path ?? "",
                message: "a field of \(length) bytes, more than \(limit)")
        }
        return try take(length)
    }

    private mutating func take(_ count: Int) throws(StoreFault) -> [UInt8] {
        guard let file else { return [] }
        if buffer.count - used < count {
            var rest = Array(buffer[used...])
            let wanted = max(UInt64(count - rest.count), Self.bufferBytes)
            let more = min(wanted, file.size - position)
            rest += try file.read(Int(more), at: position)
            position += more
            buffer = rest
            used = 0
        }
        guard buffer.count - used >= count else {
            throw StoreFault(
                .corrupt, operation: "read", path: file.path,
                message: "it ends in the middle of a record")
        }
        defer { used += count }
        return Array(buffer[used..<(used + count)])
    }
}
