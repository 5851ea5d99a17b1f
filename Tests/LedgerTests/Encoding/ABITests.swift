import Ledger
import Testing

struct ABITests {
    /// Bytes of words in hexadecimal, each padded on the left.
    static func words(_ words: String...) -> [UInt8] {
        words.flatMap { word in
            Hex.decode(String(repeating: "0", count: 64 - word.count) + word)!
        }
    }

    static func fault(_ body: () throws(Rejection) -> Void) -> String? {
        do throws(Rejection) {
            try body()
            return nil
        } catch .badCalldata(let why) {
            return why
        } catch {
            return error.name
        }
    }

    @Test func `the example of the ABI's documentation reads and writes`() throws {
        // f(uint256,uint32[],bytes10,bytes) with (0x123, [0x456, 0x789], "1234567890", "Hello, world!")
        let bytes = try #require(
            Hex.decode(
                """
                0000000000000000000000000000000000000000000000000000000000000123\
                0000000000000000000000000000000000000000000000000000000000000080\
                3132333435363738393000000000000000000000000000000000000000000000\
                00000000000000000000000000000000000000000000000000000000000000e0\
                0000000000000000000000000000000000000000000000000000000000000002\
                0000000000000000000000000000000000000000000000000000000000000456\
                0000000000000000000000000000000000000000000000000000000000000789\
                000000000000000000000000000000000000000000000000000000000000000d\
                48656c6c6f2c20776f726c642100000000000000000000000000000000000000
                """))
        var reader = ABIReader(bytes)
        #expect(try reader.amount() == 0x123)
        #expect(try reader.array(of: UInt64.self) == [0x456, 0x789])
        #expect(try Array(reader.fixedBytes(10)) == Array("1234567890".utf8))
        #expect(try Array(reader.bytes()) == Array("Hello, world!".utf8))
        try reader.finish()

