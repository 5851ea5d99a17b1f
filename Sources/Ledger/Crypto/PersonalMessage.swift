/// Texts that a wallet signs for its owner, as `personal_sign` does (EIP-191, version 0x45).
public enum PersonalMessage {
    /// The digest that is signed: of a prefix that no transaction begins with, the length, the bytes.
    public static func hash(_ message: [UInt8]) -> Hash32 {
        var hash = Keccak256()
        hash.update(Array("\u{19}Ethereum Signed Message:\n\(message.count)".utf8))
        hash.update(message)
        return hash.finalize()
    }

    /// The digest that is signed for a text's UTF-8.
    public static func hash(_ text: String) -> Hash32 { hash(Array(text.utf8)) }
}
