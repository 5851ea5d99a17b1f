import Ledger
import NIOCore

/// Encodes what waits in a queue, a batch at a time, and hands it out in slices.
///
/// Slices let the progress of a large frame be seen, and bound what lies in the socket's queue.
struct FrameEncoder {
    /// Bytes of a slice, and about as many of a batch of small frames.
    static let sliceBytes = 128 << 10
    /// The most memory that is kept for the next batch.
    private static let keptBytes = 1 << 20

    private var batch: SendQueue.Batch?
    private var encoded = ByteWriter()
    private var handedOut = 0

    /// Whether nothing that was begun is still to be handed out.
    var isBetweenFrames: Bool { handedOut == encoded.bytes.count }

    /// Encodes the next frames.
    ///
    /// - Parameters:
    ///   - queue: where they wait.
    ///   - limit: bytes of one frame.
    /// - Returns: how many bytes they are, headers included; nil if none waits.
    /// - Throws: ``Refusal`` for a frame that is empty or too large.
    mutating func encode(_ queue: SendQueue, limit: Int) throws(Refusal) -> Int? {
        guard let next = queue.take(Self.sliceBytes) else { return nil }
        encoded.removeAll()
        handedOut = 0
        for frame in next.frames {
            let start = encoded.bytes.count
            encoded.write(UInt32(0))
            frame.write(to: &encoded)
            let count = encoded.bytes.count - start - 4
            guard (1...limit).contains(count) else {
                encoded.removeAll()
                throw Refusal(
                    .unfitFrame, "an own frame has \(count) bytes; 1 to \(limit) can be sent")
            }
            encoded.patch(UInt32(count), at: start)
        }
        batch = next
        return encoded.bytes.count
    }

    /// Hands out the next slice, and with a batch's last one the batch.
    mutating func slice(
        _ allocator: ByteBufferAllocator
    ) -> (bytes: ByteBuffer, finished: SendQueue.Batch?) {
        let end = min(encoded.bytes.count, handedOut + Self.sliceBytes)
        let bytes = allocator.buffer(bytes: encoded.bytes[handedOut..<end])
        handedOut = end
        guard isBetweenFrames else { return (bytes, nil) }
        defer { batch = nil }
        if encoded.bytes.capacity > Self.keptBytes {
            encoded = ByteWriter()
            handedOut = 0
        }
        return (bytes, batch)
    }
}
