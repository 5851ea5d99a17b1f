import CSecp256k1

/// A point of secp256k1, as its two coordinates.
///
/// Whether the point is on the curve is checked where bytes become a key, ``init(_:)``.
@frozen
public struct PublicKey: Hashable, Sendable {
    /// The first coordinate.
    public let x: Hash32
    /// The second coordinate.
    public let y: Hash32

    /// The 65 bytes that libsecp256k1 wrote.
    init(uncompressed bytes: UnsafeRawBufferPointer) {
        x = Hash32(loadingFrom: bytes, at: 1)
        y = Hash32(loadingFrom: bytes, at: 33)
    }

    /// What libsecp256k1 made, in its own form.
    init(_ parsed: secp256k1_pubkey) {
        var parsed = parsed
        self = withScratch(65) { base, buffer in
            var length = 65
            secp256k1_ec_pubkey_serialize(
                Secp256k1.verification.pointer,
                base, &length, &parsed,
                UInt32(SECP256K1_EC_UNCOMPRESSED))
            return PublicKey(uncompressed: UnsafeRawBufferPointer(buffer))
        }
    }

    /// Reads a key of 33 bytes (2 or 3, x), 65 bytes (4, x, y) or 64 bytes (x, y).
    /// - Returns: nil for another form or a point that is not on the curve.
    public init?(_ bytes: [UInt8]) {
        let full = bytes.count == 64 ? [4] + bytes : bytes
        // The hybrid forms, 6 and 7, which libsecp256k1 reads too, have no use here.
        guard let kind = full.first, kind == 4 || kind == 2 || kind == 3 else { return nil }
        var parsed = secp256k1_pubkey()
        let context = Secp256k1.verification.pointer
        guard secp256k1_ec_pubkey_parse(context, &parsed, full, full.count) == 1 else { return nil }
        self.init(parsed)
    }

    /// The 64 bytes x, y.
    public var bytes: [UInt8] { x.bytes + y.bytes }

    /// The 33 bytes: 2 or 3 by the parity of y, then x.
    public var compressed: [UInt8] { [UInt8(2 + y.parts.3 & 1)] + x.bytes }

    /// The account that this key signs for.
    public var address: Address { Address(hashOfKey: Keccak256.hash(x, y)) }

    /// The key in libsecp256k1's own form.
    var parsed: secp256k1_pubkey? {
        var parsed = secp256k1_pubkey()
        let bytes = [4] + bytes
        let context = Secp256k1.verification.pointer
        guard secp256k1_ec_pubkey_parse(context, &parsed, bytes, bytes.count) == 1 else {
            return nil
        }
        return parsed
    }
}
