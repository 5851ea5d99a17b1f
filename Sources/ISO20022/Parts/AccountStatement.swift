/// A report on one account, before its entries.
public struct AccountStatement: Hashable, Sendable {
    /// The bank's name for the report.
    public let id: String
    /// The account.
    public let account: Account
    /// When the report was made, what it reports, and what tells it from others.
    public var head: Head
    /// Balances, in the order of the message.
    public var balances: [Balance] = []
    /// What the bank says that the entries add up to.
    public var summary: EntrySummary?

    /// Makes a report with what each has.
    public init(id: String, account: Account, _ head: Head = Head()) {
        self.id = id
        self.account = account
        self.head = head
    }

    /// What stands before the account.
    public struct Head: Hashable, Sendable {
        /// When the report was made; in version 08 it may be left out.
        public var created: MessageTime?
        /// The beginning of what it reports.
        public var from: MessageTime?
        /// The end of what it reports.
        public var to: MessageTime?
        /// Counts the reports that are sent by wire, so that a missing one is noticed.
        public var electronicSequence: Int?
        /// Counts the reports that are legally statements.
        public var legalSequence: Int?
        /// The page, where a report comes in several.
        public var page: Page?
        /// Whether it is a copy or duplicate of one that was sent before: it must not count again.
        public var isCopy = false

        /// Makes an empty head.
        public init() {}
    }

    /// The first balance of a kind.
    public func balance(_ kind: Balance.Kind) -> Balance? { balances.first { $0.kind == kind } }
}

/// How much was in an account at a time.
public struct Balance: Hashable, Sendable {
    /// Which balance it is.
    public enum Kind: Hashable, Sendable {
        /// Booked, at the beginning of the report (OPBD).
        case openingBooked
        /// Booked, at the end of the statement before (PRCD).
        case previouslyClosedBooked
        /// Booked, at the end of the report (CLBD).
        case closingBooked
        /// Booked, in between (ITBD): at the end of a page, or within the day.
        case interimBooked
        /// One of the other codes, CLAV or FWAV for instance, or a bank's own word.
        case other(String)

        /// The kind with this code.
        init(code: String) {
            switch code {
            case "OPBD": self = .openingBooked
            case "PRCD": self = .previouslyClosedBooked
            case "CLBD": self = .closingBooked
            case "ITBD": self = .interimBooked
            default: self = .other(code)
            }
        }
    }

    /// Which balance it is.
    public let kind: Kind
    /// How much, without sign.
    public let money: Money
    /// Credit where the bank owes it to the holder, debit where the account is overdrawn.
    public let direction: Direction
    /// When.
    public let date: MessageDate

    /// Makes a balance.
    public init(_ kind: Kind, _ money: Money, _ direction: Direction, on date: MessageDate) {
        self.kind = kind
        self.money = money
        self.direction = direction
        self.date = date
    }

    /// The balance in smallest units, negative where overdrawn.
    public var signedUnits: Int128 { money.signedUnits(direction) }
}

/// What a bank says that the entries of an account add up to, in any currency.
public struct EntrySummary: Hashable, Sendable {
    /// Number of all entries.
    public var entries: Int?
    /// Number of credits.
    public var credits: Int?
    /// Number of debits.
    public var debits: Int?

    /// Makes an empty summary.
    public init() {}
}
