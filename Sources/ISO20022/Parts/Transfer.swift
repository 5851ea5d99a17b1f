/// A payment that is asked for: by a customer in pain.001, by a bank in pacs.008 or pacs.009.
public struct Transfer: Hashable, Sendable {
    /// The amount to pay: instructed in pain.001, settled between banks in pacs.
    public let money: Money
    /// What it is called; pain.001 gives `instructionID`, `instructedID` and `endToEndID`.
    public let references: References
    /// Who pays; in pain.001 the instruction's debtor.
    public let debtor: Party
    /// From which account.
    public let debtorAccount: Account?
    /// From which bank.
    public let debtorAgent: Institution?
    /// The rest, most of which may be missing.
    public var parts: Parts

    /// What a transfer says besides its amount and debtor.
    public struct Parts: Hashable, Sendable {
        /// Who is paid; pain.001 may leave it out.
        public var creditor: Party?
        /// To which account.
        public var creditorAccount: Account?
        /// To which bank.
        public var creditorAgent: Institution?
        /// For whom the debtor pays.
        public var ultimateDebtor: Party?
        /// For whom the creditor is paid.
        public var ultimateCreditor: Party?
        /// Who bears charges.
        public var chargeBearer: ChargeBearer?
        /// When banks settle it, in pacs.
        public var settlementDate: CivilDate?
        /// What the customer asked to pay, before exchange, in pacs.008.
        public var instructed: Money?
        /// Why it is paid, a code such as `SUPP`, or a word of the parties' own.
        public var purpose: String?
        /// What it is for.
        public var remittance = Remittance()

        /// Makes empty parts.
        public init() {}
    }

    /// Makes a transfer.
    public init(
        _ money: Money, references: References, debtor: Party, debtorAccount: Account?,
        debtorAgent: Institution?, _ parts: Parts
    ) {
        self.money = money
        self.references = references
        self.debtor = debtor
        self.debtorAccount = debtorAccount
        self.debtorAgent = debtorAgent
        self.parts = parts
    }
}
