/// What names a function, an event or a custom error on the wire, from its signature.
///
/// A signature is the name and the canonical types without spaces: `transfer(address,uint256)`; a
/// struct stands as its members in brackets.
public enum Selector {
    /// The first four bytes of the signature's Keccak-256, big-endian.
    public static func of(_ signature: StaticString) -> UInt32 { topic(signature).leading }

    /// The first four bytes of the signature's Keccak-256, big-endian.
    public static func of(_ signature: String) -> UInt32 { topic(signature).leading }

    /// The signature's Keccak-256, an event's first topic.
    public static func topic(_ signature: StaticString) -> Hash32 { Keccak256.hash(signature) }

    /// The signature's Keccak-256, an event's first topic.
    public static func topic(_ signature: String) -> Hash32 { Keccak256.hash(signature) }
}

extension Hash32 {
    fileprivate var leading: UInt32 { UInt32(truncatingIfNeeded: parts.0 >> 32) }
}
