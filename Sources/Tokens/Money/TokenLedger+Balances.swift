import Ledger

extension TokenLedger {
    // MARK: Reading

    /// What an account has of a token, in smallest units.
    public func balance(of account: Address, in token: TokenID) -> UInt128 {
        state.cell(token.balanceKey(account)).amount
    }

    /// Payouts that the token refused and that are held back for an account; not part of its balance.
    public func held(_ account: Address, in token: TokenID) -> UInt128 {
        state.cell(token.heldKey(account)).amount
    }

    /// Checks that a token lets an account send and receive.
    ///
    /// - Throws: ``Rejection/tokenPaused``, ``Rejection/accountFrozen(_:)``,
    ///   ``Rejection/accountNotAllowed(_:)``, the first that holds.
    public func check(_ account: Address, in token: TokenID) throws(Rejection) {
        let policy = policy(token)
        if policy.isPaused { throw .tokenPaused }
        guard policy.hasFlags else { return }
        if let refusal = policy.refusal(of: account, state.cell(token.balanceKey(account))) {
            throw refusal
        }
    }

    /// Checks that a token lets an account pay with it.
    ///
    /// - Throws: as ``check(_:in:)``, then ``Rejection/takenAtPar(_:)``.
    public func checkPaying(_ account: Address, in token: TokenID) throws(Rejection) {
        try check(account, in: token)
        if let refusal = refusalToPay(in: token, state.cell(token.balanceKey(account))) {
            throw refusal
        }
    }

    /// Why a bank does not pay with what it has of another bank's token, nil where it may.
    ///
    /// It issued its own money for it: given away, to make room for more, it would back nothing any more, and one key of
    /// the bank would be enough to make money without limit.
    func refusalToPay(in token: TokenID, _ cell: Cell) -> Rejection? {
        policy(token).isAccepted && cell.isTakenAtPar ? .takenAtPar(address(of: token)) : nil
    }

    // MARK: Moving

    /// Moves money as its owner wants, by the token's rules, and records the Transfer.
    ///
    /// Where the receiver is a contract of the ledger, that contract is the caller: see
    /// ``refuseReceiver(_:)`` for what is refused to people. Nothing is charged.
    ///
    /// - Throws: ``Rejection/erc20InvalidSender(_:)``, ``Rejection/erc20InvalidReceiver(_:)`` (the
    ///   zero address), ``Rejection/erc20InsufficientBalance(sender:balance:needed:)``,
    ///   ``Rejection/tokenPaused``, then ``Rejection/accountFrozen(_:)`` and
    ///   ``Rejection/accountNotAllowed(_:)`` of the sender, ``Rejection/takenAtPar(_:)``, and the flags of
    ///   the receiver; nothing is changed.
    public func transfer(
        _ amount: UInt128, of token: TokenID, from: Address, to: Address
    ) throws(Rejection) {
        if from == .zero { throw .erc20InvalidSender(from) }
        if to == .zero { throw .erc20InvalidReceiver(to) }
        let policy = policy(token)
        let source = state.slot(token.balanceKey(from))
        let sender = state.cell(at: source)
        if sender.amount < amount {
            throw .erc20InsufficientBalance(sender: from, balance: sender.amount, needed: amount)
        }
        if policy.isPaused { throw .tokenPaused }
        if let refusal = policy.refusal(of: from, sender) { throw refusal }
        if policy.isAccepted, let refusal = refusalToPay(in: token, sender) { throw refusal }
        let target = state.slot(token.balanceKey(to))
        let receiver = state.cell(at: target)
        if let refusal = policy.refusal(of: to, receiver) { throw refusal }
        if source != target {
            state.write(at: source, amount: sender.amount - amount, aux: sender.aux)
            state.write(at: target, amount: receiver.amount + amount, aux: receiver.aux)
        }
        recordTransfer(amount, of: token, from: from, to: to)
    }

    /// Moves money that a contract of the ledger holds or takes: no rule of the token is asked, and no
    /// effect recorded; the caller's own effect implies the Transfer log.
    ///
    /// The caller has made sure that `from` has the amount.
    public func move(_ amount: UInt128, of token: TokenID, from: Address, to: Address) {
        debit(token.balanceKey(from), amount)
        credit(token.balanceKey(to), amount)
    }

    /// Pays out of a contract, or holds the payment back where the token refuses the payee.
    ///
    /// What is held stays in, or moves to, the balance of 0x…d102 and is noted for the payee. No effect is
    /// recorded: the caller's own implies the logs, Transfer from the contract to the payee if paid; if held,
    /// Held, and a Transfer from the contract to 0x…d102 where the two differ.
    ///
    /// - Parameters:
    ///   - amount: what the contract has.
    ///   - token: in what.
    ///   - contract: who pays.
    ///   - payee: to whom.
    ///   - isReturn: whether the payee's own money comes back, which no bank converts.
    /// - Returns: false if the amount is held.
    public func payOut(
        _ amount: UInt128, of token: TokenID, from contract: Address, to payee: Address,
        isReturn: Bool = false
    ) -> Bool {
        let policy = policy(token)
        let target = state.slot(token.balanceKey(payee))
        let receiver = state.cell(at: target)
        if policy.isPaused || policy.refusal(of: payee, receiver) != nil {
            hold(amount, of: token, from: contract, for: payee)
            return false
        }
        debit(token.balanceKey(contract), amount)
        // Read again: the contract may be its own payee.
        let cell = state.cell(at: target)
        state.write(at: target, amount: cell.amount + amount, aux: cell.aux)
        // Nearly nobody wants more of it, and the cell is at hand.
        if policy.isDeposit, cell.redeems || policy.isAccepted {
            paidOut(amount, of: token, to: payee, isReturn: isReturn)
        }
        return true
    }

    /// Notes money of a contract for a payee whom the token refuses; it waits at 0x…d102.
    func hold(
        _ amount: UInt128, of token: TokenID, from contract: Address, for payee: Address
    ) {
        credit(token.heldKey(payee), amount)
        if contract != .orders { move(amount, of: token, from: contract, to: .orders) }
    }

    // MARK: Cells

    /// Takes from a cell that is known to have enough.
    func debit(_ key: CellKey, _ amount: UInt128) {
        let slot = state.slot(key)
        let cell = state.cell(at: slot)
        precondition(cell.amount >= amount, "a contract pays what it does not have")
        state.write(at: slot, amount: cell.amount - amount, aux: cell.aux)
    }

    /// Adds to a cell; the sum stays below 2^128, because the whole supply does.
    func credit(_ key: CellKey, _ amount: UInt128) {
        let slot = state.slot(key)
        let cell = state.cell(at: slot)
        state.write(at: slot, amount: cell.amount + amount, aux: cell.aux)
    }
}
