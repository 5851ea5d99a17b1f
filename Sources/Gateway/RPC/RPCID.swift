import JSON

/// A call's id as its answer repeats it, without the body in which it came: who waits for long keeps no more.
enum RPCID: Sendable {
    /// What most clients count by, as it is written: without a sign, and no zero before.
    case number(UInt64)
    /// Any other JSON text.
    case text([UInt8])

    /// Digits that fit into any `UInt64`.
    private static let digitsMax = 19

    init(_ text: UnsafeRawBufferPointer) {
        let isNumber =
            (1...Self.digitsMax).contains(text.count)
            && text.allSatisfy { (0x30...0x39).contains($0) }
            && (text.count == 1 || text[0] != 0x30)
        self =
            isNumber
            ? .number(text.reduce(0) { $0 * 10 + UInt64($1 - 0x30) }) : .text(Array(text))
    }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .number(let number): writer.number(number)
        case .text(let text): text.withUnsafeBytes { writer.append($0) }
        }
    }
}
