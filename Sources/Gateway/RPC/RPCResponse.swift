import JSON
import NIOCore

/// The text of one answer.
enum RPCResponse {
    /// Writes `{"jsonrpc":"2.0","id":…,"result":…}` or the error that `write` throws instead.
    ///
    /// Without an `id` nothing is written. Tells whether `write` threw.
    static func write(
        id: RPCID?, inBatch: Bool, to writer: inout JSONWriter,
        _ write: (inout JSONWriter) throws(RPCError) -> Void
    ) -> Bool {
        let start = writer.count
        writer.append("{\"jsonrpc\":\"2.0\",\"id\":")
        id?.write(to: &writer)
        let afterID = writer.count
        var failed = false
        do throws(RPCError) {
            writer.append(",\"result\":")
            writer.needsComma = false
            try write(&writer)
            if !writer.needsComma { writer.null() }
        } catch {
            failed = true
            writer.truncate(to: afterID)
            writer.append(",\"error\":")
            writer.needsComma = false
            error.write(to: &writer)
        }
        if id == nil {
            writer.truncate(to: start)
        } else if inBatch {
            writer.append("},")
        } else {
            writer.append("}")
        }
        writer.needsComma = false
        return failed
    }

    /// An answer to something that is no request: its id is null.
    static func refusal(_ error: RPCError) -> ByteBuffer {
        var writer = JSONWriter(capacity: 128)
        refuse(error, to: &writer)
        return ByteBuffer(writer)
    }

    /// Writes such an answer.
    static func refuse(_ error: RPCError, to writer: inout JSONWriter) {
        writer.append("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":")
        error.write(to: &writer)
        writer.append("}")
        writer.needsComma = false
    }
}
