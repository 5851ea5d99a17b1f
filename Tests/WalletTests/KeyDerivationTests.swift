import Testing

@testable import Wallet

struct KeyDerivationTests {
    @Test func `costs whose product passes 64 bits are refused, not multiplied`() {
        for (n, r, p) in [(1 << 32, 1 << 16, 1 << 16), (1 << 24, 1 << 16, 1 << 16)] {
            let derivation = KeyDerivation.scrypt(n: UInt64(n), r: UInt64(r), p: UInt64(p))
            #expect(derivation.complaint?.isCostly == true)
        }
    }

    @Test func `what this program writes it also reads`() {
        #expect(KeyDerivation.standard.complaint == nil)
        #expect(KeyDerivation.light.complaint == nil)
    }
}
