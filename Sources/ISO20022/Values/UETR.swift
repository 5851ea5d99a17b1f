/// A unique end-to-end transaction reference: one payment's name from the first bank to the last.
///
/// - Source: a random UUID by RFC 4122, version 4, in lower case.
public struct UETR: Hashable, Sendable {
    /// 36 characters.
    public let text: String

    /// Reads a reference.
    ///
    /// - Returns: nil if it is no lower-case UUID of version 4.
    public init?(_ text: some StringProtocol) { self.init(Array(text.utf8)[...]) }

    /// Makes the reference of sixteen random or derived bytes; six of their bits are replaced.
    ///
    /// - Returns: nil unless there are exactly sixteen.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text += "-" }
            let marked =
                index == 6 ? byte & 0x0f | 0x40 : index == 8 ? byte & 0x3f | 0x80 : byte
            text += Self.hex[Int(marked >> 4)] + Self.hex[Int(marked & 15)]
        }
        self.text = text
    }

    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == 36 else { return nil }
        for (index, byte) in bytes.enumerated() {
            let isRight =
                switch index {
                case 8, 13, 18, 23: byte == UInt8(ascii: "-")
                case 14: byte == UInt8(ascii: "4")
                case 19: [0x38, 0x39, 0x61, 0x62].contains(byte)
                default: (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
                }
            guard isRight else { return nil }
        }
        text = String(decoding: bytes, as: UTF8.self)
    }

    private static let hex = "0123456789abcdef".map(String.init)
}

extension UETR: CustomStringConvertible {
    /// The 36 characters.
    public var description: String { text }
}
