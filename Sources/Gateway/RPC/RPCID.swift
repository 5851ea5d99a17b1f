import JSON
import NIOCore

/// A call's id, which its answer repeats as it was written: at most 256 bytes (``RPCEnvelope``).
enum RPCID: Sendable {
    /// What most clients count by: digits without a sign, and no zero before.
    case number(UInt64)
    /// Any JSON text.
    case text(ByteBuffer)

    /// Digits that fit into any `UInt64`.
    private static let digitsMax = 19

    /// For an answer that comes at once.
    /// - Parameter text: a part of the body; the body is kept as long as the id is.
    init(inBody text: ByteBuffer) { self = .text(text) }

    /// For an answer that comes later: who waits for long keeps no more than this.
    init(copying text: ByteBuffer) {
        let digits = text.readableBytesView
        let isNumber =
            (1...Self.digitsMax).contains(digits.count)
            && digits.allSatisfy { (0x30...0x39).contains($0) }
            && (digits.count == 1 || digits.first != 0x30)
        self =
            isNumber
            ? .number(digits.reduce(0) { $0 * 10 + UInt64($1 - 0x30) })
            : .text(ByteBuffer(bytes: digits))
    }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .number(let number): writer.number(number)
        case .text(let text): text.withUnsafeReadableBytes { writer.append($0) }
        }
    }
}
