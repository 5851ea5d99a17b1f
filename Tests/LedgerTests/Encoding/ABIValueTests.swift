import Foundation
import Ledger
import Testing

struct ABIValueTests {
    /// The value that a case of ethereum/tests means.
    static func value(_ json: Any, _ type: ABIType) throws -> ABIValue {
        switch type {
        case .uint: return .uint(UInt128(try #require(json as? NSNumber).uint64Value))
        case .address:
            let text = try #require(json as? String)
            return .address(try #require(Address(hex: text)))
        case .fixedBytes, .bytes: return .bytes(Array(try #require(json as? String).utf8))
        case .array(let element, _):
            return .list(try #require(json as? [Any]).map { try value($0, element) })
        default: throw DecodingFault("no case has a \(type)")
        }
    }

    @Test func `the cases of Ethereum encode and decode`() throws {
        let cases = try #require(Vectors.load("basic_abi_tests.json") as? [String: [String: Any]])
        #expect(cases.count == 3)
        for (name, item) in cases {
            let types = try #require(item["types"] as? [String]).map { try ABIType.parse($0) }
            let arguments = try #require(item["args"] as? [Any])
            let values = try zip(arguments, types).map { try Self.value($0, $1) }
            let result = try item.bytes("result")
            #expect(ABIValue.encode(values, as: types) == result, "\(name)")
            #expect(try ABIValue.decode(result, as: types) == values, "\(name)")
        }
    }

    @Test func `every struct reads and writes alike by its codec and by its type`() throws {
        let cases = try #require(Vectors.load("abi-structs.json") as? [[String: Any]])
        for item in cases {
            let type = try ABIType.parse(item.text("type"))
            let bytes = try item.bytes("encoding")
            let values = try ABIValue.decode(bytes, as: [type])
            #expect(ABIValue.encode(values, as: [type]) == bytes)
            #expect(try ABIStructTests.rewritten(struct: item.text("struct"), bytes) == bytes)
        }
    }

    @Test(arguments: [
        "uint8", "uint256", "int64", "address", "bool", "bytes1", "bytes32", "bytes", "string",
        "uint256[]", "uint256[3]", "(uint256,address[])[2][]", "(bytes,(string,bool)[4])",
    ])
    func `types are read and named`(name: String) throws {
        #expect(try ABIType.parse(name).description == name)
    }

    @Test(arguments: [
        "", "uint7", "uint264", "uint0", "bytes0", "bytes33", "foo", "()", "(uint8", "uint8)",
        "uint8[", "uint8[0]", "uint8[01]", "uint8[-1]", "uint8[99999]", "uint8[300][300]", " uint8",
        "(uint8,)", "uint08", "address20", "uint8[999999999999999999999]",
        String(repeating: "(", count: 100_000), "uint8" + String(repeating: "[]", count: 100),
    ])
    func `what is no type is refused`(name: String) {
        #expect(throws: DecodingFault.self) { try ABIType.parse(name) }
    }

    @Test func `signatures give their arguments`() throws {
        #expect(try ABIType.arguments(of: "f()") == [])
        #expect(try ABIType.arguments(of: "transfer(address,uint256)") == [.address, .uint(256)])
        #expect(throws: DecodingFault.self) { try ABIType.arguments(of: "transfer") }
        #expect(throws: DecodingFault.self) { try ABIType.arguments(of: "f(uint8)[]") }
        for function in IOrders.Function.allCases {
            #expect(throws: Never.self) { try ABIType.arguments(of: "\(function.signature)") }
        }
    }

    @Test func `values are held against their types`() throws {
        let minusOne = ABIValue.number(.allOnes)
        #expect(minusOne.fits(.int(8)))
        #expect(!minusOne.fits(.uint(128)))
        #expect(ABIValue.uint(127).fits(.int(8)))
        #expect(!ABIValue.uint(128).fits(.int(8)))
        #expect(ABIValue.uint(255).fits(.uint(8)))
        #expect(!ABIValue.uint(256).fits(.uint(8)))
        #expect(!ABIValue.bytes([1]).fits(.fixedBytes(2)))
        #expect(ABIValue.encode([.bool(true)], as: [.uint(8)]) == nil)
        #expect(ABIValue.encode([.bool(true)], as: []) == nil)
        #expect(throws: Rejection.self) {
            try ABIValue.decode(ABITests.words("0100"), as: [.uint(8)])
        }
    }
}
