import Ledger
import Testing

@testable import Tokens

struct TokenIDTests {
    @Test func `DIP answers at its fixed address`() {
        #expect(TokenID.dip.address == .dip)
    }

    /// Worked out with eth-utils and rlp of Python; 128 and 256 are where RLP changes form.
    @Test(arguments: [
        (0, "b977879bad2a33d06dc79fac5ac2a28ba620ddcd"),
        (1, "ed92d8121fd597191a3cb0fcaf92b43c501e04c5"),
        (127, "968dd0ad1fadcc45bfc68017536a43cc14c7d54c"),
        (128, "e0f271f4bda400b9aadef2ba443ed2784dc92f40"),
        (255, "b5af5cf7888f925d1ea297b26948235df9e3c8e4"),
        (256, "f1d611267d1e6f753e6a96eca69d5b39cf166480"),
        (65536, "7f8c96d56dc074c3a2672e5965864fe025cd1399"),
    ])
    func `the n-th token has the address of keccak256(rlp([factory, n]))`(
        _ index: UInt32, _ address: String
    ) {
        #expect(TokenID(rawValue: index + 1).address == Address(hex: address))
    }

    @Test func `an issued token is found by its address and its number`() throws {
        let tokens = TokenLedger(state: State(source: EmptySource()))
        let new = NewToken(name: "Euro", symbol: "EUR", decimals: 2)
        for index: UInt32 in 0..<3 {
            let id = try tokens.create(new, by: Desk.person("issuer"))
            #expect(id.rawValue == index + 1)
            #expect(tokens.issued(index) == id)
            #expect(tokens.address(of: id) == id.address)
            #expect(tokens.find(id.address) == id)
        }
        #expect(tokens.count == 3)
        #expect(tokens.issued(3) == nil)
        #expect(tokens.find(Desk.person("alice")) == nil)
        #expect(tokens.find(.dip) == .dip)
    }
}
