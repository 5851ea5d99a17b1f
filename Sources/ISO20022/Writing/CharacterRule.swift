/// Which characters may stand in texts that are written.
public enum CharacterRule: Hashable, Sendable {
    /// Letters, digits, space and `/ - ? : ( ) . , ' +`, as SEPA and SWIFT demand. Letters with accents lose them, other signs
    /// become similar ones; what has no similar one, a Chinese name for instance, is refused.
    case latin
    /// All that XML allows: Chinese names stay what they are. Line breaks and tabs become spaces.
    case unicode

    static func isLatin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x20: true
        default: "/-?:().,'+".utf8.contains(byte)
        }
    }

    /// The text as it may be written.
    ///
    /// - Returns: nil with the first character that cannot be.
    func applied(to text: String, element: String) throws(WritingFault) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch (self, scalar.value) {
            case (_, 0x09), (_, 0x0a), (_, 0x0d): result += " "
            case (.unicode, 0x20...0xd7ff), (.unicode, 0xe000...0xfffd), (.unicode, 0x10000...):
                result.unicodeScalars.append(scalar)
            case (.latin, 0x20..<0x7f) where Self.isLatin(UInt8(scalar.value)):
                result.unicodeScalars.append(scalar)
            // Accents that stand by themselves after their letter.
            case (.latin, 0x300...0x36f): continue
            default:
                guard self == .latin, let similar = Self.similar[scalar.value] else {
                    throw .character(element: element, scalar: scalar.value)
                }
                result += similar
            }
        }
        return result
    }

    /// - Source: EPC217-08, requirements on character set conversion; Latin letters only.
    private static let similar: [UInt32: String] = {
        var similar: [UInt32: String] = [:]
        let rows: [(UInt32, String)] = [
            (0x21, ". . . . ."), (0x26, "+"), (0x2a, "."), (0x3b, ", . . ."), (0x40, "."),
            (0x5b, "( / ) . - '"), (0x7b, "( / ) -"), (0xa0, "_"),
            (0xc0, "A A A A A A AE C E E E E I I I I D N O O O O O x O U U U U Y TH ss"),
            (0xe0, "a a a a a a ae c e e e e i i i i d n o o o o o : o u u u u y th y"),
            (0x100, "A a A a A a C c C c C c C c D d D d E e E e E e E e E e G g G g"),
            (0x120, "G g G g H h H h I i I i I i I i I i IJ ij J j K k k L l L l L l L"),
            (0x140, "l L l N n N n N n n N n O o O o O o OE oe R r R r R r S s S s S s"),
            (0x160, "S s T t T t T t U u U u U u U u U u U u W w Y y Y Z z Z z Z z s"),
            (0x218, "S s T t"), (0x2010, "- - - - -"), (0x2018, "' '"), (0x201c, "' '"),
            (0x20ac, "E"),
        ]
        for (first, row) in rows {
            for (offset, text) in row.split(separator: " ").enumerated() {
                similar[first + UInt32(offset)] = text == "_" ? " " : String(text)
            }
        }
        return similar
    }()
}
