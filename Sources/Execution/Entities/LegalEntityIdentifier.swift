import Ledger

/// A Legal Entity Identifier (ISO 17442): 18 letters or digits and two check digits.
public struct LegalEntityIdentifier: Hashable, Sendable {
    /// The 20 characters, upper-case letters and digits.
    public let text: String

    /// Its length in characters.
    public static let length = 20

    /// Takes an identifier.
    ///
    /// - Parameter text: exactly as it is written, without spaces.
    /// - Throws: ``IdentifierFault``, saying what is wrong.
    public init(_ text: String) throws(IdentifierFault) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.length else {
            throw IdentifierFault("an LEI has 20 characters, this one has \(bytes.count)")
        }
        var values: [UInt32] = []
        for byte in bytes {
            guard let value = Self.value(of: byte) else {
                throw IdentifierFault("an LEI has digits and capital letters only")
            }
            values.append(value)
        }
        guard values[18] < 10, values[19] < 10 else {
            throw IdentifierFault("an LEI ends with two check digits")
        }
        let given = 10 * values[18] + values[19]
        let wanted = Self.checkDigits(of: values[..<18])
        guard given == wanted else {
            throw IdentifierFault(
                "the check digits of the LEI are \(Self.twoDigits(given)); of its other characters "
                    + "they would be \(Self.twoDigits(wanted))")
        }
        self.text = text
    }

    /// Reads an identifier from a word.
    ///
    /// - Parameter word: its 20 characters in ASCII, then zeros; nil comes of a word of zeros.
    /// - Throws: ``IdentifierFault``.
    public init?(word: Hash32) throws(IdentifierFault) {
        let bytes = word.bytes
        if bytes.allSatisfy({ $0 == 0 }) { return nil }
        guard bytes[Self.length...].allSatisfy({ $0 == 0 }) else {
            throw IdentifierFault("behind the 20 characters of the LEI must be zeros")
        }
        guard let text = String(validating: bytes[..<Self.length], as: UTF8.self) else {
            throw IdentifierFault("an LEI has digits and capital letters only")
        }
        try self.init(text)
    }

    /// The identifier as a word: its characters in ASCII, then zeros.
    public var word: Hash32 {
        let bytes = Array(text.utf8) + [UInt8](repeating: 0, count: 32 - Self.length)
        guard let word = Hash32(bytes) else { preconditionFailure("an LEI has 20 bytes") }
        return word
    }

    /// 0 to 9 and A to Z as 10 to 35.
    private static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x41...0x5a: UInt32(byte - 0x41) + 10
        default: nil
        }
    }

    /// ISO 7064, MOD 97-10: 98 less the remainder of a hundred times the number that the characters write.
    ///
    /// The whole then leaves 1. It is 2 to 98, and so never 00, 01 or 99.
    private static func checkDigits(of values: ArraySlice<UInt32>) -> UInt32 {
        var rest: UInt32 = 0
        for value in values { rest = (rest * (value < 10 ? 10 : 100) + value) % 97 }
        return 98 - rest * 100 % 97
    }

    private static func twoDigits(_ number: UInt32) -> String {
        (number < 10 ? "0" : "") + String(number)
    }
}

/// What is wrong with what a bank says about a legal entity.
public struct IdentifierFault: Error, Equatable, Sendable {
    /// A sentence without a full stop.
    public let why: String

    init(_ why: String) { self.why = why }
}
