import Ledger

/// What an operation on money did, as its compact record says; logs, statements and receipts come of it.
public enum TokenEffect: Hashable, Sendable {
    /// Money moved; from the zero address if it was made, to it if it was destroyed.
    case transfer(token: TokenID, from: Address, to: Address, amount: UInt128)
    /// One account paid many, in this order.
    case batch(token: TokenID, from: Address, payouts: [Payout])
    /// A spender was given an allowance, a 256-bit number.
    case approval(token: TokenID, owner: Address, spender: Address, value: Hash32)
    /// A token was issued.
    case created(
        token: TokenID, issuer: Address, controls: TokenControls, initialSupply: UInt128,
        symbol: String)
    /// A role was given, or taken.
    case role(token: TokenID, granted: Bool, role: Hash32, account: Address, by: Address)
    /// Transfers were stopped, or let go on.
    case pause(token: TokenID, isPaused: Bool, by: Address)
    /// An account was frozen, or thawed.
    case freeze(token: TokenID, account: Address, isFrozen: Bool, by: Address)
    /// An account was put on the allow-list, or taken off.
    case allow(token: TokenID, account: Address, isAllowed: Bool, by: Address)
    /// Units were taken back, from the balance and from held payouts.
    case clawback(
        token: TokenID, from: Address, to: Address, fromBalance: UInt128, fromHeld: UInt128,
        reason: Hash32)
    /// Held payouts went to their payee.
    case heldReleased(token: TokenID, account: Address, amount: UInt128)
    /// An account lets another spend on fees.
    case feeGrant(from: Address, to: Address, limit: UInt128, expiry: UInt64)
    /// An account named who pays its fees, or with the zero address nobody.
    case feePayer(account: Address, payer: Address)
    /// A fee went to the treasury.
    case fee(payer: Address, amount: UInt128)
    /// Something happened to a bank's deposit token.
    case deposit(DepositEffect)

    /// The token that it is about, nil for fee grants and payers and where only a redemption says.
    public var token: TokenID? {
        switch self {
        case .transfer(let token, _, _, _), .batch(let token, _, _), .approval(let token, _, _, _),
            .created(let token, _, _, _, _), .role(let token, _, _, _, _), .pause(let token, _, _),
            .freeze(let token, _, _, _), .allow(let token, _, _, _),
            .clawback(let token, _, _, _, _, _), .heldReleased(let token, _, _):
            token
        case .fee: .dip
        case .deposit(let effect): effect.token
        case .feeGrant, .feePayer: nil
        }
    }
}
