import NIOCore

/// The text of one answer.
enum RPCResponse {
    /// Writes `{"jsonrpc":"2.0","id":…,"result":…}` or the error that `write` throws instead.
    ///
    /// Without an `id`, by its place in `body`, nothing is written. Tells whether `write` threw.
    static func write(
        id: Range<Int>?, of body: ByteBuffer, inBatch: Bool, to writer: inout JSONWriter,
        _ write: (inout JSONWriter) throws(RPCError) -> Void
    ) -> Bool {
        let start = writer.buffer.writerIndex
        writer.buffer.writeStaticString("{\"jsonrpc\":\"2.0\",\"id\":")
        if let id {
            body.withUnsafeReadableBytes { bytes in
                let first = id.lowerBound - body.readerIndex
                _ = writer.buffer.writeBytes(
                    UnsafeRawBufferPointer(rebasing: bytes[first..<(first + id.count)]))
            }
        }
        let afterID = writer.buffer.writerIndex
        var failed = false
        do throws(RPCError) {
            writer.buffer.writeStaticString(",\"result\":")
            writer.needsComma = false
            try write(&writer)
            if !writer.needsComma { writer.null() }
        } catch {
            failed = true
            writer.buffer.moveWriterIndex(to: afterID)
            writer.buffer.writeStaticString(",\"error\":")
            writer.needsComma = false
            error.write(to: &writer)
        }
        if id == nil {
            writer.buffer.moveWriterIndex(to: start)
        } else if inBatch {
            writer.buffer.writeStaticString("},")
        } else {
            writer.buffer.writeStaticString("}")
        }
        writer.needsComma = false
        return failed
    }

    /// An answer to something that is no request: its id is null.
    static func refusal(_ error: RPCError) -> ByteBuffer {
        var writer = JSONWriter(capacity: 128)
        writer.buffer.writeStaticString("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":")
        error.write(to: &writer)
        writer.buffer.writeStaticString("}")
        return writer.buffer
    }
}
