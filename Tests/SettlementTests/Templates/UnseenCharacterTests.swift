import Ledger
import Testing

@testable import Settlement

/// Texts that look the same are the same.
struct UnseenCharacterTests {
    private static func faults(_ character: Unicode.Scalar, in place: Int) -> [TemplateFault] {
        let text = "a\(Character(character))b"
        let lines = [
            FaultTests.text(3, "\"x\"", "\"\(text)\""),
            FaultTests.text(3, "\"x\"", "\"x\", \"description\": \"\(text)\""),
            FaultTests.text(3, "\"x\"", "\"x\", \"locale\": {\"zh\": {\"name\": \"\(text)\"}}"),
            FaultTests.text(
                3, "\"x\"", "\"x\", \"locale\": {\"zh\": {\"roles\": {\"maker\": \"\(text)\"}}}"),
        ]
        return Template.faults(parsing: Array(lines[place].utf8))
    }

    @Test(
        arguments: [
            0x85, 0xad, 0x34f, 0x61c, 0x600, 0x115f, 0x17b4, 0x180b, 0x180e, 0x200b, 0x200d, 0x200e,
            0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060, 0x2065, 0x2066, 0x2069, 0x3164, 0xfe00,
            0xfe0f, 0xfeff, 0xffa0, 0xfff9, 0xfffb, 0x110bd, 0x1d173, 0xe0000, 0xe0001, 0xe0041,
            0xe007f, 0xe0100, 0xe01ef, 0xe0fff,
        ] as [UInt32])
    func `what nobody sees stands in no text`(value: UInt32) throws {
        let character = try #require(Unicode.Scalar(value))
        for place in 0..<4 {
            let faults = Self.faults(character, in: place)
            #expect(
                faults.count == 1 && faults[0].why.contains("nobody sees"),
                "U+\(String(value, radix: 16)) \(faults)")
        }
    }

    @Test(arguments: [0x20, 0x7e, 0xa0, 0xe9, 0x301, 0x627, 0x5d0, 0x4e2d, 0x3042, 0x1f600])
    func `what people write does`(value: UInt32) throws {
        let character = try #require(Unicode.Scalar(value))
        for place in 0..<4 { #expect(Self.faults(character, in: place).isEmpty) }
    }

    /// The table against the standard library's properties, whatever version of Unicode that has: what it
    /// knows to be unseen is in the table, and what is in the table is unseen or not a character yet.
    @Test func `the table has the characters that Unicode says`() {
        for value in (0 as UInt32)...0x10ffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let properties = scalar.properties
            let isUnseen =
                properties.isBidiControl || properties.isDefaultIgnorableCodePoint
                || properties.generalCategory == .format
            guard isUnseen != UnseenCharacters.contains(scalar) else { continue }
            Issue.record("U+\(String(value, radix: 16)): \(isUnseen)")
        }
    }
}