        var writer = ABIWriter(selector: 0x8be6_5246, words: 4)
        writer.write(UInt128(0x123))
        writer.write(array: [UInt64(0x456), 0x789])
        writer.write(fixedBytes: "1234567890".utf8)
        writer.write(bytes: "Hello, world!".utf8)
        #expect(writer.finish() == [0x8b, 0xe6, 0x52, 0x46] + bytes)
    }

    @Test func `bytes are a view and arguments may stand inside of a call`() throws {
        var writer = ABIWriter(selector: 1, words: 1)
        writer.write(bytes: [1, 2, 3])
        let call = writer.finish()
        var reader = ABIReader(call[4...])
        let bytes = try reader.bytes()
        #expect(bytes.startIndex == 4 + 64)
        #expect(Array(bytes) == [1, 2, 3])
        try reader.finish()
    }

    @Test func `bits that are not a type's own are refused`() {
        #expect(
            Self.fault { () throws(Rejection) in
                var reader = ABIReader(Self.words("0100"))
                _ = try reader.uint(UInt8.self)
            } == "a uint has bits that are not its own (at byte 0)")
        #expect(
            Self.fault { () throws(Rejection) in
                var reader = ABIReader(Self.words("1", "010000000000000000"))
                _ = try reader.bool()
                _ = try reader.uint(UInt64.self)
            } == "a uint has bits that are not its own (at byte 32)")
        #expect(
            Self.fault { () throws(Rejection) in
                var reader = ABIReader(Self.words("2"))
                _ = try reader.bool()
            } == "a bool has bits that are not its own (at byte 0)")
        #expect(
            Self.fault { () throws(Rejection) in
                var reader = ABIReader(Self.words("01" + String(repeating: "0", count: 40)))
                _ = try reader.address()
            } == "an address has bits that are not its own (at byte 0)")
        #expect(
            Self.fault { () throws(Rejection) in
                var reader = ABIReader(Self.words("3"))
                let _: IOrders.OnTimeout = try reader.read()
            } == "an enum has bits that are not its own (at byte 0)")
        #expect(
            Self.fault { () throws(Rejection) in
                var reader = ABIReader([1, 2] + Self.words("1").dropLast(2))
                _ = try reader.fixedBytes(1)
            } == "bytes1 has bits that are not its own (at byte 0)")
    }

    @Test func `sums from 2^128 have a refusal of their own, and all ones a meaning`() throws {
        let large = Self.words("0100000000000000000000000000000000")
        let all = Self.words(String(repeating: "f", count: 64))
        for bytes in [large, all] {
            var reader = ABIReader(bytes)
            #expect(throws: Rejection.amountTooLarge(Hash32(bytes)!)) { try reader.amount() }
        }
        var reader = ABIReader(large + all + Self.words("5"))
        #expect(throws: Rejection.amountTooLarge(Hash32(large)!)) { try reader.amountOrAll() }
        #expect(try reader.amountOrAll() == nil)
        #expect(try reader.amountOrAll() == 5)
        var writer = ABIWriter(words: 2)
        writer.write(amountOrAll: nil)
        writer.write(amountOrAll: 5)
        #expect(writer.finish() == all + Self.words("5"))
    }

    @Test func `arguments that end early or late are refused`() {
        let whole = Self.words("20", "2", "7", "8")
        for cut in 0..<whole.count {
            #expect(
                Self.fault { () throws(Rejection) in
                    var reader = ABIReader(Array(whole[..<cut]))
                    _ = try reader.array(of: UInt64.self)
                } != nil, "cut to \(cut)")
        }
        #expect(
            Self.fault { () throws(Rejection) in
                var reader = ABIReader(whole + [0])
                _ = try reader.array(of: UInt64.self)
                try reader.finish()
            } == "bytes too many (at byte 32)")
    }

    @Test(
        arguments: [
            // One array is named twice; a gap; backwards; into the head; far out; two changed places.
            ["40", "40", "1", "7"], ["60", "80", "0", "1", "7", "0"], ["40", "0", "1", "7"],
            ["20", "40", "1", "7"], ["40", "ffffffffffffffff", "1", "7"],
            ["60", "40", "0", "0"], ["40", "7fffffff", "1", "7"],
            ["40", String(repeating: "f", count: 64), "1", "7"],
        ])
    func `offsets lead only where an encoder puts them`(words: [String]) {
        let bytes = words.flatMap { Self.words($0) }
        let fault = Self.fault { () throws(Rejection) in
            var reader = ABIReader(bytes)
            _ = try reader.array(of: UInt64.self)
            _ = try reader.array(of: UInt64.self)
            try reader.finish()
        }
        #expect(fault != nil)
    }

    @Test func `a head that does not end where the first tail begins is refused`() {
        // The offset skips a word that nobody reads.
        let fault = Self.fault { () throws(Rejection) in
            var reader = ABIReader(Self.words("40", "9", "1", "7"))
            _ = try reader.array(of: UInt64.self)
            try reader.finish()
        }
        #expect(fault == "an offset is not in order (at byte 32)")
    }

    @Test func `a length takes no memory before it is checked`() {
        for count in ["2", "7fffffff", "ffffffffffffffff", String(repeating: "f", count: 64)] {
            let bytes = Self.words("20", count, "7")
            #expect(
                Self.fault { () throws(Rejection) in
                    var reader = ABIReader(bytes)
                    _ = try reader.array(of: UInt64.self)
                } != nil)
            #expect(
                Self.fault { () throws(Rejection) in
                    var reader = ABIReader(bytes)
                    _ = try reader.array(of: IOrders.Terms.self)
                } != nil)
        }
        // 33 bytes where 32 are there.
        #expect(
            Self.fault { () throws(Rejection) in
                var reader = ABIReader(Self.words("20", "21", "7"))
                _ = try reader.bytes()
            } == "truncated (at byte 64)")
        #expect(
            Self.fault { () throws(Rejection) in
                var reader = ABIReader(Self.words("20", "2", "7", "8"))
                _ = try reader.array(of: UInt64.self, atMost: 1)
            } == "an array of 2 elements is too long (at byte 64)")
    }

    @Test func `padding is zero and text is UTF-8`() throws {
        var bytes = Self.words("20", "1") + [0x61] + [UInt8](repeating: 0, count: 31)
        var reader = ABIReader(bytes)
        #expect(try reader.string() == "a")
        bytes[95] = 1
        reader = ABIReader(bytes)
        #expect(throws: Rejection.badCalldata("padding is not zero (at byte 64)")) {
            try reader.string()
        }
        bytes[95] = 0
        bytes[64] = 0xff
        reader = ABIReader(bytes)
        #expect(throws: Rejection.self) { try reader.string() }
    }

    @Test func `words carry addresses and numbers`() {
        let address = Address(hex: "0x0102030405060708090a0b0c0d0e0f1011121314")!
        #expect(Hash32(word: address).bytes == [UInt8](repeating: 0, count: 12) + address.bytes)
        #expect(Hash32(word: address).address == address)
        #expect(Hash32(1, 0, 0, 0).address == nil)
        #expect(Hash32(0, 1 << 32, 0, 0).address == nil)
        #expect(Hash32(word: UInt128.max).number == .max)
        #expect(Hash32(0, 1, 0, 0).number == nil)
    }
}
