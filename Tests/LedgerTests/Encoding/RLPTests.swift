import Foundation
import Ledger
import Testing

struct RLPTests {
    /// The value that a case of ethereum/tests means: text, a number, `#` and a large number, a list.
    static func value(_ json: Any) throws -> RLP.Value {
        if let items = json as? [Any] { return .list(try items.map { try value($0) }) }
        if let number = json as? NSNumber, !(json is String) { return .number(number.uint64Value) }
        let text = try #require(json as? String)
        guard text.hasPrefix("#") else { return .bytes(Array(text.utf8)) }
        var digits: [UInt8] = []
        for character in text.dropFirst() {
            var carry = try #require(character.wholeNumberValue)
            for index in digits.indices.reversed() {
                carry += Int(digits[index]) * 10
                digits[index] = UInt8(carry & 255)
                carry >>= 8
            }
            if carry > 0 { digits.insert(UInt8(carry), at: 0) }
        }
        return .bytes(digits)
    }

    @Test func `the valid cases of Ethereum encode and decode`() throws {
        let cases = try #require(Vectors.load("rlptest.json") as? [String: [String: Any]])
        #expect(cases.count == 28)
        for (name, item) in cases {
            let value = try Self.value(item["in"] as Any)
            let encoding = try item.bytes("out")
            #expect(RLP.encode(value) == encoding, "\(name)")
            #expect(try RLP.decode(encoding) == value, "\(name)")
        }
    }

    @Test func `the invalid cases of Ethereum are refused`() throws {
        let cases = try #require(
            try Vectors.load("invalidRLPTest.json") as? [String: [String: Any]])
        #expect(cases.count == 26)
        for (name, item) in cases {
            let text = try item.text("out")
            // One case has an odd digit out; its whole bytes are no less wrong.
            let even = text.count % 2 == 0 ? text : String(text.dropLast())
            let bytes = try #require(Hex.decode(even), "\(name)")
            #expect(throws: DecodingFault.self, "\(name)") { try RLP.decode(bytes) }
        }
    }

    @Test(arguments: [0, 1, 55, 56, 255, 256, 65535, 65536])
    func `strings and lists of each header length come back`(count: Int) throws {
        let string = [UInt8](repeating: 0xab, count: count)
        #expect(try RLP.decode(RLP.encode(.bytes(string))) == .bytes(string))
        let list = RLP.Value.list([RLP.Value](repeating: .bytes([1]), count: count))
        #expect(try RLP.decode(RLP.encode(list)) == list)
    }

    @Test func `nesting is bounded`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            var value = RLP.Value.list([])
            for _ in 1..<depth { value = .list([value]) }
            return RLP.encode(value)
        }
        #expect(throws: Never.self) { try RLP.decode(nested(RLP.maximumDepth)) }
        #expect(throws: DecodingFault.self) { try RLP.decode(nested(RLP.maximumDepth + 1)) }
        // 100,000 lists in one another cost no stack.
        #expect(throws: DecodingFault.self) {
            try RLP.decode([UInt8](repeating: 0xc1, count: 100_000) + [0xc0])
        }
    }

    @Test func `typed items are exact about their ranges`() throws {
        func reader(_ hex: String) -> RLP.Reader { RLP.Reader(Hex.decode(hex)![...]) }
        var number = reader("88ffffffffffffffff")
        #expect(try number.uint64("n") == .max)
        number = reader("89010000000000000000")
        #expect(throws: DecodingFault("n does not fit 64 bits")) { try number.uint64("n") }
        number = reader("90" + String(repeating: "ff", count: 16))
        #expect(try number.uint128("n") == .max)
        number = reader("9101" + String(repeating: "00", count: 16))
        #expect(throws: DecodingFault.self) { try number.uint128("n") }
        number = reader("a0" + String(repeating: "fe", count: 32))
        #expect(try number.uint256("n").bytes == [UInt8](repeating: 0xfe, count: 32))
        number = reader("830a0b0c")
        #expect(try number.uint256("n") == Hash32(0, 0, 0, 0x0a0b0c))
        for zeros in ["00", "820001"] {
            number = reader(zeros)
            #expect(throws: DecodingFault("n is a number with leading zeros")) {
                try number.uint64("n")
            }
        }
        var address = reader("80")
        #expect(try address.optionalAddress("to") == nil)
        #expect(address.isAtEnd)
        address = reader("93" + String(repeating: "11", count: 19))
        #expect(throws: DecodingFault("to must have 20 bytes")) {
            try address.optionalAddress("to")
        }
        var list = reader("c0")
        #expect(throws: DecodingFault("data must not be a list")) { try list.string("data") }
        var string = reader("80")
        #expect(throws: DecodingFault("x must be a list")) { try string.list("x") }
    }

    @Test func `a list ends where its header says, whatever follows`() throws {
        var outer = RLP.Reader(Hex.decode("c3820102ff")![...])
        var inner = try outer.list("x")
        #expect(try inner.uint64("n") == 0x0102)
        #expect(throws: DecodingFault("m is missing", at: 4)) { try inner.uint64("m") }
        #expect(throws: DecodingFault("x is followed by 1 bytes too many", at: 4)) {
            try outer.finish("x")
        }
        // The string's header reaches out of the list and stays within the bytes.
        outer = RLP.Reader(Hex.decode("c2820102")![...])
        inner = try outer.list("x")
        #expect(throws: DecodingFault("n is cut off", at: 1)) { try inner.uint64("n") }
    }
}
