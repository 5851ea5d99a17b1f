import Ledger

extension TokenLedger {
    /// What a spender may take from an owner, a 256-bit number; 2^256 − 1 is without limit.
    public func allowance(owner: Address, spender: Address, in token: TokenID) -> Hash32 {
        let key = TokenKey.allowance(token, owner: owner, spender: spender)
        return state.object(key).map { believed($0) { try $0.readHash() } } ?? .zero
    }

    /// Lets a spender take up to `value`, any 256-bit number, in place of what it might take before.
    ///
    /// - Throws: ``Rejection/erc20InvalidApprover(_:)`` or ``Rejection/erc20InvalidSpender(_:)`` for the
    ///   zero address.
    public func approve(
        _ value: Hash32, of token: TokenID, owner: Address, spender: Address
    ) throws(Rejection) {
        try setAllowance(value, of: token, owner: owner, spender: spender)
        state.record(TokenEffectTag.approval) {
            $0.write(token.rawValue)
            $0.write(owner)
            $0.write(spender)
            $0.write(value)
        }
    }

    /// Moves money of another account, within its allowance.
    ///
    /// - Throws: ``Rejection/erc20InsufficientAllowance(spender:allowance:needed:)``, then as
    ///   ``approve(_:of:owner:spender:)``, ``refuseReceiver(_:)`` and ``transfer(_:of:from:to:)``;
    ///   nothing is changed.
    public func transfer(
        _ amount: UInt128, of token: TokenID, from: Address, to: Address, by spender: Address
    ) throws(Rejection) {
        try atomically { () throws(Rejection) in
            try spend(amount, of: token, owner: from, spender: spender)
            try refuseReceiver(to)
            try transfer(amount, of: token, from: from, to: to)
        }
    }

    /// Destroys money of another account, within its allowance.
    ///
    /// - Throws: ``Rejection/isDepositToken(_:)``, ``Rejection/controlNotEnabled(_:)``, then the
    ///   allowance's refusals, then as ``burn(_:of:from:)``; nothing is changed.
    public func burn(
        _ amount: UInt128, of token: TokenID, from: Address, by spender: Address
    ) throws(Rejection) {
        try refuseDeposit(token)
        try require(.burn, in: token)
        try atomically { () throws(Rejection) in
            try spend(amount, of: token, owner: from, spender: spender)
            try burn(amount, of: token, from: from)
        }
    }

    /// Runs an operation of several steps and undoes them all if one is refused.
    func atomically<T>(_ body: () throws(Rejection) -> T) throws(Rejection) -> T {
        let mark = state.mark()
        do {
            return try body()
        } catch {
            state.rollback(to: mark)
            throw error
        }
    }

    /// Takes from an allowance, silently, as ERC-20 contracts do.
    private func spend(
        _ amount: UInt128, of token: TokenID, owner: Address, spender: Address
    ) throws(Rejection) {
        let allowance = Allowance(allowance(owner: owner, spender: spender, in: token))
        if allowance.isUnlimited { return }
        guard let rest = allowance.subtracting(amount) else {
            throw .erc20InsufficientAllowance(
                spender: spender, allowance: allowance.low, needed: amount)
        }
        try setAllowance(rest.word, of: token, owner: owner, spender: spender)
    }

    private func setAllowance(
        _ value: Hash32, of token: TokenID, owner: Address, spender: Address
    ) throws(Rejection) {
        if owner == .zero { throw .erc20InvalidApprover(owner) }
        if spender == .zero { throw .erc20InvalidSpender(spender) }
        state.setObject(
            TokenKey.allowance(token, owner: owner, spender: spender),
            value == .zero ? nil : value.bytes)
    }
}
