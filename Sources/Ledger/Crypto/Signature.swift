/// An ECDSA signature from which the signer's key can be recovered.
///
/// A value says nothing about validity: ``recover(_:)`` checks ranges and that s is low.
@frozen
public struct Signature: Hashable, Sendable {
    /// The x coordinate of the signature's point, modulo n.
    public let r: Hash32
    /// The proof.
    public let s: Hash32
    /// The parity of the point's y, 0 or 1; anything else is carried and never recovers.
    public let yParity: UInt8

    /// Makes a signature from its parts, unchecked.
    @inlinable
    public init(r: Hash32, s: Hash32, yParity: UInt8) {
        self.r = r
        self.s = s
        self.yParity = yParity
    }

    /// 27 or 28, the parity as contracts and wallets write it.
    public var v: UInt8 { yParity &+ 27 }

    /// Reads the 65 bytes r, s, v.
    /// - Returns: nil unless there are exactly 65 and v is 27 or 28.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 65, let r = Hash32(bytes.prefix(32)),
            let s = Hash32(bytes.dropFirst(32).prefix(32)),
            let v = bytes.dropFirst(64).first, v == 27 || v == 28
        else { return nil }
        self.init(r: r, s: s, yParity: v - 27)
    }

    /// The 65 bytes r, s, v.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 65)
        writer.write(r)
        writer.write(s)
        writer.write(byte: v)
        return writer.bytes
    }

    /// The same signature with its s low, as ledgers want it: a hardware module may well give the other one.
    ///
    /// - Returns: itself where s is low already, or no number below n.
    public var normalized: Signature {
        guard s > Secp256k1.halfOrder, s < Secp256k1.order else { return self }
        return Signature(r: r, s: Secp256k1.negated(s), yParity: yParity ^ 1)
    }

    /// Recovers who signed.
    /// - Returns: nil when r, s or the parity is out of its range, s high included, or no key fits.
    public func recover(_ hash: Hash32) -> Address? {
        Secp256k1.recover(hash: hash, r: r, s: s, recoveryID: yParity)
    }
}
