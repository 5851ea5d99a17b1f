import Ledger
import Testing

@testable import Tokens

struct TokenIDTests {
    @Test func `DIP answers at its fixed address`() {
        #expect(TokenID.dip.address == .dip)
    }

    /// `cast compute-address`-like: CREATE addresses of sender 0x…d101 with nonces 0, 1, 127, 128, 256.
    @Test func `the n-th token has the address that a contract made by the factory would have`() {
        let tokens = TokenLedger(state: State(source: EmptySource()))
        let issuer = Address(high: 7, middle: 0, low: 1)
        let new = NewToken(name: "Euro", symbol: "EUR", decimals: 2)
        for index in 0..<3 {
            let id = try? tokens.create(new, by: issuer)
            #expect(id?.rawValue == UInt32(index) + 1)
            #expect(id.map { tokens.address(of: $0) } == id?.address)
            #expect(id.flatMap { tokens.find($0.address) } == id)
        }
        #expect(tokens.count == 3)
    }
}
