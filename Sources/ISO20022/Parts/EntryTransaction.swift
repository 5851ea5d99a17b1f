/// One payment within an entry.
public struct EntryTransaction: Hashable, Sendable {
    /// What it is called by those whom it passed.
    public var references = References()
    /// The amount; where nil, the entry's if it is the only payment.
    public var money: Money?
    /// The direction; where nil, the entry's.
    public var direction: Direction?
    /// What was asked to be paid, before exchange and charges.
    public var instructed: Money?
    /// Who paid.
    public var debtor: Party?
    /// From which account.
    public var debtorAccount: Account?
    /// From which bank.
    public var debtorAgent: Institution?
    /// For whom the debtor paid.
    public var ultimateDebtor: Party?
    /// Who was paid.
    public var creditor: Party?
    /// To which account; a virtual IBAN stands here.
    public var creditorAccount: Account?
    /// To which bank.
    public var creditorAgent: Institution?
    /// For whom the creditor was paid.
    public var ultimateCreditor: Party?
    /// What it was paid for.
    public var remittance = Remittance()
    /// The kind of transaction, where it has one of its own.
    public var code: TransactionCode?
    /// Why it came back, if it did.
    public var returnReason: StatusReason?
    /// What else the bank says, in words.
    public var additionalInformation: String?

    /// Makes an empty payment.
    public init() {}
}

/// What a payment is called by those whom it passed.
public struct References: Hashable, Sendable {
    /// The message with the payment.
    public var messageID: String?
    /// The account servicer's own reference: what the desk knows a payment by.
    public var servicerReference: String?
    /// The debtor's instruction that it was part of.
    public var instructionID: String?
    /// The name that the instructing party gave it.
    public var instructedID: String?
    /// The name that the debtor gave it; not unique, `NOTPROVIDED` where it gave none.
    public var endToEndID: String?
    /// Its unique name among banks.
    public var uetr: UETR?
    /// The first bank's name for it.
    public var transactionID: String?
    /// The clearing's name for it.
    public var clearingReference: String?

    /// Makes an empty set of references.
    public init() {}
}
