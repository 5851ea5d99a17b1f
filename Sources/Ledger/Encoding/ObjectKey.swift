/// The key of an object in the state: the byte of its kind, then what tells it from the others of that kind; `size` bytes,
/// which are allocated once.
@inlinable
public func objectKey(
    _ kind: UInt8, _ size: Int, _ body: (inout ByteWriter) -> Void
) -> [UInt8] {
    var writer = ByteWriter(capacity: size)
    writer.write(byte: kind)
    body(&writer)
    return writer.bytes
}
