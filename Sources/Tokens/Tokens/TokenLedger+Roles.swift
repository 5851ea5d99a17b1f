import Ledger

extension TokenLedger {
    /// Whether an account has a role, one of ``TokenRole`` or any other 32 bytes.
    public func hasRole(_ role: Hash32, _ account: Address, in token: TokenID) -> Bool {
        state.object(TokenKey.role(token, role, account)) != nil
    }

    /// Checks that an account has a role.
    /// - Throws: ``Rejection/accessControlUnauthorizedAccount(_:role:)``.
    func checkRole(_ role: Hash32, _ account: Address, in token: TokenID) throws(Rejection) {
        guard hasRole(role, account, in: token) else {
            throw .accessControlUnauthorizedAccount(account, role: role)
        }
    }

    /// Checks that a token has a control and that an account has the role to use it.
    func checkRole(_ role: TokenRole, _ account: Address, in token: TokenID) throws(Rejection) {
        try require(role.control, in: token)
        try checkRole(role.id, account, in: token)
    }

    /// Checks that a token was issued with a control.
    /// - Throws: ``Rejection/controlNotEnabled(_:)``.
    func require(_ control: TokenControls, in token: TokenID) throws(Rejection) {
        guard record(token).controls.isSuperset(of: control) else {
            throw .controlNotEnabled(control.rawValue)
        }
    }

    /// Gives a role; nothing happens where the account has it.
    ///
    /// - Throws: ``Rejection/isDepositToken(_:)`` for the admin's role of one,
    ///   ``Rejection/accessControlUnauthorizedAccount(_:role:)`` unless `sender` is an admin, or the operator
    ///   of the bank whose deposit token it is.
    public func grantRole(
        _ role: Hash32, to account: Address, in token: TokenID, by sender: Address
    ) throws(Rejection) {
        if role == TokenRole.admin.id { try refuseDeposit(token) }
        try checkAdmin(sender, of: token)
        let record = record(token)
        if role == TokenRole.admin.id, account != record.issuer, !record.isAdminShared {
            change(token) { $0.isAdminShared = true }
        }
        setRole(role, account, true, in: token, by: sender)
    }

    /// Takes a role; nothing happens where the account does not have it.
    ///
    /// - Throws: as ``grantRole(_:to:in:by:)``; from others than its bank's operator also the admin's role of a
    ///   deposit token is taken.
    public func revokeRole(
        _ role: Hash32, from account: Address, in token: TokenID, by sender: Address
    ) throws(Rejection) {
        try keepDepositAdmin(role, account, in: token)
        try checkAdmin(sender, of: token)
        setRole(role, account, false, in: token, by: sender)
    }

    /// Gives one's own role up; the last admin may, and then roles are fixed for ever.
    ///
    /// - Throws: ``Rejection/isDepositToken(_:)`` for the admin's role of one and its bank's operator,
    ///   ``Rejection/accessControlBadConfirmation`` unless `account` is the sender.
    public func renounceRole(
        _ role: Hash32, of account: Address, in token: TokenID, by sender: Address
    ) throws(Rejection) {
        try keepDepositAdmin(role, account, in: token)
        if account != sender { throw .accessControlBadConfirmation }
        setRole(role, account, false, in: token, by: sender)
    }

    /// Whether an account alone administers a token, and always did but for its issuer.
    public func isSoleAdmin(_ account: Address, of token: TokenID) -> Bool {
        !record(token).isAdminShared && hasRole(TokenRole.admin.id, account, in: token)
    }

    /// A bank's operator administers its deposit tokens, whoever that is and whoever has the role: one who gave it
    /// away, or took it from the operator, would keep freeze and clawback for ever with a key that is stolen for an
    /// hour.
    private func checkAdmin(_ account: Address, of token: TokenID) throws(Rejection) {
        guard let administrator = depositAdministrator(of: token) else {
            return try checkRole(TokenRole.admin.id, account, in: token)
        }
        guard account == administrator else {
            throw .accessControlUnauthorizedAccount(account, role: TokenRole.admin.id)
        }
    }

    /// Others than the operator have the admin's role of a deposit token only in states in which it could still be
    /// given: there it is taken, and given up.
    private func keepDepositAdmin(
        _ role: Hash32, _ account: Address, in token: TokenID
    ) throws(Rejection) {
        guard role == TokenRole.admin.id else { return }
        if let administrator = depositAdministrator(of: token), administrator != account { return }
        try refuseDeposit(token)
    }

    private func depositAdministrator(of token: TokenID) -> Address? {
        policy(token).isDeposit ? operatorOfDeposit?(token) : nil
    }

    func setRole(
        _ role: Hash32, _ account: Address, _ granted: Bool, in token: TokenID, by sender: Address
    ) {
        guard hasRole(role, account, in: token) != granted else { return }
        state.setObject(TokenKey.role(token, role, account), granted ? [1] : nil)
        state.record(TokenEffectTag.role) {
            $0.write(token.rawValue)
            $0.write(byte: granted ? 1 : 0)
            $0.write(role)
            $0.write(account)
            $0.write(sender)
        }
    }
}
