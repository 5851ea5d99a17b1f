import Ledger

/// Deposit tokens: a bank's money, made against payments that arrived and destroyed with payments made.
///
/// Who may do what is decided by the contract at 0x…d105; these operations only do it.
extension TokenLedger {
    /// Whether a token is a bank's deposit token.
    public func isDeposit(_ token: TokenID) -> Bool { policy(token).isDeposit }

    /// Makes a token a deposit token, for ever; it is none yet.
    public func makeDeposit(_ token: TokenID) {
        change(token) { $0.isDeposit = true }
    }

    /// Refuses what only 0x…d105 does with a deposit token.
    /// - Throws: ``Rejection/isDepositToken(_:)``.
    func refuseDeposit(_ token: TokenID) throws(Rejection) {
        if policy(token).isDeposit { throw .isDepositToken(address(of: token)) }
    }

    /// Gives the roles that one key of a bank has to the key that takes its place.
    public func handOverRoles(of token: TokenID, from: Address, to: Address) {
        for role in TokenRole.allCases where hasRole(role.id, from, in: token) {
            setRole(role.id, to, true, in: token, by: .banks)
            setRole(role.id, from, false, in: token, by: .banks)
        }
    }

    // MARK: Issuing

    /// The height at which a payment reference was used for a token, nil if it never was.
    public func issued(_ reference: Hash32, in token: TokenID) -> UInt64? {
        state.object(DepositKey.reference(token, reference))
            .map { believed($0) { try $0.read(UInt64.self) } }
    }

    /// Issues against payments that arrived, all or nothing.
    ///
    /// What the token's rules refuse to a customer is held back, because the money has arrived.
    ///
    /// - Returns: how much was issued.
    /// - Throws: for each in turn ``Rejection/duplicateReference(_:)``,
    ///   ``Rejection/erc20InvalidReceiver(_:)``, ``Rejection/zeroAmount``; then
    ///   ``Rejection/amountTooLarge(_:)`` where the supply would reach 2^128.
    public func issue(_ issues: [Issue], of token: TokenID) throws(Rejection) -> UInt128 {
        try atomically { () throws(Rejection) in
            var issues = issues
            let before = supply(of: token)
            var supply = Amount(before)
            let value = bytes { $0.write(state.block.height) }
            for index in issues.indices {
                let issue = issues[index]
                let key = DepositKey.reference(token, issue.reference)
                guard state.object(key) == nil else { throw .duplicateReference(issue.reference) }
                try refuseReceiver(issue.to)
                guard issue.amount > 0 else { throw .zeroAmount }
                guard let sum = supply.adding(Amount(issue.amount)) else {
                    throw .amountTooLarge(Hash32(carry: 1, supply.units &+ issue.amount))
                }
                supply = sum
                state.setObject(key, value)
                issues[index].isHeld = !credit(issue.amount, of: token, to: issue.to)
            }
            change(token) { $0.supply = supply.units }
            record(.issued(token, issues))
            return supply.units - before
        }
    }

    /// Adds new money to a balance, or to what is held back for an account that the token refuses.
    /// - Returns: false if it is held.
    private func credit(_ amount: UInt128, of token: TokenID, to account: Address) -> Bool {
        let policy = policy(token)
        let slot = state.slot(token.balanceKey(account))
        let cell = state.cell(at: slot)
        guard !policy.isPaused, policy.refusal(of: account, cell) == nil else {
            credit(token.heldKey(account), amount)
            credit(token.balanceKey(.orders), amount)
            return false
        }
        state.write(at: slot, amount: cell.amount + amount, aux: cell.aux)
        return true
    }
}
