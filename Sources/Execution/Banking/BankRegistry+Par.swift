import Ledger
import Tokens

/// Between banks: payouts in one bank's token to payees who want another's.
extension BankRegistry {
    // MARK: Asking

    /// What a bank takes at par for a deposit token of its own, in the order in which it began to.
    public func acceptances(for token: TokenID) -> [ParAcceptance] { roll.acceptances(for: token) }

    /// Whether, and up to what, the bank of `token` takes another bank's token at par.
    public func acceptance(of other: TokenID, for token: TokenID) -> ParAcceptance? {
        acceptances(for: token).first { $0.other == other }
    }

    /// Who acts for the bank behind a deposit token; nobody once it is no bank any more.
    func activeOperator(of token: TokenID) -> Address? {
        guard let deposit = deposit(token), let bank = roll.bank(deposit.bank),
            governance.bankSet.bank(operatedBy: bank.operator) != nil
        else { return nil }
        return bank.operator
    }

    // MARK: Setting

    /// Takes another bank's deposit token at par for the bank's own in the same currency; raising the limit
    /// takes the checker, since the bank issues on the other's credit.
    ///
    /// - Parameters:
    ///   - address: the other bank's token.
    ///   - limit: the most that the operator is to have of it.
    ///   - call: the hash of the call's data.
    ///   - sender: the bank's operator.
    /// - Throws: ``Rejection/notBank(_:)``, ``Rejection/unknownToken(_:)``,
    ///   ``Rejection/notThisBanksToken(_:)`` for one that is no bank's, ``Rejection/badDepositToken(_:)`` for
    ///   the bank's own and where it has none in that currency, ``Rejection/notApproved(_:)``.
    func acceptAtPar(
        _ address: Address, limit: UInt128, call: Hash32, by sender: Address
    ) throws(Rejection) {
        let acting = try bank(actingBy: sender)
        guard let other = tokens.find(address) else { throw .unknownToken(address) }
        guard let foreign = deposit(other) else { throw .notThisBanksToken(address) }
        guard foreign.bank != acting.id else {
            throw .badDepositToken("other: it is the bank's own")
        }
        let own = acting.bank.tokens.first { deposit($0)?.currency == foreign.currency }
        guard let own else {
            throw .badDepositToken("the bank has no token in \(foreign.currency)")
        }
        var acceptances = acceptances(for: own)
        let index = acceptances.firstIndex { $0.other == other }
        let isApproved = takeApproval(of: call, for: acting)
        guard limit <= index.map({ acceptances[$0].limit }) ?? 0 || isApproved else {
            throw .notApproved(call)
        }
        if let index {
            acceptances[index].limit = limit
        } else if limit > 0 {
            acceptances.append(ParAcceptance(other: other, limit: limit))
        }
        roll.set(acceptances, for: own)
        tokens.makeAccepted(other)
        BankingEffect.acceptedAtPar(own, other: other, limit: limit).record(in: state)
    }

    /// Says to which deposit token payouts to an account in its currency are converted; with the zero address
    /// none are any more, whatever the currency.
    ///
    /// - Throws: ``Rejection/unknownToken(_:)``, ``Rejection/notThisBanksToken(_:)`` for one that is no
    ///   bank's, ``Rejection/badCalldata(_:)`` for more currencies than an account can name.
    func setPayoutToken(_ address: Address, of account: Address) throws(Rejection) {
        guard address != .zero else {
            return tokens.setPayoutTokens([], of: account, changed: nil)
        }
        guard let token = tokens.find(address) else { throw .unknownToken(address) }
        guard let currency = deposit(token)?.currency else { throw .notThisBanksToken(address) }
        var wanted = tokens.payoutTokens(of: account)
        wanted.removeAll { deposit($0)?.currency == currency }
        guard wanted.count < TokenLedger.payoutTokensMax else {
            throw .badCalldata("token: at most \(TokenLedger.payoutTokensMax) currencies")
        }
        tokens.setPayoutTokens(wanted + [token], of: account, changed: token)
    }

    // MARK: Payouts

    /// Does what receivers want done with what was just paid to them in deposit tokens: first converts it,
    /// then redeems.
    func servePayouts() {
        var exchange = Exchange(self)
        tokens.convertDue { exchange.conversion(of: $0) }
        tokens.redeemDue()
    }
}
