import TestSupport
import Testing

@testable import JSON

/// What RFC 8259 allows and what it does not, and how much of it is taken.
struct JSONReaderTests {
    @Test(
        arguments: [
            ("null", JSON.null), (" true ", true), ("false", false), ("0", 0),
            ("-0", .number("-0")),
            ("-12.50E+3", .number("-12.50E+3")), ("1e9", .number("1e9")), ("\"\"", ""),
            ("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "a\"\\/\u{8}\u{c}\n\r\t"),
            ("\"\\u00e9\\u20AC\\ud83d\\ude00\"", "é€😀"), ("\"é€😀\"", "é€😀"), ("\"\\u0000\"", "\0"),
            ("[]", []), ("[ 1 , [2],{} ]", [1, [2], [:]]), ("{}", [:]),
            ("{ \"b\" : 1 , \"a\" : {\"b\":2} }", ["b": 1, "a": ["b": 2]]),
            (
                "\r\n\t[123456789012345678901234567890]",
                [.number("123456789012345678901234567890")]
            ),
        ] as [(String, JSON)])
    func `a well-formed text is read as it stands`(_ text: String, _ expected: JSON) throws {
        #expect(try JSON(parsing: text) == expected)
    }

    @Test(
        arguments: [
            ("", .truncated), (" ", .truncated), ("nul", .truncated), ("nulL", .unexpectedByte),
            ("[1,]", .unexpectedByte), ("[1 2]", .unexpectedByte), ("[,1]", .unexpectedByte),
            ("[1", .truncated), ("{", .truncated), ("{\"a\"}", .unexpectedByte),
            ("{\"a\":1,}", .unexpectedByte), ("{a:1}", .unexpectedByte), ("{1:1}", .unexpectedByte),
            ("'a'", .unexpectedByte), ("01", .badNumber), ("-01", .badNumber),
            ("+1", .unexpectedByte),
            ("1.", .truncated), ("1.e3", .badNumber), (".5", .unexpectedByte), ("1e", .truncated),
            ("1e+", .truncated), ("-", .truncated), ("-x", .badNumber), ("NaN", .unexpectedByte),
            ("Infinity", .unexpectedByte), ("1 2", .trailingBytes), ("{} x", .trailingBytes),
            ("\"a", .truncated), ("\"\\x\"", .badEscape), ("\"\\u12g4\"", .badEscape),
            ("\"\\ud800\"", .badEscape), ("\"\\udc00\"", .badEscape),
            ("\"\\ud800\\u0041\"", .badEscape), ("\"\\", .truncated), ("\"\\u00", .badEscape),
            ("\"a\nb\"", .controlCharacter), ("\"\u{0}\"", .controlCharacter),
            ("{\"a\":1,\"a\":2}", .duplicateName), ("{\"a\":1,\"\\u0061\":2}", .duplicateName),
            ("[{\"b\":{\"a\":1,\"c\":2,\"a\":3}}]", .duplicateName), ("/**/1", .unexpectedByte),
            ("\u{feff}1", .unexpectedByte),
        ] as [(String, JSONFault.Kind)])
    func `a malformed text is refused by tree and by walk`(
        _ text: String, _ kind: JSONFault.Kind
    ) {
        #expect(fault { () throws(JSONFault) in _ = try JSON(parsing: text) }?.kind == kind)
        #expect(walkFault(Array(text.utf8))?.kind == kind)
    }

    @Test(
        arguments: [
            [0x22, 0x80, 0x22], [0x22, 0xc0, 0xaf, 0x22], [0x22, 0xc1, 0x81, 0x22],
            [0x22, 0xe0, 0x80, 0xaf, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
            [0x22, 0xf0, 0x80, 0x80, 0xaf, 0x22], [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22],
            [0x22, 0xf8, 0x88, 0x80, 0x80, 0x80, 0x22], [0x22, 0xc3], [0x22, 0xe2, 0x82],
            [0x22, 0xe2, 0x82, 0x22], [0x22, 0xf0, 0x9f, 0x98, 0x22],
        ] as [[UInt8]])
    func `bytes that are no UTF-8 are refused`(_ bytes: [UInt8]) {
        #expect(
            fault { () throws(JSONFault) in _ = try JSON(parsing: bytes) }?.kind == .badUTF8)
        #expect(!bytes.withUnsafeBufferPointer { UTF8Text.isValid($0) })
    }

