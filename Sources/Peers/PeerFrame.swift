import Ledger

/// Bytes for a peer that are encoded on the network's own thread, so that the caller, who may hold a
/// lock, only queues them.
public protocol PeerFrame: Sendable {
    /// How many bytes ``write(to:)`` writes, or somewhat more; what the queue's bound counts.
    var byteCount: Int { get }
    /// Appends the frame's bytes, at least one and at most the lane's limit.
    func write(to writer: inout ByteWriter)
}

/// A frame whose bytes are there already.
public struct RawFrame: PeerFrame {
    /// Its bytes.
    public let bytes: [UInt8]

    /// Makes a frame of at least one byte.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Exactly its bytes.
    public var byteCount: Int { bytes.count }

    /// Appends its bytes.
    public func write(to writer: inout ByteWriter) { writer.write(raw: bytes) }
}
