import Ledger

/// What an account is called.
public enum AccountID: Hashable, Sendable {
    /// By its IBAN.
    case iban(IBAN)
    /// By a number of another form, up to 34 characters: Chinese and American accounts for instance.
    case other(String)

    /// An IBAN where the text is one, else a number of another form.
    ///
    /// - Returns: nil for an empty text or one of more than 34 characters.
    public init?(_ text: String) {
        if let iban = try? IBAN(text) {
            self = .iban(iban)
        } else if (1...34).contains(text.unicodeScalars.count) {
            self = .other(text)
        } else {
            return nil
        }
    }

    /// The number as text.
    public var text: String {
        switch self {
        case .iban(let iban): iban.text
        case .other(let text): text
        }
    }
}

/// An account at a bank.
public struct Account: Hashable, Sendable {
    /// What it is called.
    public let id: AccountID
    /// Its currency, where the message says.
    public var currency: CurrencyCode?
    /// Its name, where it has one.
    public var name: String?
    /// An alias under which it is known, a telephone number for instance.
    public var proxy: String?
    /// Its holder, in statements.
    public var owner: Party?
    /// The bank that keeps it, in statements.
    public var servicer: Institution?

    /// Makes an account.
    public init(_ id: AccountID, currency: CurrencyCode? = nil) {
        self.id = id
        self.currency = currency
    }
}
