import Ledger

extension TokenLedger {
    // MARK: Genesis

    /// Makes the first DIP and gives it out; for genesis, before which there is none.
    ///
    /// - Returns: false, and nothing is done, where the sum reaches 2^128.
    public func endow(_ allocation: some Sequence<(account: Address, amount: UInt128)>) -> Bool {
        let mark = state.mark()
        var total = Amount(supply(of: .dip))
        for (account, amount) in allocation {
            guard let sum = total.adding(Amount(amount)) else {
                state.rollback(to: mark)
                return false
            }
            total = sum
            credit(TokenID.dip.balanceKey(account), amount)
        }
        change(.dip) { $0.supply = total.units }
        return true
    }

    // MARK: Issuing

    /// Issues a token: its sender gets all roles of its controls, a place on the allow-list if there is
    /// one, and the initial supply.
    ///
    /// - Returns: the new token.
    /// - Throws: ``Rejection/badToken(_:)`` naming the first bad field, or
    ///   ``Rejection/capExceeded(cap:wanted:)``.
    public func create(_ new: NewToken, by issuer: Address) throws(Rejection) -> TokenID {
        try new.check()
        guard count < TokenID.issuedMax else { throw .badToken("no more tokens can be issued") }
        let next = TokenID(rawValue: count + 1)
        let id = append(
            TokenRecord(
                address: next.address, issuer: issuer, name: new.name, symbol: new.symbol,
                uri: new.uri, decimals: new.decimals, controls: new.controls, cap: new.cap,
                supply: new.initialSupply, flags: []))
        for role in TokenRole.granted(by: new.controls) {
            state.setObject(TokenKey.role(id, role.id, issuer), [1])
        }
        let isListed = new.controls.contains(.allowList)
        if new.initialSupply > 0 || isListed {
            state.write(
                id.balanceKey(issuer), amount: new.initialSupply,
                aux: isListed ? Cell.allowedBit : 0)
        }
        state.record(TokenEffectTag.created) {
            $0.write(id.rawValue)
            $0.write(issuer)
            $0.write(new.controls.rawValue)
            $0.write(new.initialSupply)
            $0.write(text: new.symbol)
        }
        return id
    }

    // MARK: Making and destroying

    /// Makes more of a token.
    ///
    /// - Throws: ``Rejection/isDepositToken(_:)``, ``Rejection/controlNotEnabled(_:)``,
    ///   ``Rejection/accessControlUnauthorizedAccount(_:role:)``,
    ///   ``Rejection/erc20InvalidReceiver(_:)``, ``Rejection/capExceeded(cap:wanted:)`` or, past 2^128,
    ///   ``Rejection/amountTooLarge(_:)``, ``Rejection/tokenPaused``, then the receiver's flags.
    public func mint(
        _ amount: UInt128, of token: TokenID, to: Address, by sender: Address
    ) throws(Rejection) {
        try refuseDeposit(token)
        try checkRole(.minter, sender, in: token)
        try refuseReceiver(to)
        let record = record(token)
        let wanted = record.supply.addingReportingOverflow(amount)
        if wanted.overflow { throw .amountTooLarge(Hash32(carry: 1, wanted.partialValue)) }
        if record.cap > 0, wanted.partialValue > record.cap {
            throw .capExceeded(cap: record.cap, wanted: wanted.partialValue)
        }
        try check(to, in: token)
        change(token) { $0.supply = wanted.partialValue }
        credit(token.balanceKey(to), amount)
        recordTransfer(amount, of: token, from: .zero, to: to)
    }

    /// Destroys what an account has.
    ///
    /// - Throws: ``Rejection/isDepositToken(_:)``, ``Rejection/controlNotEnabled(_:)``,
    ///   ``Rejection/erc20InvalidSender(_:)`` for the zero address, ``Rejection/erc20InsufficientBalance(sender:balance:needed:)``,
    ///   ``Rejection/tokenPaused``, then the account's flags.
    public func burn(_ amount: UInt128, of token: TokenID, from: Address) throws(Rejection) {
        try refuseDeposit(token)
        try require(.burn, in: token)
        if from == .zero { throw .erc20InvalidSender(from) }
        let balance = balance(of: from, in: token)
        if balance < amount {
            throw .erc20InsufficientBalance(sender: from, balance: balance, needed: amount)
        }
        try check(from, in: token)
        change(token) { $0.supply -= amount }
        debit(token.balanceKey(from), amount)
        recordTransfer(amount, of: token, from: from, to: .zero)
    }

    /// Refuses receivers to which people cannot send, because nobody could ever send it on: the zero
    /// address, the ledger's contracts except the treasury, orders seen as holders, tokens.
    ///
    /// - Throws: ``Rejection/erc20InvalidReceiver(_:)``.
    public func refuseReceiver(_ account: Address) throws(Rejection) {
        if isClosed(account) { throw .erc20InvalidReceiver(account) }
    }

    /// Whether an address is none of a key: the zero address, the ledger's contracts, orders seen as holders, tokens.
    public func isKeyless(_ account: Address) -> Bool {
        isClosed(account) || account.isNativeContract || account.orderID != nil
    }

    /// Whether what people send to an address could never be sent on.
    @inline(__always)
    func isClosed(_ account: Address) -> Bool {
        account.isClosedToPeople || issued(at: account) != nil
    }
}

extension Address {
    /// Whether this is the zero address, a contract of the ledger other than the treasury, or an order.
    @inline(__always)
    var isClosedToPeople: Bool {
        if high == 0 {
            return middle == 0 && (low == 0 || (low >> 8 == 0xd1 && self != .treasury))
        }
        return high == 0xd102 << 48 && orderID != nil
    }
}

extension Hash32 {
    /// A number of 129 bits, as a sum of two amounts may have.
    init(carry: UInt64, _ low: UInt128) {
        self.init(
            0, carry, UInt64(truncatingIfNeeded: low >> 64), UInt64(truncatingIfNeeded: low))
    }
}
