import Execution
import Ledger

/// One movement of money, as double-entry bookkeeping takes it down: one account is debited, another one
/// credited, with the same amount of one token.
///
/// Debit and credit are those of a bank towards its customers: who pays is debited, who is paid is credited,
/// and an account has what it was credited less what it was debited. What is made is debited to the zero
/// address, what is destroyed is credited to it, so that it owes all there is of a token.
public struct JournalEntry: Sendable {
    /// A token, as far as rows tell of it.
    public struct Token: Hashable, Sendable {
        /// Where it answers.
        public let address: Address
        /// Its short name.
        public let symbol: String
        /// How many decimal places a whole unit has.
        public let decimals: UInt8
    }

    /// The block.
    public let height: UInt64
    /// The block's time, milliseconds since 1970.
    public let timeMillis: UInt64
    /// Which movement of the block it is, from 0; with ``height`` its name for ever.
    public let number: UInt64
    /// The transaction; nil for what a block does itself, and for what there was at the start.
    public let transaction: Hash32?
    /// In what.
    public let token: Token
    /// What moved, and why.
    public let payment: Payment

    /// The account whose balance becomes less.
    public var debit: Address { payment.from }
    /// The account whose balance becomes more; the same as ``debit`` for a payout that is held.
    public var credit: Address { payment.isHeld ? payment.from : payment.to }
    /// For whom the money is held from now on, nil if for nobody.
    public var heldFor: Address? { payment.isHeld ? payment.to : nil }
}
