import COpenSSL
import CSecp256k1

/// A secret scalar from 1 to n − 1, in memory of its own that is wiped when the last holder lets go.
///
/// It has no description and no conformance that could print it.
public final class PrivateKey: Sendable {
    /// 32 bytes; only `deinit` writes to them after `init`.
    private nonisolated(unsafe) let secret: UnsafeMutablePointer<UInt8>

    /// The key's public half.
    public let publicKey: PublicKey

    /// Takes 32 bytes; wiping where they came from is the caller's duty.
    /// - Returns: nil unless there are exactly 32 and their number is from 1 to n − 1.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        let secret = UnsafeMutablePointer<UInt8>.allocate(capacity: 32)
        for (index, byte) in bytes.enumerated() { secret[index] = byte }
        var parsed = secp256k1_pubkey()
        guard secp256k1_ec_pubkey_create(SigningContext.plain.pointer, &parsed, secret) == 1 else {
            Self.release(secret)
            return nil
        }
        self.secret = secret
        publicKey = PublicKey(parsed)
    }

    deinit { Self.release(secret) }

    private static func release(_ secret: UnsafeMutablePointer<UInt8>) {
        OPENSSL_cleanse(secret, 32)
        secret.deallocate()
    }

    /// The account that this key signs for.
    public var address: Address { publicKey.address }

    /// Lends the 32 bytes, for a keystore to encrypt; they must not be kept.
    public func withSecret<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: secret, count: 32))
    }

    /// Signs 32 bytes; the nonce is that of RFC 6979, so the same bytes give the same signature.
    ///
    /// - Parameters:
    ///   - hash: the digest to be signed.
    ///   - context: blinded for keys that are worth it, see ``SigningContext``.
    /// - Returns: the signature, s low.
    public func sign(_ hash: Hash32, in context: SigningContext = .plain) -> Signature {
        var signature = secp256k1_ecdsa_recoverable_signature()
        return withScratch(64) { base, buffer in
            hash.store(into: buffer)
            guard
                secp256k1_ecdsa_sign_recoverable(
                    context.pointer, &signature, base, secret, nil, nil) == 1
            else {
                // It fails for a secret out of range, which `init` refused, and for no other.
                preconditionFailure("libsecp256k1 could not sign with a valid key")
            }
            var recoveryID: Int32 = 0
            secp256k1_ecdsa_recoverable_signature_serialize_compact(
                context.pointer, base, &recoveryID, &signature)
            let bytes = UnsafeRawBufferPointer(buffer)
            return Signature(
                r: Hash32(loadingFrom: bytes), s: Hash32(loadingFrom: bytes, at: 32),
                yParity: UInt8(truncatingIfNeeded: recoveryID))
        }
    }
}
