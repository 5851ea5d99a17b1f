/// A booking on an account, without the payments in it.
public struct Entry: Hashable, Sendable {
    /// How far the bank is with it.
    public enum Status: Hashable, Sendable {
        /// It is in the account: BOOK.
        case booked
        /// It is expected to be booked: PDNG.
        case pending
        /// It is for information and will not be booked: INFO.
        case information
        /// It is to come at a later date: FUTR, from version 08.
        case future
        /// A bank's own word.
        case proprietary(String)
    }

    /// The amount, in the account's currency as a rule.
    public let money: Money
    /// Whether it came in or left; a reversal has the direction of the reversal itself.
    public let direction: Direction
    /// How far the bank is with it.
    public let status: Status
    /// Whether it takes back an earlier entry.
    public var isReversal = false
    /// The report's name for the entry.
    public var reference: String?
    /// The bank's own reference, the same in each report on this booking.
    public var servicerReference: String?
    /// The day of booking.
    public var booked: MessageDate?
    /// The day from which it bears interest.
    public var value: MessageDate?
    /// What kind of transaction it is.
    public var code = TransactionCode()

    /// Makes an entry with what each has.
    public init(_ money: Money, _ direction: Direction, _ status: Status) {
        self.money = money
        self.direction = direction
        self.status = status
    }
}

/// The kind of a transaction, in ISO 20022's three levels and in the bank's own.
public struct TransactionCode: Hashable, Sendable {
    /// `PMNT` for payments.
    public var domain: String?
    /// `RCDT` for credit transfers that came in, `ICDT` for those that left.
    public var family: String?
    /// `ESCT`, `DMCT` and so on.
    public var subfamily: String?
    /// The bank's or country's own code.
    public var proprietary: String?

    /// Makes an empty code.
    public init() {}
}

/// A line of a batch booking: what the bank says of the payments in an entry.
public struct Batch: Hashable, Sendable {
    /// The message with the payments.
    public var messageID: String?
    /// The instruction with them.
    public var instructionID: String?
    /// How many there are.
    public var transactions: Int?
    /// What they add up to.
    public var total: Money?

    /// Makes an empty batch.
    public init() {}
}
