import Ledger

/// A legal entity behind an account, as a bank attests it: nothing personal beyond that.
public struct LegalEntity: Hashable, Sendable {
    /// Its Legal Entity Identifier.
    public let lei: LegalEntityIdentifier?
    /// Its Unified Social Credit Code; at least one of the two is there.
    public let creditCode: SocialCreditCode?
    /// Its registered name, 1 to 256 bytes of UTF-8 of which every character is seen.
    public let name: String
    /// Its line of business: a section of ISIC or GB/T 4754, A to U, and up to four digits; may be empty.
    public let industry: String

    /// The longest name in bytes.
    public static let nameBytesMax = 256

    /// Checks what a bank says.
    ///
    /// - Parameter given: its members; who says so, since when, and whether it holds are not looked at.
    /// - Throws: ``IdentifierFault``, the first thing that is wrong.
    public init(_ given: IEntities.Entity) throws(IdentifierFault) {
        lei = try LegalEntityIdentifier(word: given.lei)
        creditCode = given.creditCode.isEmpty ? nil : try SocialCreditCode(given.creditCode)
        guard lei != nil || creditCode != nil else {
            throw IdentifierFault("an LEI or a social credit code is needed")
        }
        let bytes = given.name.utf8.count
        guard (1...Self.nameBytesMax).contains(bytes) else {
            throw IdentifierFault(
                "a name has 1 to \(Self.nameBytesMax) bytes, this one has \(bytes)")
        }
        guard given.name.unicodeScalars.allSatisfy(\.isShown) else {
            throw IdentifierFault(
                "a name has no control characters, and none that nobody sees or that turn text around"
            )
        }
        guard Self.isIndustry(given.industry) else {
            throw IdentifierFault(
                "an industry is a letter from A to U and up to four digits, as C34")
        }
        name = given.name
        industry = given.industry
    }

    private static func isIndustry(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let section = bytes.first else { return true }
        return (0x41...0x55).contains(section) && bytes.count <= 5
            && bytes.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }
}
