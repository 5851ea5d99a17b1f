import Ledger
import Testing

@testable import dip

struct TypedValueTests {
    private func read(_ text: String, _ type: String) throws -> ABIValue {
        try TypedValue.read(text, as: try ABIType.parse(type), names)
    }

    @Test func `arguments are read by their types`() throws {
        #expect(try read("12", "uint256") == .uint(12))
        #expect(try read("max", "uint256") == .number(.allOnes))
        #expect(try read("0xff", "uint8") == .uint(255))
        #expect(try read("-1", "int64") == .number(.allOnes))
        #expect(try read("dev:1", "address") == .address(account(1)))
        #expect(try read("true", "bool") == .bool(true))
        #expect(try read("0x0102", "bytes") == .bytes([1, 2]))
        #expect(try read("a, b", "string") == .string("a, b"))
        #expect(try read("[1, 2]", "uint64[]") == .list([.uint(1), .uint(2)]))
        #expect(
            try read(#"["dev:1", [true, "x"]]"#, "(address,(bool,string))")
                == .list([.address(account(1)), .list([.bool(true), .string("x")])]))
    }

    @Test(arguments: [
        ("256", "uint8"), ("-1", "uint8"), ("1.5", "uint256"), ("x", "uint256"), ("", "uint256"),
        ("-129", "int8"), ("128", "int8"), ("yes", "bool"), ("0x123", "bytes"), ("12", "bytes"),
        ("0x1234", "bytes3"), ("1", "uint8[]"), ("[1,2]", "uint8[3]"), ("[1]", "(uint8,uint8)"),
        ("[256]", "uint8[]"), ("{", "uint8[]"), ("nobody", "address"),
        ("0x10000000000000000000000000000000000000000000000000000000000000000", "uint256"),
    ])
    func `what does not fit its type is refused`(text: String, type: String) {
        #expect(failure { _ = try read(text, type) } != nil)
    }

    /// The values were taken in the order in which they were written, whatever they were called.
    @Test func `a struct by names is refused`() {
        let failure =
            failure { _ = try read(#"{"to": 1, "amount": 2}"#, "(uint256,uint256)") } ?? "-"
        #expect(failure.contains("write a struct as a JSON array"), "\(failure)")
    }
}
