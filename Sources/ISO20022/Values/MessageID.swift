/// A name that one party gives a message, an instruction or a payment and others give back unchanged.
///
/// What comes from banks is read as text of up to 35 characters; this is the narrower form of what the desk itself gives, which
/// every scheme carries.
public struct MessageID: Hashable, Sendable {
    /// One to 35 characters.
    public let text: String

    /// Takes a text that every scheme carries unchanged.
    ///
    /// - Returns: nil unless it has 1 to 35 letters, digits or `/ - ? : ( ) . , ' +` or inner spaces, no slash first or last
    ///   and no two slashes together.
    /// - Source: SEPA implementation guidelines and CBPR+ on identifiers.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard (1...35).contains(bytes.count), bytes.allSatisfy(CharacterRule.isLatin),
            let first = bytes.first, let last = bytes.last,
            first != UInt8(ascii: "/"), last != UInt8(ascii: "/"), first != 0x20, last != 0x20,
            !zip(bytes, bytes.dropFirst()).contains(where: {
                $0 == UInt8(ascii: "/") && $1 == UInt8(ascii: "/")
            })
        else { return nil }
        self.text = String(text)
    }
}

extension MessageID: CustomStringConvertible {
    /// The characters.
    public var description: String { text }
}
