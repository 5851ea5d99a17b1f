import JSON
import NIOCore

extension ByteBuffer {
    /// The text of a writer, which is copied once.
    init(_ writer: borrowing JSONWriter) {
        self.init()
        reserveCapacity(writer.count)
        writer.withBytes { _ = writeBytes($0) }
    }
}
