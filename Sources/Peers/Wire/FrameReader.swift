import NIOCore

/// What a connection carries, one after another.
package enum Frame: Equatable {
    /// Bytes for the receiver.
    case payload([UInt8])
    /// Between the two ends themselves.
    case control([UInt8])
    /// A sign of life.
    case empty
}

/// Cuts a stream of bytes into frames; a frame's size is checked before memory is taken for it.
///
/// The header is four bytes: the highest bit marks a control frame, the other 31 are the number of
/// bytes that follow.
package struct FrameReader {
    package static let controlBit: UInt32 = 1 << 31
    /// Bytes of a control frame.
    package static let controlLimit = 512
    /// The most memory that is taken before bytes are there to fill it.
    static let firstRoom = 64 << 10

    /// Bytes of a payload; 0 refuses payloads altogether.
    package var payloadLimit: Int

    private var header: UInt32 = 0
    private var headerBytes = 0
    private var body: [UInt8] = []
    private var isControl = false
    /// Bytes of the body that are still to come; meaningless while the header is not whole.
    private var missing = 0

    package init(payloadLimit: Int) { self.payloadLimit = payloadLimit }

    /// Takes bytes until a frame is whole.
    ///
    /// - Parameter buffer: what came in; what is taken is removed.
    /// - Returns: a frame, or nil when all bytes were taken and none is whole yet.
    /// - Throws: ``Refusal`` when the next frame is larger than it may be.
    package mutating func next(_ buffer: inout ByteBuffer) throws(Refusal) -> Frame? {
        while headerBytes < 4 {
            guard let byte = buffer.readInteger(as: UInt8.self) else { return nil }
            header = header << 8 | UInt32(byte)
            headerBytes += 1
            if headerBytes == 4 { try begin() }
        }
        let count = min(missing, buffer.readableBytes)
        if count > 0 {
            buffer.readWithUnsafeReadableBytes { bytes in
                body.append(contentsOf: bytes[..<count])
                return count
            }
            missing -= count
        }
        guard missing == 0 else { return nil }
        headerBytes = 0
        header = 0
        let whole = body
        body = []
        return isControl ? .control(whole) : whole.isEmpty ? .empty : .payload(whole)
    }

    private mutating func begin() throws(Refusal) {
        isControl = header & Self.controlBit != 0
        missing = Int(header & ~Self.controlBit)
        let limit = isControl ? Self.controlLimit : payloadLimit
        guard missing <= limit else {
            throw Refusal(
                .frameTooLarge,
                "a frame of \(missing) bytes came where at most \(limit) are taken")
        }
        body.reserveCapacity(min(missing, Self.firstRoom))
    }
}
