import Ledger
import Tokens

/// Money that moved, or is held back, as an effect says: what statements and dry runs are made of.
public struct Payment: Hashable, Sendable {
    /// Why it moved; the raw value is what `dip_*` methods write.
    public enum Kind: String, Sendable {
        /// From one account to another.
        case transfer
        /// Units that were made.
        case mint
        /// Units that were destroyed.
        case burn
        /// For a transaction, to the treasury.
        case fee
        /// Into an order.
        case funding
        /// A line pays.
        case payout
        /// An order gives back.
        case refund
        /// Locked for a buyer.
        case guarantee
        /// What was locked for a buyer, given back.
        case guaranteeReturn
        /// What was locked for a buyer, drawn into the order.
        case guaranteeDraw
        /// Taken back by the issuer.
        case clawback
        /// A held payout went to its payee.
        case release
        /// A bank issued deposit tokens against a payment that arrived.
        case issue
        /// Deposit tokens wait at 0x…d105 for the bank to pay.
        case redemption
        /// The bank has paid, the tokens are destroyed.
        case redemptionSettled
        /// The bank could not pay, the tokens go back.
        case redemptionRejected
        /// The bank did not answer in time, the tokens go back.
        case redemptionReturned
        /// A payout in one bank's token became another's.
        case conversion
        /// For the use of a template, to developer, reviewers and treasury.
        case royalty
        /// A node's part of an epoch's fees, from the treasury.
        case epoch
        /// What an account had at the start.
        case genesis
        /// What an account had where books begin that do not begin with genesis.
        case opening
    }

    /// Why it moved.
    public var kind: Kind
    /// In what; nil where only the order tells.
    public var token: TokenID?
    /// From whose balance.
    public var from: Address
    /// To whose balance, or for whom it is held.
    public var to: Address
    /// How much, in the token's smallest unit.
    public var amount: UInt128
    /// The order that paid or was paid.
    public var order: UInt64?
    /// The order's line, as an index.
    public var line: UInt16?
    /// The order that was paid by an order.
    public var toOrder: UInt64?
    /// The redemption that it belongs to.
    public var redemption: UInt64?
    /// What the bank calls the payment that arrived, or was made.
    public var reference: Hash32?
    /// Whether the token refused the payee, so that the money stays with 0x…d102.
    public var isHeld = false

    /// Describes a payment; what is not given does not apply.
    public init(
        kind: Kind, token: TokenID? = nil, from: Address, to: Address, amount: UInt128,
        order: UInt64? = nil, line: UInt16? = nil, toOrder: UInt64? = nil,
        redemption: UInt64? = nil, reference: Hash32? = nil, isHeld: Bool = false
    ) {
        self.kind = kind
        self.token = token
        self.from = from
        self.to = to
        self.amount = amount
        self.order = order
        self.line = line
        self.toOrder = toOrder
        self.redemption = redemption
        self.reference = reference
        self.isHeld = isHeld
    }

    /// What it adds to an account's balance, and what it takes.
    public func change(of account: Address) -> (added: UInt128, taken: UInt128) {
        guard !isHeld, from != to else { return (0, 0) }
        return (to == account ? amount : 0, from == account ? amount : 0)
    }

    /// The other side as an account sees it.
    public func counterparty(of account: Address) -> Address { from == account ? to : from }
}
