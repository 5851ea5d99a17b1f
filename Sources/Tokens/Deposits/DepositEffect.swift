import Ledger

/// What happened to deposit tokens at 0x…d105, as its compact record says.
public enum DepositEffect: Hashable, Sendable {
    /// A bank issued against payments that arrived.
    case issued(TokenID, [Issue])
    /// An owner asked for money, or had said that payouts ask for it by themselves.
    case requested(
        UInt64, token: TokenID, owner: Address, amount: UInt128, payout: Hash32, deadline: UInt64,
        isAutomatic: Bool)
    /// The bank has sent the payment order.
    case instructed(UInt64, message: Hash32)
    /// The money was paid, the tokens were destroyed.
    case settled(UInt64, token: TokenID, amount: UInt128, reference: Hash32)
    /// The bank could not pay, the tokens went back; `owner` got them.
    case rejected(
        UInt64, token: TokenID, owner: Address, amount: UInt128, isHeld: Bool, reason: String)
    /// The bank did not answer in time, the tokens went back; `owner` got them.
    case returned(UInt64, token: TokenID, owner: Address, amount: UInt128, isHeld: Bool)
    /// An account said what becomes of payouts; nothing, where `payout` is zero.
    case autoRedeemSet(TokenID, account: Address, payout: Hash32, minimum: UInt128)

    /// A payout became money of another bank, whose operator holds what was paid.
    case converted(
        account: Address, from: TokenID, to: TokenID, amount: UInt128, holder: Address)
    /// An account said to which token payouts in its currency are converted; nil for no more at all.
    case payoutTokenSet(account: Address, TokenID?)

    /// The token that it is about, nil where only the redemption says.
    public var token: TokenID? {
        switch self {
        case .issued(let token, _), .requested(_, let token, _, _, _, _, _),
            .settled(_, let token, _, _), .rejected(_, let token, _, _, _, _),
            .returned(_, let token, _, _, _), .autoRedeemSet(let token, _, _, _),
            .converted(_, let token, _, _, _):
            token
        case .payoutTokenSet(_, let token): token
        case .instructed: nil
        }
    }

    /// The kind of effect, as it stands before the payload.
    public var tag: UInt8 {
        switch self {
        case .issued: TokenEffectTag.issued
        case .requested: TokenEffectTag.redemptionRequested
        case .instructed: TokenEffectTag.redemptionInstructed
        case .settled: TokenEffectTag.redemptionSettled
        case .rejected: TokenEffectTag.redemptionRejected
        case .returned: TokenEffectTag.redemptionReturned
        case .autoRedeemSet: TokenEffectTag.autoRedeemSet
        case .converted: TokenEffectTag.converted
        case .payoutTokenSet: TokenEffectTag.payoutTokenSet
        }
    }
}

extension TokenLedger {
    /// Notes an effect of the running transaction or block.
    func record(_ effect: DepositEffect) {
        state.record(effect.tag) { effect.write(to: &$0) }
    }
}
