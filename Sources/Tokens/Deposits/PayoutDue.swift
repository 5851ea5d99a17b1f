import Ledger

/// A payout in a deposit token whose receiver has said what becomes of it.
public struct PayoutDue: Hashable, Sendable {
    /// In what it was paid.
    public let token: TokenID
    /// To whom.
    public let payee: Address
    /// How much of it is to be converted; 0 where it is redeemed only.
    let amount: UInt128
}

/// Into what a payout is converted.
public struct Conversion: Hashable, Sendable {
    /// The token of the payee's bank.
    let token: TokenID
    /// The operator of that bank, who gets what was paid.
    let holder: Address
    /// The most that this bank takes now.
    let room: UInt128

    /// Describes a conversion.
    public init(to token: TokenID, holder: Address, room: UInt128) {
        self.token = token
        self.holder = holder
        self.room = room
    }
}

extension TokenLedger {
    /// How many payouts of the running transaction, or of the start of a block, set off more at its end.
    public var payoutsWaiting: Int { payoutsDue.count }

    /// Notes that a contract paid somebody in a deposit token: what it sets off comes at the end of the
    /// transaction, so that many payments become one redemption, and effects stand in their order.
    ///
    /// - Parameters:
    ///   - amount: how much.
    ///   - token: a deposit token.
    ///   - payee: who was paid.
    ///   - isReturn: whether it is the payee's own money, which is not converted.
    @inline(never)
    func paidOut(_ amount: UInt128, of token: TokenID, to payee: Address, isReturn: Bool) {
        let isConverted =
            !isReturn && policy(token).isAccepted
            && state.cell(TokenID.dip.balanceKey(payee)).namesPayoutToken
        guard isConverted || state.cell(token.balanceKey(payee)).redeems else { return }
        note(.payoutDue)
        payoutsDue.append(
            PayoutDue(token: token, payee: payee, amount: isConverted ? amount : 0))
    }
}
