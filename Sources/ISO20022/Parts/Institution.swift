/// A bank as it is named in a payment.
public struct Institution: Hashable, Sendable {
    /// Its BIC.
    public var bic: BIC?
    /// Its number in a national clearing, a CNAPS code or sort code for instance.
    public var clearingMember: String?
    /// The clearing of that number, `CNAPS` for instance.
    public var clearingSystem: String?
    /// Its legal entity identifier.
    public var lei: LEI?
    /// Its name.
    public var name: String?

    /// Makes a bank known by its BIC, or by nothing yet.
    public init(bic: BIC? = nil) { self.bic = bic }
}
