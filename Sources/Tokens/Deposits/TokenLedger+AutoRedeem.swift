import Ledger

/// What becomes of payouts of orders in a deposit token, where its receiver has said so.
public struct AutoRedemption: Hashable, Sendable {
    /// What the owner and the bank call the account to be paid.
    public let payout: Hash32
    /// The least balance that is redeemed.
    public let minimum: UInt128

    /// Describes a wish.
    public init(payout: Hash32, minimum: UInt128) {
        self.payout = payout
        self.minimum = minimum
    }

    var bytes: [UInt8] {
        Tokens.bytes {
            $0.write(payout)
            $0.write(minimum)
        }
    }

    init(from reader: inout ByteReader) throws(DecodingFault) {
        payout = try reader.readHash()
        minimum = try reader.read()
    }
}

extension TokenLedger {
    /// What an account wants done with payouts in a deposit token, nil for nothing.
    public func autoRedemption(of account: Address, in token: TokenID) -> AutoRedemption? {
        guard token != .dip, state.cell(token.balanceKey(account)).redeems else { return nil }
        return state.object(DepositKey.autoRedeem(token, account))
            .map { believed($0, AutoRedemption.init(from:)) }
    }

    /// Says that payouts of orders to an account turn into redemptions, or with nil that they do not.
    ///
    /// What the account has already stays until the next payout.
    ///
    /// - Throws: ``Rejection/notThisBanksToken(_:)`` for a token that is no bank's.
    public func setAutoRedemption(
        _ wish: AutoRedemption?, of account: Address, in token: TokenID
    ) throws(Rejection) {
        guard isDeposit(token) else { throw .notThisBanksToken(address(of: token)) }
        let slot = state.slot(token.balanceKey(account))
        let cell = state.cell(at: slot)
        let aux = wish == nil ? cell.aux & ~Cell.redeemsBit : cell.aux | Cell.redeemsBit
        if aux != cell.aux { state.write(at: slot, amount: cell.amount, aux: aux) }
        state.setObject(DepositKey.autoRedeem(token, account), wish?.bytes)
        record(
            .autoRedeemSet(
                token, account: account, payout: wish?.payout ?? .zero,
                minimum: wish?.minimum ?? 0))
    }

    /// Redeems for those who want it what the running transaction, or the start of a block, paid them.
    ///
    /// Cannot fail: what the token's rules forbid meanwhile stays where it is. Called before the effects are
    /// closed; whoever set the payments off has paid for it
    /// with them, as far as anybody pays.
    public func redeemDue() {
        while redemptionsServed < payoutsDue.count {
            let (token, payee) = (
                payoutsDue[redemptionsServed].token, payoutsDue[redemptionsServed].payee
            )
            redemptionsServed += 1
            let balance = balance(of: payee, in: token)
            // Paid more than once, it has nothing left at the second time.
            guard balance > 0, let wish = autoRedemption(of: payee, in: token),
                balance >= wish.minimum, (try? check(payee, in: token)) != nil
            else { continue }
            request(balance, of: token, by: payee, payout: wish.payout, isAutomatic: true)
        }
    }
}
