/// A payment that a bank is to make, as the caller gives it to a ``PaymentInitiation``.
public struct PaymentOrder: Hashable, Sendable {
    /// The name under which the caller will recognise it in answers; the same payment always has the same.
    public let endToEndID: MessageID
    /// The amount, above zero.
    public let money: Money
    /// Who pays.
    public let debtor: Party
    /// From which account.
    public let debtorAccount: Account
    /// The bank that keeps it.
    public let debtorAgent: Institution
    /// Who is paid.
    public let creditor: Party
    /// To which account: IBAN or another number.
    public let creditorAccount: Account
    /// At which bank, where it is known; an IBAN may do without.
    public var creditorAgent: Institution?
    /// When.
    public let executionDate: CivilDate
    /// Who bears charges.
    public var chargeBearer = ChargeBearer.shared
    /// The unique reference among banks, where the caller gives one.
    public var uetr: UETR?
    /// Why it is paid, a code of ISO 20022's list of up to four characters, `SUPP` for instance.
    public var purpose: String?
    /// What it is for.
    public var remittance = Remittance()

    /// Makes a payment with what each needs.
    public init(
        endToEndID: MessageID, _ money: Money, debtor: Party, debtorAccount: Account,
        debtorAgent: Institution, creditor: Party, creditorAccount: Account,
        executionDate: CivilDate
    ) {
        self.endToEndID = endToEndID
        self.money = money
        self.debtor = debtor
        self.debtorAccount = debtorAccount
        self.debtorAgent = debtorAgent
        self.creditor = creditor
        self.creditorAccount = creditorAccount
        self.executionDate = executionDate
    }
}
