/// Signatures over typed data, which wallets show to their owner before signing (EIP-712).
///
/// Made for the ledger's own messages; each is a value with a fixed type string.
public enum EIP712 {
    /// For which ledger and which contract a signature counts; its name is "Dipnet", its version "1".
    @frozen
    public struct Domain: Hashable, Sendable {
        /// The digest that stands for all of it.
        public let separator: Hash32

        /// Works out the separator once; it may be kept.
        ///
        /// - Parameters:
        ///   - chainID: the ledger's.
        ///   - contract: which takes the signature.
        public init(chainID: UInt64, contract: Address) {
            separator = EIP712.hash(
                Self.type, Self.name, Self.version, Hash32(0, 0, 0, chainID),
                Hash32(word: contract))
        }

        private static let type = Keccak256.hash(
            "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
        private static let name = Keccak256.hash("Dipnet")
        private static let version = Keccak256.hash("1")
    }

    /// The digest that is signed: of 0x19, 0x01, the domain's separator and the message's hash.
    public static func digest(_ structHash: Hash32, in domain: Domain) -> Hash32 {
        var hash = Keccak256()
        withUnsafeBytes(of: UInt16(bigEndian: 0x1901)) { hash.update($0) }
        hash.update(domain.separator)
        hash.update(structHash)
        return hash.finalize()
    }

    /// The 66 bytes of which ``digest(_:in:)`` is the Keccak-256, for a signer that hashes by itself.
    public static func preimage(_ structHash: Hash32, in domain: Domain) -> [UInt8] {
        [0x19, 0x01] + domain.separator.bytes + structHash.bytes
    }

    /// The hash of a struct: of its type's hash and its members' words.
    static func hash(_ words: Hash32...) -> Hash32 {
        var hash = Keccak256()
        for word in words { hash.update(word) }
        return hash.finalize()
    }
}

/// A message that is signed by EIP-712.
public protocol EIP712Message: Sendable {
    /// The type's hash and the members', hashed.
    var structHash: Hash32 { get }
}

extension EIP712Message {
    /// The 32 bytes that are signed.
    public func digest(in domain: EIP712.Domain) -> Hash32 {
        EIP712.digest(structHash, in: domain)
    }

    /// The bytes of which ``digest(in:)`` is the Keccak-256.
    public func preimage(in domain: EIP712.Domain) -> [UInt8] {
        EIP712.preimage(structHash, in: domain)
    }

    /// Signs the message for a domain.
    public func sign(
        with key: PrivateKey, in domain: EIP712.Domain, context: SigningContext = .plain
    ) -> Signature {
        key.sign(digest(in: domain), in: context)
    }

    /// Recovers who signed the message for a domain.
    /// - Returns: nil when a part of the signature is out of its range, s high included, or no key fits.
    public func recover(_ signature: Signature, in domain: EIP712.Domain) -> Address? {
        signature.recover(digest(in: domain))
    }
}
