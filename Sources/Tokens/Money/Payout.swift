import Ledger

/// One payment of a batch: 36 bytes in an effect, three words of memory here.
@frozen
public struct Payout: Hashable, Sendable {
    /// How much, in the token's smallest unit.
    public let amount: UInt128
    /// To whom.
    public let to: Address

    /// Makes a payment.
    @inlinable
    public init(to: Address, amount: UInt128) {
        self.to = to
        self.amount = amount
    }
}
