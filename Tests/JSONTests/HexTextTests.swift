import Testing

@testable import JSON

/// Ethereum's hexadecimal texts in both directions.
struct HexTextTests {
    @Test func `every byte at every place comes back`() {
        for length in 0...19 {
            for shift in stride(from: 0, to: 256, by: 17) {
                let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 31 + shift) }
                let text = JSON.data(bytes).string
                #expect(text?.count == 2 + 2 * length)
                #expect(JSON.string(text ?? "").data == bytes)
                #expect(JSON.string("0x" + (text ?? "").dropFirst(2).uppercased()).data == bytes)
            }
        }
    }

    @Test func `one wrong digit anywhere is refused`() {
        for place in 0..<32 {
            for wrong in ["/", ":", "@", "G", "`", "g", " ", "é"] {
                var digits = [Character](repeating: "a", count: 32)
                digits[place] = Character(wrong)
                #expect(JSON.string("0x" + String(digits)).data == nil)
            }
        }
    }

    @Test(arguments: ["", "0", "0x0", "0x123", "12", "0X12", "x012"])
    func `data needs 0x and an even number of digits`(_ text: String) {
        #expect(JSON.string(text).data == nil)
    }

    @Test(
        arguments: [
            ("0x0", 0), ("0x1", 1), ("0xf", 15), ("0x10", 16), ("0xDeaD", 0xdead),
            ("0xffffffffffffffffffffffffffffffff", UInt128.max),
        ] as [(String, UInt128)])
    func `a quantity has no leading zero`(_ text: String, _ value: UInt128) {
        #expect(JSON.string(text).quantity == value)
        #expect(JSON.string(text.replacing("0x", with: "0x0")).quantity == nil)
        var writer = JSONWriter()
        writer.quantity(value)
        #expect(writer.text == "\"\(text.lowercased())\"")
    }

    @Test(arguments: ["0x", "", "0xg", "10", "0x100000000000000000000000000000000"])
    func `what is no quantity below 2^128 has no value`(_ text: String) {
        #expect(JSON.string(text).quantity == nil)
    }

    @Test func `quantities of 64 bits are written at every length`() {
        for shift in 0..<64 {
            for value in [UInt64(1) << shift, (UInt64(1) << shift) - 1] {
                var writer = JSONWriter()
                writer.quantity(value)
                #expect(writer.text == "\"0x\(String(value, radix: 16))\"")
            }
        }
    }
}
