import CSecp256k1

/// ECDSA over secp256k1, by libsecp256k1; only signatures with a low s count.
///
/// Every signature has a twin with n − s in the place of s. The twin is refused everywhere, so that
/// nobody can change the hash of somebody else's transaction.
public enum Secp256k1 {
    /// The order of the group, n.
    public static let order = Hash32(
        0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_fffe, 0xbaae_dce6_af48_a03b, 0xbfd2_5e8c_d036_4141)

    /// The largest s that counts, ⌊n / 2⌋.
    public static let halfOrder = Hash32(
        0x7fff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff, 0x5d57_6e73_57a4_501d, 0xdfe9_2f46_681b_20a0)

    /// The context for everything that needs no secret; libsecp256k1 only reads it, so all threads
    /// share it.
    static let verification = SigningContext()

    /// Recovers who signed.
    ///
    /// - Parameters:
    ///   - hash: the 32 bytes that were signed.
    ///   - r: from 1 to n − 1.
    ///   - s: from 1 to ⌊n / 2⌋.
    ///   - recoveryID: the parity of the point's y, 0 or 1.
    /// - Returns: nil when a part is out of its range or no key has made the signature.
    public static func recover(
        hash: Hash32, r: Hash32, s: Hash32, recoveryID: UInt8
    ) -> Address? {
        withRecovered(hash, r, s, recoveryID) { bytes in
            Address(hashOfKey: Keccak256.hash(UnsafeRawBufferPointer(rebasing: bytes.dropFirst())))
        }
    }

    /// Recovers the public key of who signed; as `recover`, without its hash.
    public static func recoverKey(
        hash: Hash32, r: Hash32, s: Hash32, recoveryID: UInt8
    ) -> PublicKey? {
        withRecovered(hash, r, s, recoveryID) { PublicKey(uncompressed: $0) }
    }

    /// Whether a key has made a signature.
    ///
    /// - Returns: false also when r or s is out of its range, s high included.
    public static func verify(hash: Hash32, r: Hash32, s: Hash32, by key: PublicKey) -> Bool {
        guard isInRange(r: r, s: s), var parsed = key.parsed else { return false }
        var signature = secp256k1_ecdsa_signature()
        return withScratch(96) { base, buffer in
            r.store(into: buffer)
            s.store(into: buffer, at: 32)
            hash.store(into: buffer, at: 64)
            let context = verification.pointer
            return secp256k1_ecdsa_signature_parse_compact(context, &signature, base) == 1
                && secp256k1_ecdsa_verify(context, &signature, base + 64, &parsed) == 1
        }
    }

    /// Whether 0 < r < n and 0 < s ≤ ⌊n / 2⌋.
    @inlinable
    public static func isInRange(r: Hash32, s: Hash32) -> Bool {
        r != .zero && r < order && s != .zero && s <= halfOrder
    }

    /// n − s, for an s below n.
    static func negated(_ s: Hash32) -> Hash32 {
        var borrow: UInt64 = 0
        func less(_ a: UInt64, _ b: UInt64) -> UInt64 {
            let (first, isBelow) = a.subtractingReportingOverflow(b)
            let (second, isBelowAgain) = first.subtractingReportingOverflow(borrow)
            borrow = isBelow || isBelowAgain ? 1 : 0
            return second
        }
        let (from, what) = (order.parts, s.parts)
        let d = less(from.3, what.3)
        let c = less(from.2, what.2)
        let b = less(from.1, what.1)
        return Hash32(less(from.0, what.0), b, c, d)
    }

    /// Recovers a key and hands over its 65 bytes: 4, x, y.
    @inline(__always)
    private static func withRecovered<Result>(
        _ hash: Hash32, _ r: Hash32, _ s: Hash32, _ recoveryID: UInt8,
        _ body: (UnsafeRawBufferPointer) -> Result?
    ) -> Result? {
        guard recoveryID <= 1, isInRange(r: r, s: s) else { return nil }
        var signature = secp256k1_ecdsa_recoverable_signature()
        var key = secp256k1_pubkey()
        return withScratch(96) { base, buffer in
            r.store(into: buffer)
            s.store(into: buffer, at: 32)
            hash.store(into: buffer, at: 64)
            let context = verification.pointer
            guard
                secp256k1_ecdsa_recoverable_signature_parse_compact(
                    context, &signature, base, Int32(recoveryID)) == 1,
                secp256k1_ecdsa_recover(context, &key, &signature, base + 64) == 1
            else { return nil }
            // The signature is read; its place takes the serialized key.
            var length = 65
            secp256k1_ec_pubkey_serialize(
                context, base, &length, &key, UInt32(SECP256K1_EC_UNCOMPRESSED))
            return body(UnsafeRawBufferPointer(rebasing: buffer[..<65]))
        }
    }
}

extension Address {
    /// The last 20 bytes of the hash of a public key's 64 bytes.
    @inlinable
    init(hashOfKey hash: Hash32) {
        let (_, b, c, d) = hash.parts
        self.init(
            high: b << 32 | c >> 32, middle: c << 32 | d >> 32, low: UInt32(truncatingIfNeeded: d))
    }
}
