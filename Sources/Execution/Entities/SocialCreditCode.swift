/// A Unified Social Credit Code (统一社会信用代码, GB 32100): 17 characters and a check character.
public struct SocialCreditCode: Hashable, Sendable {
    /// The 18 characters.
    public let text: String

    /// Its length in characters.
    public static let length = 18

    /// The characters in the order of their values: no I, O, S, V and Z, which look like others.
    private static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)

    /// Takes a code.
    ///
    /// - Parameter text: exactly as it is written, without spaces.
    /// - Throws: ``IdentifierFault``, saying what is wrong.
    public init(_ text: String) throws(IdentifierFault) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.length else {
            throw IdentifierFault(
                "a social credit code has 18 characters, this one has \(bytes.count)")
        }
        var sum = 0
        // The weights are the powers of 3, modulo 31.
        var weight = 1
        var check = 0
        for (index, byte) in bytes.enumerated() {
            guard let value = Self.alphabet.firstIndex(of: byte) else {
                throw IdentifierFault(
                    "a social credit code has digits and capital letters only, without I, O, S, V, Z"
                )
            }
            if (2...7).contains(index), value > 9 {
                throw IdentifierFault(
                    "characters 3 to 8 of a social credit code are the digits of a region")
            }
            if index == Self.length - 1 {
                check = value
            } else {
                sum = (sum + value * weight) % 31
                weight = weight * 3 % 31
            }
        }
        let wanted = (31 - sum) % 31
        guard check == wanted else {
            throw IdentifierFault(
                "the check character of the social credit code is \(Self.character(check)); of its "
                    + "other characters it would be \(Self.character(wanted))")
        }
        self.text = text
    }

    private static func character(_ value: Int) -> Character {
        Character(Unicode.Scalar(alphabet[value]))
    }
}
