import Ledger

/// What the holders of roles can do, each only where the token was issued with that control.
extension TokenLedger {
    /// Whether an account is frozen.
    public func isFrozen(_ account: Address, in token: TokenID) -> Bool {
        token != .dip && state.cell(token.balanceKey(account)).isFrozen
    }

    /// Whether the token's allow-list lets an account send and receive: so do tokens without one, and
    /// every list the contracts of the ledger.
    public func isAllowed(_ account: Address, in token: TokenID) -> Bool {
        !policy(token).hasAllowList || account.isNativeContract
            || state.cell(token.balanceKey(account)).isAllowed
    }

    /// Stops all transfers, or lets them go on; nothing happens where that is so already.
    ///
    /// - Throws: ``Rejection/controlNotEnabled(_:)``,
    ///   ``Rejection/accessControlUnauthorizedAccount(_:role:)``.
    public func setPaused(
        _ isPaused: Bool, in token: TokenID, by sender: Address
    ) throws(Rejection) {
        try checkRole(.pauser, sender, in: token)
        guard record(token).isPaused != isPaused else { return }
        change(token) { $0.isPaused = isPaused }
        state.record(TokenEffectTag.pause) {
            $0.write(token.rawValue)
            $0.write(byte: isPaused ? 1 : 0)
            $0.write(sender)
        }
    }

    /// Freezes or thaws an account; nothing happens where that is so already.
    ///
    /// - Throws: ``Rejection/controlNotEnabled(_:)``,
    ///   ``Rejection/accessControlUnauthorizedAccount(_:role:)``, ``Rejection/badCalldata(_:)`` for a
    ///   contract of the ledger: everybody's escrow would be stuck.
    public func setFrozen(
        _ isFrozen: Bool, _ account: Address, in token: TokenID, by sender: Address
    ) throws(Rejection) {
        try checkRole(.freezer, sender, in: token)
        try setFlag(
            Cell.frozenBit, isFrozen, account, in: token, by: sender, tag: TokenEffectTag.freeze)
    }

    /// Puts an account on the allow-list or takes it off; nothing happens where that is so already.
    ///
    /// - Throws: ``Rejection/controlNotEnabled(_:)``,
    ///   ``Rejection/accessControlUnauthorizedAccount(_:role:)``, ``Rejection/badCalldata(_:)`` for a
    ///   contract of the ledger, which every list allows.
    public func setAllowed(
        _ isAllowed: Bool, _ account: Address, in token: TokenID, by sender: Address
    ) throws(Rejection) {
        try checkRole(.allower, sender, in: token)
        try setFlag(
            Cell.allowedBit, isAllowed, account, in: token, by: sender, tag: TokenEffectTag.allow)
    }

    private func setFlag(
        _ bit: UInt64, _ on: Bool, _ account: Address, in token: TokenID, by sender: Address,
        tag: UInt8
    ) throws(Rejection) {
        if account.isNativeContract || account.orderID != nil {
            throw .badCalldata("account: a contract of the ledger cannot be frozen or listed")
        }
        setFlag(bit, on, of: account, in: token, by: sender, tag: tag)
    }

    /// Sets or clears a flag of an account that can have one, and says so if that changes anything.
    func setFlag(
        _ bit: UInt64, _ on: Bool, of account: Address, in token: TokenID, by sender: Address,
        tag: UInt8
    ) {
        let slot = state.slot(token.balanceKey(account))
        let cell = state.cell(at: slot)
        let aux = on ? cell.aux | bit : cell.aux & ~bit
        guard aux != cell.aux else { return }
        state.write(at: slot, amount: cell.amount, aux: aux)
        state.record(tag) {
            $0.write(token.rawValue)
            $0.write(account)
            $0.write(byte: on ? 1 : 0)
            $0.write(sender)
        }
    }

    /// Takes units back, first from the balance, then from held payouts.
    ///
    /// Also from a frozen account and while the token is paused. The reason is said in the event: the hash
    /// of a court's order, say.
    ///
    /// - Throws: ``Rejection/controlNotEnabled(_:)``,
    ///   ``Rejection/accessControlUnauthorizedAccount(_:role:)``, ``Rejection/erc20InvalidSender(_:)``
    ///   for the zero address and where the units belong to others (contracts of the ledger),
    ///   ``Rejection/erc20InvalidReceiver(_:)``,
    ///   ``Rejection/erc20InsufficientBalance(sender:balance:needed:)`` for balance and held payouts
    ///   together, ``Rejection/takenAtPar(_:)``, then the receiver's flags.
    public func clawBack(
        _ amount: UInt128, of token: TokenID, from: Address, to: Address, reason: Hash32,
        by sender: Address
    ) throws(Rejection) {
        try checkRole(.clawback, sender, in: token)
        if from.isClosedToPeople || from.isNativeContract { throw .erc20InvalidSender(from) }
        try refuseReceiver(to)
        let balance = balance(of: from, in: token)
        let held = held(from, in: token)
        if balance + held < amount {
            throw .erc20InsufficientBalance(sender: from, balance: balance + held, needed: amount)
        }
        // Another bank issued its own money for it, and would do so again and again if it could be taken back.
        let source = state.cell(token.balanceKey(from))
        if let refusal = refusalToPay(in: token, source) { throw refusal }
        let receiver = state.cell(token.balanceKey(to))
        if let refusal = policy(token).refusal(of: to, receiver) { throw refusal }
        takeBack(
            amount, of: token, from: from, to: to, balance: balance, reason: reason)
    }

    /// Takes back all that an account has of a token and that is held for it, as
    /// ``clawBack(_:of:from:to:reason:by:)`` does; the caller has made sure who may.
    public func takeBackAll(of token: TokenID, from: Address, to: Address, reason: Hash32) {
        let balance = balance(of: from, in: token)
        let amount = balance + held(from, in: token)
        guard amount > 0 else { return }
        takeBack(amount, of: token, from: from, to: to, balance: balance, reason: reason)
    }

    private func takeBack(
        _ amount: UInt128, of token: TokenID, from: Address, to: Address, balance: UInt128,
        reason: Hash32
    ) {
        let fromBalance = min(balance, amount)
        let fromHeld = amount - fromBalance
        move(fromBalance, of: token, from: from, to: to)
        if fromHeld > 0 {
            debit(token.heldKey(from), fromHeld)
            move(fromHeld, of: token, from: .orders, to: to)
        }
        state.record(TokenEffectTag.clawback) {
            $0.write(token.rawValue)
            $0.write(from)
            $0.write(to)
            $0.write(fromBalance)
            $0.write(fromHeld)
            $0.write(reason)
        }
    }

    /// Gives an account the payouts that were held back for it; anyone may ask.
    ///
    /// - Throws: ``Rejection/nothingHeld(_:)``, then as ``check(_:in:)``.
    public func releaseHeld(_ account: Address, in token: TokenID) throws(Rejection) {
        let amount = held(account, in: token)
        if amount == 0 { throw .nothingHeld(account) }
        try check(account, in: token)
        release(amount, of: token, to: account)
        if policy(token).isDeposit { paidOut(amount, of: token, to: account, isReturn: false) }
    }

    /// Moves what is held for an account into its balance; no rule of the token is asked.
    func release(_ amount: UInt128, of token: TokenID, to account: Address) {
        debit(token.heldKey(account), amount)
        move(amount, of: token, from: .orders, to: account)
        state.record(TokenEffectTag.heldReleased) {
            $0.write(token.rawValue)
            $0.write(account)
            $0.write(amount)
        }
    }
}
