import CSecp256k1
import Foundation
import Ledger
import Testing

struct WycheproofTests {
    /// Reads a DER signature as libsecp256k1 does; here only, since the ledger takes no DER.
    static func parse(der: [UInt8]) -> (r: Hash32, s: Hash32)? {
        let context = secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE))!
        defer { secp256k1_context_destroy(context) }
        var signature = secp256k1_ecdsa_signature()
        guard secp256k1_ecdsa_signature_parse_der(context, &signature, der, der.count) == 1 else {
            return nil
        }
        var compact = [UInt8](repeating: 0, count: 64)
        secp256k1_ecdsa_signature_serialize_compact(context, &compact, &signature)
        return (Hash32(compact[..<32])!, Hash32(compact[32...])!)
    }

    @Test func `signatures are judged as Project Wycheproof says`() throws {
        let name = "ecdsa_secp256k1_sha256_bitcoin_test.json"
        let file = try #require(Vectors.load(name) as? [String: Any])
        var (valid, invalid) = (0, 0)
        for group in try file.objects("testGroups") {
            let key = try #require(group["publicKey"] as? [String: Any])
            let publicKey = try #require(PublicKey(key.bytes("uncompressed")))
            for item in try group.objects("tests") {
                let id = try #require(item["tcId"] as? Int)
                let hash = SHA256.hash(try item.bytes("msg"))
                let isValid = try item.text("result") == "valid"
                guard let (r, s) = Self.parse(der: try item.bytes("sig")) else {
                    #expect(!isValid, "case \(id)")
                    invalid += 1
                    continue
                }
                let accepted = Secp256k1.verify(hash: hash, r: r, s: s, by: publicKey)
                #expect(accepted == isValid, "case \(id)")
                let recovered = (UInt8(0)...1).contains { parity in
                    Secp256k1.recoverKey(hash: hash, r: r, s: s, recoveryID: parity) == publicKey
                }
                // Where the point's x is n or more, r is below p - n and no parity of 0 or 1 fits.
                let wrapped = r < Hash32(0, 1, 0x4551_2319_50b7_5fc4, 0x402d_a172_2fc9_baee)
                #expect(recovered == isValid || (isValid && wrapped), "case \(id)")
                if isValid { valid += 1 } else { invalid += 1 }
            }
        }
        #expect(valid == 162)
        #expect(invalid == 301)
    }
}
