/// What a debtor asks of its bank in pain.001: the side that all its transfers share.
public struct PaymentInstruction: Hashable, Sendable {
    /// The debtor's name for the instruction.
    public let id: String
    /// Who pays.
    public let debtor: Party
    /// From which account.
    public let debtorAccount: Account
    /// The bank that keeps the account.
    public let debtorAgent: Institution
    /// When.
    public let executionDate: MessageDate
    /// How many transfers there are, where it says; checked at the end.
    public var transactions: Int?
    /// Who bears charges, where it says.
    public var chargeBearer: ChargeBearer?
    /// For whom the debtor pays.
    public var ultimateDebtor: Party?

    /// Makes an instruction with what each has.
    public init(
        id: String, debtor: Party, debtorAccount: Account, debtorAgent: Institution,
        executionDate: MessageDate
    ) {
        self.id = id
        self.debtor = debtor
        self.debtorAccount = debtorAccount
        self.debtorAgent = debtorAgent
        self.executionDate = executionDate
    }
}

/// Who bears the charges of a transfer.
public enum ChargeBearer: String, Hashable, Sendable {
    /// All by the debtor.
    case debtor = "DEBT"
    /// All by the creditor.
    case creditor = "CRED"
    /// Each its own bank's.
    case shared = "SHAR"
    /// As the scheme says, in SEPA for instance.
    case serviceLevel = "SLEV"
}
