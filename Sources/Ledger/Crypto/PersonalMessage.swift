/// Texts that a wallet signs for its owner, as `personal_sign` does (EIP-191, version 0x45).
public enum PersonalMessage {
    /// The digest that is signed: of a prefix that no transaction begins with, the length, the bytes.
    public static func hash(_ message: [UInt8]) -> Hash32 {
        Keccak256.hash(preimage(message))
    }

    /// The bytes of which ``hash(_:)-([UInt8])`` is the Keccak-256, for a signer that hashes by itself.
    public static func preimage(_ message: [UInt8]) -> [UInt8] {
        Array("\u{19}Ethereum Signed Message:\n\(message.count)".utf8) + message
    }

    /// The digest that is signed for a text's UTF-8.
    public static func hash(_ text: String) -> Hash32 { hash(Array(text.utf8)) }
}
