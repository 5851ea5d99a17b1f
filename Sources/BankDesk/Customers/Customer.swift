import Ledger

/// Somebody with an account at the bank whose money may be on the ledger.
public struct Customer: Sendable, Equatable {
    /// Its number at the desk, from 1.
    public var id: Int64
    /// Its account on the ledger.
    public var address: Address
    /// Whether the desk keeps the key of that account.
    public var isKept: Bool
    /// Its name, as it stands in payment orders.
    public var name: String
    /// Its account at a bank, to which redemptions are paid; IBAN or another number, without spaces.
    public var account: String
    /// The BIC of the bank at which that account is; empty: this bank, or the IBAN says it.
    public var agent: String
    /// The account number by which its payers name it; nil where it has none.
    public var virtualAccount: String?
    /// What stands for the account on the ledger, instead of its number.
    public var payout: Hash32
    /// Whether money that comes in for an order of its pays that order at once.
    public var fundsOrders: Bool
    /// Whether it is still served; its entries stay.
    public var isActive: Bool

    /// What its payers may write instead of the virtual account.
    public var reference: PaymentReference { .customer(id) }
}

/// What is known of a customer before the desk has it.
public struct NewCustomer: Sendable {
    /// Its account on the ledger.
    public var address: Address
    /// Whether the desk keeps the key of that account.
    public var isKept: Bool
    /// Its name.
    public var name: String
    /// Its account at a bank.
    public var account: String
    /// The BIC of that bank; may be empty.
    public var agent: String
    /// The account number by which its payers name it.
    public var virtualAccount: String?
    /// Whether incoming money pays its orders at once; only with a key that the desk keeps.
    public var fundsOrders: Bool

    /// Describes a customer.
    public init(
        address: Address, isKept: Bool, name: String, account: String, agent: String = "",
        virtualAccount: String? = nil, fundsOrders: Bool = false
    ) {
        self.address = address
        self.isKept = isKept
        self.name = name
        self.account = AccountNumber.plain(account)
        self.agent = agent
        self.virtualAccount = virtualAccount.map(AccountNumber.plain)
        self.fundsOrders = fundsOrders
    }
}
