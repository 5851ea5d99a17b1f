/// A legal entity identifier whose check digits are right.
///
/// - Source: ISO 17442.
public struct LEI: Hashable, Sendable {
    /// The twenty characters.
    public let text: String

    /// Reads eighteen capital letters and digits and two check digits.
    ///
    /// - Returns: nil if the text is of another form or the check digits are wrong.
    public init?(_ text: some StringProtocol) { self.init(Array(text.utf8)[...]) }

    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == 20, bytes.suffix(2).allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        var remainder = 0
        for byte in bytes {
            switch byte {
            case 0x30...0x39: remainder = (remainder * 10 + Int(byte & 15)) % 97
            case 0x41...0x5a: remainder = (remainder * 100 + Int(byte) - 55) % 97
            default: return nil
            }
        }
        guard remainder == 1 else { return nil }
        text = String(decoding: bytes, as: UTF8.self)
    }
}

extension LEI: CustomStringConvertible {
    /// The twenty characters.
    public var description: String { text }
}
