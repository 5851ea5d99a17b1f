import Ledger

/// Payouts in one bank's token to a payee who wants another's.
extension TokenLedger {
    // MARK: What payees want

    /// The most tokens that an account can name, one a currency.
    public static let payoutTokensMax = 16

    /// The deposit tokens to which payouts to an account are converted where a bank does that.
    public func payoutTokens(of account: Address) -> [TokenID] {
        guard state.cell(TokenID.dip.balanceKey(account)).namesPayoutToken else { return [] }
        return believed(listIn: state.object(DepositKey.payoutTokens(account)) ?? []) {
            TokenID(rawValue: try $0.read())
        }
    }

    /// Says to which tokens payouts to an account are converted; none where the list is empty.
    ///
    /// - Parameters:
    ///   - tokens: deposit tokens, one a currency.
    ///   - account: whose payouts.
    ///   - changed: what is said of it: the token that was named, nil for no more at all.
    public func setPayoutTokens(_ tokens: [TokenID], of account: Address, changed: TokenID?) {
        let slot = state.slot(TokenID.dip.balanceKey(account))
        let cell = state.cell(at: slot)
        let bit = Cell.payoutTokenBit
        let aux = tokens.isEmpty ? cell.aux & ~bit : cell.aux | bit
        if aux != cell.aux { state.write(at: slot, amount: cell.amount, aux: aux) }
        state.setObject(
            DepositKey.payoutTokens(account),
            tokens.isEmpty ? nil : bytes { for token in tokens { $0.write(token.rawValue) } })
        record(.payoutTokenSet(account: account, changed))
    }

    // MARK: Converting

    /// Notes that some bank takes a deposit token at par, so that its payouts are looked at from now on.
    public func makeAccepted(_ token: TokenID) {
        guard !policy(token).isAccepted else { return }
        change(token) { $0.isAccepted = true }
    }

    /// Converts what the running transaction, or the start of a block, paid, in the order of payment.
    ///
    /// Cannot fail: what no bank takes, or a token's rules forbid, stays in the token in which it was paid.
    /// Called before ``redeemDue()``; whoever set the payments off has paid for it
    /// with them, as far as anybody pays.
    ///
    /// - Parameter conversion: into what a payout is converted; nil for nothing.
    public func convertDue(_ conversion: (PayoutDue) -> Conversion?) {
        while conversionsServed < payoutsDue.count {
            let due = payoutsDue[conversionsServed]
            conversionsServed += 1
            guard due.amount > 0, let conversion = conversion(due) else { continue }
            convert(due, by: conversion)
        }
    }

    private func convert(_ due: PayoutDue, by conversion: Conversion) {
        let token = conversion.token
        let supply = supply(of: token)
        // The payee may have spent some of it in the same transaction.
        let balance = balance(of: due.payee, in: due.token)
        let amount = min(due.amount, balance, conversion.room, .max - supply)
        guard amount > 0, due.payee != conversion.holder, pays(due.payee, in: due.token),
            accepts(conversion.holder, in: due.token), accepts(due.payee, in: token)
        else { return }
        move(amount, of: due.token, from: due.payee, to: conversion.holder)
        set(Cell.takenAtParBit, true, of: conversion.holder, in: due.token)
        change(token) { $0.supply = supply + amount }
        credit(token.balanceKey(due.payee), amount)
        record(
            .converted(
                account: due.payee, from: due.token, to: token, amount: amount,
                holder: conversion.holder))
        paidOut(amount, of: token, to: due.payee, isReturn: true)
    }

    /// Sets or clears a bit of an account's cell of which nothing is said.
    private func set(_ bit: UInt64, _ isOn: Bool, of account: Address, in token: TokenID) {
        let slot = state.slot(token.balanceKey(account))
        let cell = state.cell(at: slot)
        let aux = isOn ? cell.aux | bit : cell.aux & ~bit
        if aux != cell.aux { state.write(at: slot, amount: cell.amount, aux: aux) }
    }

    /// Whether a token lets an account send and receive.
    private func accepts(_ account: Address, in token: TokenID) -> Bool {
        (try? check(account, in: token)) != nil
    }

    /// Whether a token lets an account pay: no bank's operator with what the bank took at par, of which a released
    /// redemption may be part.
    private func pays(_ account: Address, in token: TokenID) -> Bool {
        (try? checkPaying(account, in: token)) != nil
    }

    // MARK: New keys

    /// Gives what one key of a bank has of a token, and what is held for it, to the key that takes its place.
    ///
    /// It is the same holder, so that no rule of the token is asked: what was frozen is frozen there too, whoever
    /// was allowed is, and what was taken at par is redeemed by the new key.
    public func handOver(_ token: TokenID, from: Address, to: Address) {
        let old = state.cell(token.balanceKey(from))
        let flags: [(bit: UInt64, tag: UInt8)] = [
            (Cell.frozenBit, TokenEffectTag.freeze), (Cell.allowedBit, TokenEffectTag.allow),
        ]
        for flag in flags where old.aux & flag.bit != 0 {
            setFlag(flag.bit, true, of: to, in: token, by: .banks, tag: flag.tag)
        }
        if old.isTakenAtPar {
            set(Cell.takenAtParBit, true, of: to, in: token)
            set(Cell.takenAtParBit, false, of: from, in: token)
        }
        // Redemptions that were given back while the token refused the key; released, they would be the key's.
        let held = held(from, in: token)
        if held > 0 { release(held, of: token, to: from) }
        let amount = old.amount + held
        guard amount > 0 else { return }
        move(amount, of: token, from: from, to: to)
        recordTransfer(amount, of: token, from: from, to: to)
    }
}
