import JSON
import Ledger

/// A key encrypted under a password: Web3 Secret Storage, version 3.
///
/// What every wallet of the Ethereum world reads. Members that it does not know are passed over; a
/// label of ours is one to the others.
/// - Source: the Web3 Secret Storage Definition, ethereum.org.
public struct KeystoreFile: Hashable, Sendable {
    /// The largest file that is read, in bytes.
    public static let maximumBytes = 64 << 10

    /// Which account it says it is for; some programs leave it out.
    public let address: Address?
    /// A name that its owner gave it.
    public let label: String?
    /// A random name of the file, RFC 4122.
    public let id: String
    /// How the password is made into keys.
    public let derivation: KeyDerivation
    let salt: [UInt8]
    /// The first counter block, 16 bytes.
    let counter: [UInt8]
    /// The key, encrypted, 32 bytes.
    let ciphertext: [UInt8]
    /// Keccak-256 of the second half of the derived key and the ciphertext.
    let mac: [UInt8]

    /// Encrypts a key.
    ///
    /// - Parameters:
    ///   - key: what is kept.
    ///   - password: opens it again.
    ///   - label: a name for it, checked by ``Keystore``.
    ///   - derivation: less than the standard only in tests.
    /// - Throws: ``WalletFault/crypto(operation:)``.
    public init(
        _ key: PrivateKey, password: SecretBytes, label: String? = nil,
        derivation: KeyDerivation = .standard
    ) throws(WalletFault) {
        address = key.address
        self.label = label
        id = Self.uuid(try RandomBytes.make(16))
        self.derivation = derivation
        salt = try RandomBytes.make(32)
        let counter = try RandomBytes.make(16)
        let keys = try derivation.derive(password, salt: salt)
        let ciphertext = try AES128CTR.apply(
            to: key.withSecret { SecretBytes($0) }, keys: keys, counter: counter
        ).withBytes { Array($0) }
        self.counter = counter
        self.ciphertext = ciphertext
        mac = Self.mac(keys, ciphertext)
    }

    /// Decrypts the key.
    ///
    /// - Parameters:
    ///   - password: as it was given.
    ///   - file: the file's name, for faults.
    /// - Returns: the key, which is that of ``address`` where the file states one.
    /// - Throws: ``WalletFault/wrongPassword(file:)``, ``WalletFault/addressMismatch(file:stated:actual:)``,
    ///   ``WalletFault/badKey(file:reason:)``, ``WalletFault/crypto(operation:)``.
    public func open(_ password: SecretBytes, file: String) throws(WalletFault) -> PrivateKey {
        let keys = try derivation.derive(password, salt: salt)
        guard constantTimeEquals(Self.mac(keys, ciphertext), mac) else {
            throw .wrongPassword(file: file)
        }
        let secret = try AES128CTR.apply(
            to: SecretBytes(ciphertext), keys: keys, counter: counter)
        guard let key = secret.withBytes({ PrivateKey($0) }) else {
            throw .badKey(reason: "the number in \(file) is out of range")
        }
        if let address, address != key.address {
            throw .addressMismatch(file: file, stated: address, actual: key.address)
        }
        return key
    }

    private static func mac(_ keys: SecretBytes, _ ciphertext: [UInt8]) -> [UInt8] {
        var hash = Keccak256()
        keys.withBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[16...])) }
        hash.update(ciphertext)
        return hash.finalize().bytes
    }

    /// Random bytes as a UUID of version 4.
    private static func uuid(_ random: [UInt8]) -> String {
        var bytes = random
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = Hex.encode(bytes)
        var parts: [Substring] = []
        var rest = digits[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }

    init(
        address: Address?, label: String?, id: String, derivation: KeyDerivation, salt: [UInt8],
        counter: [UInt8], ciphertext: [UInt8], mac: [UInt8]
    ) {
        self.address = address
        self.label = label
        self.id = id
        self.derivation = derivation
        self.salt = salt
        self.counter = counter
        self.ciphertext = ciphertext
        self.mac = mac
    }
}
