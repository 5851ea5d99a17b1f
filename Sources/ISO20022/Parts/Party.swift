/// A person, firm or bank as it is named in a payment.
public struct Party: Hashable, Sendable {
    /// Its name, up to 140 characters.
    public var name: String?
    /// Its BIC, for a bank or a firm that has one.
    public var bic: BIC?
    /// Its legal entity identifier.
    public var lei: LEI?
    /// Another identification, of a register or of the bank's own.
    public var otherID: String?
    /// The country of its address, two letters.
    public var country: String?
    /// The town of its address.
    public var town: String?
    /// Its address in lines; from a structured address, street and postcode.
    public var address: [String] = []

    /// Makes a party of which only the name is known.
    public init(name: String? = nil) { self.name = name }

    /// A bank as a party.
    public init(_ institution: Institution) {
        name = institution.name
        bic = institution.bic
        lei = institution.lei
        otherID = institution.clearingMember
    }
}
