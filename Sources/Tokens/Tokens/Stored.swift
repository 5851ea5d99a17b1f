import Ledger

/// Builds the bytes of a small object.
func bytes(_ body: (inout ByteWriter) -> Void) -> [UInt8] {
    var writer = ByteWriter(capacity: 32)
    body(&writer)
    return writer.bytes
}

/// Reads an object that this module wrote.
func stored<T>(_ bytes: [UInt8], _ body: (inout ByteReader) throws -> T) -> T {
    var reader = ByteReader(bytes)
    return believed {
        let value = try body(&reader)
        try reader.finish()
        return value
    }
}

/// Decodes what this module encoded itself; a store checks its records, so failure is a mistake of ours.
func believed<T>(_ body: () throws -> T) -> T {
    do { return try body() } catch { preconditionFailure("an object of our own: \(error)") }
}
