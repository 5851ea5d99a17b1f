import Ledger

/// Money that arrived at a bank and is issued to a customer.
public struct Issue: Hashable, Sendable {
    /// To whom.
    public let to: Address
    /// How much.
    public let amount: UInt128
    /// What the bank calls the payment that arrived; used once per token, ever.
    public let reference: Hash32
    /// Whether the token refuses the customer, so that the amount is held back.
    public internal(set) var isHeld = false

    /// Describes an issue.
    public init(to: Address, amount: UInt128, reference: Hash32) {
        self.to = to
        self.amount = amount
        self.reference = reference
    }
}
