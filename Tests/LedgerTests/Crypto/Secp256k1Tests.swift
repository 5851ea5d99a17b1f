import Ledger
import Testing

struct Secp256k1Tests {
    let key = PrivateKey([UInt8](repeating: 0x46, count: 32))!
    let hash = Hash32(
        hex: "daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53")!

    /// The signature that EIP-155 itself gives for its example.
    @Test func `signatures are those of EIP-155's example`() {
        #expect(key.address.hex == "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f")
        let signature = key.sign(hash)
        #expect(
            signature.r.hex == "0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276")
        #expect(
            signature.s.hex == "0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83")
        #expect(signature.yParity == 0)
    }

    @Test func `the twin of a signature is brought back to it`() {
        for seed in 1...20 {
            let hash = Keccak256.hash([UInt8(seed)])
            let made = key.sign(hash)
            let twin = Signature(r: made.r, s: minus(made.s), yParity: made.yParity ^ 1)
            #expect(twin.s > Secp256k1.halfOrder)
            #expect(twin.recover(hash) == nil)
            #expect(twin.normalized == made)
            #expect(made.normalized == made)
        }
        for s in [Hash32.zero, Secp256k1.order, .allOnes, Secp256k1.halfOrder] {
            let odd = Signature(r: Hash32(0, 0, 0, 1), s: s, yParity: 0)
            #expect(odd.normalized == odd)
        }
    }

    /// n − s, byte by byte as on paper.
    private func minus(_ s: Hash32) -> Hash32 {
        var borrow = 0
        var digits: [UInt8] = []
        for (n, s) in zip(Secp256k1.order.bytes, s.bytes).reversed() {
            let difference = Int(n) - Int(s) - borrow
            borrow = difference < 0 ? 1 : 0
            digits.append(UInt8(difference + 256 * borrow))
        }
        return Hash32(digits.reversed())!
    }

    @Test func `the signer is recovered, and nobody from another hash`() {
        for seed in 1...20 {
            let hash = Keccak256.hash([UInt8(seed)])
            let key = PrivateKey(Keccak256.hash([0, UInt8(seed)]).bytes)!
            let signature = key.sign(hash)
            #expect(signature.s <= Secp256k1.halfOrder)
            #expect(signature.recover(hash) == key.address)
            #expect(signature.recover(self.hash) != key.address)
            let recovered = Secp256k1.recoverKey(
                hash: hash, r: signature.r, s: signature.s, recoveryID: signature.yParity)
            #expect(recovered == key.publicKey)
            #expect(
                Secp256k1.verify(hash: hash, r: signature.r, s: signature.s, by: key.publicKey))
            #expect(
                !Secp256k1.verify(
                    hash: self.hash, r: signature.r, s: signature.s, by: key.publicKey))
        }
    }

    @Test func `the high-s twin is refused`() {
        let signature = key.sign(hash)
        // n − s, by schoolbook subtraction.
        var twin = [UInt8](repeating: 0, count: 32)
        var borrow = 0
        let (n, s) = (Secp256k1.order.bytes, signature.s.bytes)
        for index in (0..<32).reversed() {
            let difference = Int(n[index]) - Int(s[index]) - borrow
            twin[index] = UInt8(difference & 255)
            borrow = difference < 0 ? 1 : 0
        }
        let high = Signature(r: signature.r, s: Hash32(twin)!, yParity: 1 - signature.yParity)
        #expect(high.recover(hash) == nil)
        #expect(!Secp256k1.verify(hash: hash, r: high.r, s: high.s, by: key.publicKey))
    }

    @Test func `parts out of range recover nobody`() {
        let good = key.sign(hash)
        let over = Hash32(hex: "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142")!
        for r in [.zero, Secp256k1.order, over] {
            #expect(Signature(r: r, s: good.s, yParity: good.yParity).recover(hash) == nil)
        }
        for s in [.zero, Secp256k1.order, over] {
            #expect(Signature(r: good.r, s: s, yParity: good.yParity).recover(hash) == nil)
        }
        for parity: UInt8 in [2, 3, 4, 27, 255] {
            #expect(Signature(r: good.r, s: good.s, yParity: parity).recover(hash) == nil)
        }
        // 5 is the x of no point.
        #expect(Signature(r: Hash32(0, 0, 0, 5), s: good.s, yParity: 0).recover(hash) == nil)
    }

    @Test func `65 bytes carry a signature, with v 27 or 28 only`() {
        let signature = key.sign(hash)
        #expect(signature.bytes.count == 65)
        #expect(signature.bytes[64] == 27)
        #expect(Signature(signature.bytes) == signature)
        #expect(Signature(signature.bytes + [0]) == nil)
        #expect(Signature(signature.bytes.dropLast()) == nil)
        for v: UInt8 in [0, 1, 26, 29] {
            #expect(Signature(signature.bytes.dropLast() + [v]) == nil)
        }
    }

    @Test func `a private key is from 1 to n - 1`() {
        #expect(PrivateKey(Hash32.zero.bytes) == nil)
        #expect(PrivateKey(Secp256k1.order.bytes) == nil)
        #expect(PrivateKey([1]) == nil)
        #expect(PrivateKey([UInt8](repeating: 1, count: 33)) == nil)
        let one = PrivateKey(Hash32(0, 0, 0, 1).bytes)
        #expect(one?.address.hex == "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf")
        #expect(one?.withSecret { Array($0) } == Hash32(0, 0, 0, 1).bytes)
    }

    @Test func `blinding leaves signatures as they are`() throws {
        let context = try #require(SigningContext(blindedBy: [UInt8](repeating: 7, count: 32)))
        #expect(key.sign(hash, in: context) == key.sign(hash))
        #expect(SigningContext(blindedBy: [1]) == nil)
    }

    @Test func `public keys are read in each form and only on the curve`() {
        let publicKey = key.publicKey
        #expect(PublicKey(publicKey.bytes) == publicKey)
        #expect(PublicKey([4] + publicKey.bytes) == publicKey)
        #expect(PublicKey(publicKey.compressed) == publicKey)
        #expect(PublicKey([6] + publicKey.bytes) == nil)
        #expect(PublicKey([7] + publicKey.bytes) == nil)
        #expect(PublicKey([UInt8](repeating: 1, count: 64)) == nil)
        #expect(PublicKey([]) == nil)
    }

    @Test func `equality in constant time is equality`() {
        #expect(constantTimeEquals([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2]))
        #expect(constantTimeEquals([], []))
    }
}
