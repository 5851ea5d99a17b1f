/// Decodes an object that the ledger encoded itself.
///
/// A store checks its records and a checkpoint its root, so bytes that do not decode are a mistake of ours: the node
/// stops rather than take the object for absent and go on with another state than the others.
@inlinable
public func believed<T>(_ bytes: [UInt8], _ read: (inout ByteReader) throws -> T) -> T {
    believed {
        var reader = ByteReader(bytes)
        let value = try read(&reader)
        try reader.finish()
        return value
    }
}

/// Decodes a list, one element after the other until nothing is left, as ``believed(_:_:)`` does.
@inlinable
public func believed<T>(listIn bytes: [UInt8], _ read: (inout ByteReader) throws -> T) -> [T] {
    believed(bytes) { reader in
        var list: [T] = []
        while reader.remaining > 0 { list.append(try read(&reader)) }
        return list
    }
}

/// Does what cannot fail with bytes of the ledger's own, as ``believed(_:_:)`` does.
@inlinable
public func believed<T>(_ decode: () throws -> T) -> T {
    do { return try decode() } catch { preconditionFailure("an object of our own: \(error)") }
}
