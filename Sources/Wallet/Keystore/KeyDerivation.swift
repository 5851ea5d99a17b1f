import COpenSSL

/// How a password becomes the 32 bytes that encrypt and check a key.
public enum KeyDerivation: Hashable, Sendable {
    /// scrypt, which costs memory: `n` a power of two, `r` and `p` factors.
    case scrypt(n: UInt64, r: UInt64, p: UInt64)
    /// PBKDF2 with HMAC-SHA-256, for files of older programs.
    case pbkdf2(iterations: UInt64)

    /// What new files are written with: 256 MiB and about a second.
    public static let standard = KeyDerivation.scrypt(n: 262_144, r: 8, p: 1)
    /// What other wallets call light, 4 MiB: for tests, small machines and very strong passwords.
    public static let light = KeyDerivation.scrypt(n: 4_096, r: 8, p: 6)

    /// The most memory that opening a file may take.
    static let maximumMemory: UInt64 = 1 << 30
    /// The most steps of scrypt, n × r × p, that opening a file may take: 16 times the standard.
    static let maximumWork: UInt64 = 1 << 25
    /// The most rounds of PBKDF2 that opening a file may take.
    static let maximumIterations: UInt64 = 20_000_000

    /// Why this is refused, or nil; a file decides on the cost and may be hostile.
    var complaint: (isCostly: Bool, reason: String)? {
        switch self {
        case .scrypt(let n, let r, let p):
            guard n > 1, n & (n - 1) == 0 else { return (false, "n must be a power of two") }
            guard r > 0, p > 0 else { return (false, "r and p must be at least 1") }
            // Each first, so that the product fits.
            guard n <= Self.maximumWork, r <= 1 << 16, p <= 1 << 16,
                n * r * p <= Self.maximumWork,
                128 * r * (n + p) <= Self.maximumMemory
            else {
                return (
                    true, "scrypt with n \(n), r \(r), p \(p) needs more than 1 GiB or a minute"
                )
            }
            return nil
        case .pbkdf2(let iterations):
            guard iterations > 0 else { return (false, "c must be at least 1") }
            guard iterations <= Self.maximumIterations else {
                return (true, "\(iterations) rounds of PBKDF2 would take more than a minute")
            }
            return nil
        }
    }

    /// The 32 bytes for a password and a salt.
    /// - Throws: ``WalletFault/crypto(operation:)`` where libcrypto has no memory.
    func derive(_ password: SecretBytes, salt: [UInt8]) throws(WalletFault) -> SecretBytes {
        precondition(complaint == nil, "the cost was checked when the file was read")
        return try SecretBytes(count: 32) { memory throws(WalletFault) in
            let output = memory.baseAddress?.assumingMemoryBound(to: UInt8.self)
            let worked = password.withBytes { bytes in
                let text = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
                switch self {
                case .scrypt(let n, let r, let p) where r < 4 && n >= 1 << (16 * r):
                    return Scrypt.derive(bytes, salt: salt, n: n, r: r, p: p, into: output)
                case .scrypt(let n, let r, let p):
                    // Twice the bound: libcrypto counts its own overhead too.
                    return EVP_PBE_scrypt(
                        text, bytes.count, salt, salt.count, n, r, p, 2 * Self.maximumMemory,
                        output, 32)
                case .pbkdf2(let iterations):
                    return PKCS5_PBKDF2_HMAC(
                        text, Int32(bytes.count), salt, Int32(salt.count), Int32(iterations),
                        EVP_sha256(), 32, output)
                }
            }
            guard worked == 1 else { throw .crypto(operation: "deriving the key") }
        }
    }
}
