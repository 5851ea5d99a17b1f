import Ledger

/// The last words on a connection: why it is not to be, or no longer.
package struct Refusal: Error, Equatable, Sendable {
    /// Bytes of a text on the wire.
    package static let textLimit = 400

    package var reason: RefusalReason
    /// A sentence to the other end's operator.
    package var text: String

    package init(_ reason: RefusalReason, _ text: String) {
        self.reason = reason
        self.text = text
    }

    /// Of a node whose own signer does not answer; where that is and why concerns no other bank.
    static let noEndorsement = Refusal(
        .noEndorsement, "the signer with this node's key does not endorse its certificate now")

    func write(to writer: inout ByteWriter) {
        writer.write(byte: ControlKind.refusal.rawValue)
        writer.write(reason.rawValue)
        writer.write(raw: text.utf8.prefix(Self.textLimit))
    }

    /// Reads what follows the kind; whatever the bytes, there is something to show.
    init(decoding reader: inout ByteReader) {
        let code = (try? reader.read(UInt16.self)) ?? 0
        reason = RefusalReason(rawValue: code) ?? .other
        let bytes = (try? reader.readRaw(min(reader.remaining, Self.textLimit))) ?? []
        text = Self.printable(bytes)
    }

    /// Text of a stranger, fit for a log: printable ASCII, everything else a question mark.
    static func printable(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.map { (0x20...0x7e).contains($0) ? $0 : 0x3f }, as: UTF8.self)
    }
}

/// What a control frame is.
enum ControlKind: UInt8 {
    case hello = 1
    case refusal = 2
}

/// Between whom and about what two ends agree before anything else is said.
package enum ControlFrame: Equatable, Sendable {
    case hello(Hello)
    case refusal(Refusal)

    /// Reads a control frame's bytes.
    /// - Throws: the refusal to answer with.
    package init(_ bytes: [UInt8]) throws(Refusal) {
        var reader = ByteReader(bytes)
        switch (try? reader.read(UInt8.self)).flatMap(ControlKind.init) {
        case .hello: self = .hello(try Hello(decoding: &reader))
        case .refusal: self = .refusal(Refusal(decoding: &reader))
        case nil: throw Refusal(.malformedFrame, "there is no control frame of this kind")
        }
    }

    /// The frame with its header.
    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 4 + Hello.byteCount)
        writer.write(UInt32(0))
        switch self {
        case .hello(let hello): hello.write(to: &writer)
        case .refusal(let refusal): refusal.write(to: &writer)
        }
        writer.patch(UInt32(writer.bytes.count - 4) | FrameReader.controlBit, at: 0)
        return writer.bytes
    }
}