    @Test func `64 levels are read and 65 are too deep`() throws {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            func nested(_ levels: Int) -> String {
                String(repeating: open, count: levels) + "1"
                    + String(repeating: close, count: levels)
            }
            _ = try JSON(parsing: nested(64))
            let found = fault { () throws(JSONFault) in _ = try JSON(parsing: nested(65)) }
            #expect(found == JSONFault(.tooDeep, at: 64 * open.utf8.count))
        }
    }

    @Test func `a text 100,000 deep is refused, not followed`() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        #expect(walkFault(deep) == JSONFault(.tooDeep, at: 64))
    }

    @Test func `a name twice among many is found`() {
        let members = (0..<100).map { "\"n\($0)\":0" } + ["\"n57\":1"]
        let text = "{" + members.joined(separator: ",") + "}"
        #expect(walkFault(Array(text.utf8))?.kind == .duplicateName)
        let escaped = text.replacing("\"n57\":1", with: "\"n\\u00357\":1")
        #expect(walkFault(Array(escaped.utf8))?.kind == .duplicateName)
        #expect(walkFault(Array(text.replacing("\"n57\":1", with: "\"n5\\u0058\":1").utf8)) == nil)
    }

    @Test func `names that look alike but differ in bytes are two names`() throws {
        let json = try JSON(parsing: "{\"\u{e9}\":1,\"e\u{301}\":2}")
        #expect(json.object?.count == 2)
    }

    @Test func `numbers and trees are bounded`() throws {
        var limits = JSONLimits()
        limits.values = 3
        limits.numberBytes = 4
        _ = try JSON(parsing: "[1234,2]", limits: limits)
        #expect(throws: JSONFault(.tooManyValues, at: 5)) {
            try JSON(parsing: "[1,2,3]", limits: limits)
        }
        #expect(throws: JSONFault(.longNumber, at: 1)) {
            try JSON(parsing: "[12345]", limits: limits)
        }
    }

    @Test func `mutations of good texts never trap, and walk and tree agree`() {
        let seeds = [
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\\u00e9\\ud83d\\ude00\",\"params\":[\"0x12ab\"]}",
            "[1.5e-3,-0,true,false,null,\"é€😀\",{\"a\":{\"b\":[[]]}},\"\\\\\\\"\"]",
        ].map { Array($0.utf8) }
        var random = SeededNumbers(seed: 0x5eed)
        let alphabet = Array("{}[]\",:\\u019eE+-.tfn \n".utf8) + [0x00, 0x80, 0xc3, 0xf0, 0xff]
        for round in 0..<10_000 {
            var text = seeds[round % seeds.count]
            for _ in 0...Int(random.next() % 3) {
                let place = Int(random.next() % UInt64(text.count))
                switch random.next() % 3 {
                case 0: text[place] = alphabet[Int(random.next() % UInt64(alphabet.count))]
                case 1:
                    text.insert(alphabet[Int(random.next() % UInt64(alphabet.count))], at: place)
                default: text.remove(at: place)
                }
            }
            let tree = fault { () throws(JSONFault) in _ = try JSON(parsing: text) }
            #expect(tree == walkFault(text), "round \(round)")
        }
    }

    @Test func `what is read and written again is the same value`() throws {
        let value: JSON = [
            "s": "a\"\\\u{1}\u{1f}\n\r\té€😀", "n": .number("-1.50e300"), "a": [[], [:], nil, true],
        ]
        var writer = JSONWriter()
        writer.value(value)
        #expect(try JSON(parsing: writer.bytes) == value)
    }

    private func walkFault(_ bytes: [UInt8]) -> JSONFault? {
        fault { () throws(JSONFault) in
            try bytes.withUnsafeBufferPointer { bytes throws(JSONFault) in
                var reader = JSONReader(bytes)
                reader.skipSpace()
                try reader.skipValue(depth: 0)
                try reader.finish()
            }
        }
    }

    private func fault(_ body: () throws(JSONFault) -> Void) -> JSONFault? {
        do throws(JSONFault) {
            try body()
            return nil
        } catch {
            return error
        }
    }
}
