import Ledger
import Testing

struct HexTests {
    @Test func `all bytes come back, in either case`() {
        let bytes = (0...255).map { UInt8($0) }
        let text = Hex.encode(bytes)
        #expect(text.hasPrefix("000102030405060708090a0b0c0d0e0f10"))
        #expect(Hex.decode(text) == bytes)
        #expect(Hex.decode("0x" + text.uppercased()) == bytes)
        #expect(Hex.decode(("xx" + text).dropFirst(2)) == bytes)
        #expect(Hex.decode("") == [])
        #expect(Hex.decode("0x") == [])
    }

    @Test(arguments: [
        "0", "0x0", "0g", "g0", "0X00", "x00", " 00", "00 ", "é0", "0x0x00", "/0", ":0", "@0", "`0",
    ])
    func `what is no pair of digits is refused`(text: String) {
        #expect(Hex.decode(text) == nil)
    }
}
