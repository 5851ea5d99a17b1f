import ISO20022
import Testing

@Suite("Encodings")
struct EncodingTests {
    static let plain = Messages.text(MessageDefinition(.notification, version: 8))

    static func declared(_ name: String?, text: String = plain) -> String {
        text.replacing(" encoding=\"UTF-8\"", with: name.map { " encoding=\"\($0)\"" } ?? "")
    }

    static func utf16(_ text: String, bigEndian: Bool, mark: Bool) -> [UInt8] {
        ((mark ? [0xfeff] : []) + Array(text.utf16)).flatMap { unit in
            let pair = [UInt8(unit >> 8), UInt8(unit & 0xff)]
            return bigEndian ? pair : pair.reversed()
        }
    }

    static func latin1(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { UInt8(exactly: $0.value) ?? 0x3f }
    }

    @Test("the same message in any encoding is the same")
    func same() throws {
        let expected = try parts(Self.plain)
        var files: [[UInt8]] = [
            Array(Self.declared(nil).utf8), Array(Self.declared("utf-8").utf8),
            [0xef, 0xbb, 0xbf] + Array(Self.plain.utf8),
            [0xef, 0xbb, 0xbf] + Array(Self.declared(nil).utf8),
            Self.latin1(Self.declared("ISO-8859-1")), Self.latin1(Self.declared("iso-8859-1")),
        ]
        for bigEndian in [true, false] {
            let name = bigEndian ? "UTF-16BE" : "UTF-16LE"
            for (declared, mark) in [
                ("UTF-16", true), ("UTF-16", false), (name, true), (name, false),
            ] {
                files.append(Self.utf16(Self.declared(declared), bigEndian: bigEndian, mark: mark))
            }
            files.append(Self.utf16(Self.declared(nil), bigEndian: bigEndian, mark: true))
        }
        for file in files { #expect(try parts(file) == expected) }
        let ascii = Self.declared("US-ASCII").replacing("ü", with: "&#252;").replacing(
            "ö", with: "&#246;")
        #expect(try parts(ascii) == expected)
    }

    @Test("characters beyond the first plane survive UTF-16")
    func surrogates() throws {
        let text = Self.plain.replacing("Müller", with: "𠮷野家😀")
        let expected = try parts(text)
        #expect(
            try parts(Self.utf16(Self.declared("UTF-16", text: text), bigEndian: false, mark: true))
                == expected)
    }

    @Test("a lie about the encoding is a fault, told at its line")
    func lies() throws {
        let lies: [[UInt8]] = [
            // Latin-1 that says it is UTF-8, or says nothing.
            Self.latin1(Self.plain), Self.latin1(Self.declared(nil)),
            // Not ASCII.
            Array(Self.declared("US-ASCII").utf8),
            // UTF-8 that says it is UTF-16, and the other way round.
            Array(Self.declared("UTF-16").utf8),
            Self.utf16(Self.plain, bigEndian: true, mark: true),
            Self.utf16(Self.declared("UTF-16LE"), bigEndian: true, mark: true),
            Self.utf16(Self.declared("ISO-8859-1"), bigEndian: true, mark: true),
            [0xef, 0xbb, 0xbf] + Self.latin1(Self.declared("ISO-8859-1")),
            // Windows-1252 that says it is Latin-1: a euro sign.
            Self.latin1(Self.declared("ISO-8859-1").replacing("ORDER", with: "\u{80}")),
        ]
        for lie in lies { #expect(fault(lie)?.code == .wrongEncoding) }
        let line = Self.plain.split(separator: "ü")[0].count { $0 == "\n" } + 1
        #expect(fault(Self.latin1(Self.plain))?.line == line)
    }

    @Test(
        "bytes that are no UTF-8 are refused",
        arguments: [
            [0xff], [0xc0, 0xaf], [0xe0, 0x80, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
            [0x80], [0xc3, 0x28], [0xf0, 0x9f, 0x98],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) throws {
        let pieces = Self.plain.split(separator: "ORDER", maxSplits: 1)
        let file = Array(pieces[0].utf8) + bytes + Array(pieces[1].utf8)
        #expect(fault(file)?.code == .wrongEncoding)
    }

    @Test("half a surrogate is refused")
    func halfSurrogate() {
        for unit in ["\\ud800", "\\udc00"] {
            var file = Self.utf16(
                Self.declared("UTF-16").replacing("ORDER", with: "\u{4e2d}"), bigEndian: true,
                mark: true)
            guard
                let index = file.indices.dropLast().first(where: {
                    file[$0] == 0x4e && file[$0 + 1] == 0x2d
                })
            else { continue }
            file[index] = unit == "\\ud800" ? 0xd8 : 0xdc
            file[index + 1] = 0
            #expect(fault(file)?.code == .wrongEncoding)
        }
    }

    @Test(
        "an encoding that no bank uses is refused",
        arguments: ["UTF-7", "EBCDIC-CP-US", "GB18030", "windows-1252", ""])
    func unknown(name: String) {
        #expect(fault(Self.declared(name))?.code == .unknownEncoding)
    }

    @Test("other ways to begin a file are refused")
    func beginnings() {
        let utf32: [UInt8] = Self.plain.unicodeScalars.flatMap {
            [UInt8($0.value & 0xff), 0, 0, 0]
        }
        #expect(fault([0xff, 0xfe, 0, 0] + utf32)?.code == .unknownEncoding)
        #expect(fault(utf32)?.code == .unknownEncoding)
        #expect(fault([0x4c, 0x6f, 0xa7, 0x94])?.code == .unknownEncoding)
        #expect(fault([0, 0, 0, 0x3c])?.code == .unknownEncoding)
    }

    @Test("a character that is cut by a piece's end is whole")
    func pieces() throws {
        // The reader takes 32 KiB at a time; with one more byte before it, each place of a character is cut once.
        for extra in 0..<4 {
            let filler = "<!--" + String(repeating: "x", count: 30_000 + extra) + "-->"
            let text = Self.plain.replacing("<Document", with: filler + "<Document").replacing(
                "ORDER 42 LINE 3</Ustrd>",
                with: "x</Ustrd>" + String(repeating: "<Ustrd>北京😀北京😀</Ustrd>", count: 200))
            guard case .transaction(let transaction) = try parts(text)[3] else {
                Issue.record("no transaction")
                return
            }
            #expect(transaction.remittance.lines.dropFirst().allSatisfy { $0 == "北京😀北京😀" })
            #expect(transaction.remittance.lines.count == 201)
        }
    }
}
