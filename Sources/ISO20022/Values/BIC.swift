/// A business identifier code: which bank, and which of its branches.
///
/// - Source: ISO 9362.
public struct BIC: Hashable, Sendable {
    /// Eight or eleven characters as they were written.
    public let text: String

    /// Reads a code of eight or eleven capital letters and digits, the fifth and sixth letters.
    ///
    /// - Returns: nil if the text is of another form.
    public init?(_ text: some StringProtocol) { self.init(Array(text.utf8)[...]) }

    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count == 8 || bytes.count == 11,
            bytes.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) }),
            bytes.dropFirst(4).prefix(2).allSatisfy({ $0 > 0x39 })
        else { return nil }
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// The country, two letters.
    public var country: String { String(text.dropFirst(4).prefix(2)) }
}

extension BIC: CustomStringConvertible {
    /// The code.
    public var description: String { text }
}
