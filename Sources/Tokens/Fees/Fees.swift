import Ledger

/// Who pays for a transaction, and the way of the fee to the treasury.
///
/// For each transaction, outside the mark that a refusal rolls back to: ``reserve(for:upTo:)``, then run,
/// then ``settle(_:fee:)``. A refused transaction so pays its fee too.
public struct Fees {
    /// What was taken from a payer before a transaction ran.
    public struct Reservation: Hashable, Sendable {
        /// Who sent the transaction.
        public let sender: Address
        /// Whose DIP it was.
        public let payer: Address
        /// How much, in DIP units.
        public let amount: UInt128
    }

    private let tokens: TokenLedger
    private var state: State { tokens.state }

    /// Works on the DIP of a ledger.
    public init(_ tokens: TokenLedger) { self.tokens = tokens }

    // MARK: Who pays

    /// Who would pay a fee of a sender: the payer it named, if that one's grant has not expired and covers
    /// the fee and so does its balance; else the sender itself, whether or not it can.
    public func payer(of sender: Address, fee: UInt128) -> Address {
        guard state.cell(TokenID.dip.balanceKey(sender)).namesFeePayer,
            let named = feePayer(of: sender), let grant = grant(from: named, to: sender),
            grant.isValid(at: state.block.now), grant.left >= fee,
            tokens.balance(of: named, in: .dip) >= fee
        else { return sender }
        return named
    }

    /// Takes the most that a transaction can cost from whoever pays for it.
    ///
    /// - Returns: nil where nobody can; nothing is changed then.
    public func reserve(for sender: Address, upTo amount: UInt128) -> Reservation? {
        let payer = payer(of: sender, fee: amount)
        guard tokens.balance(of: payer, in: .dip) >= amount else { return nil }
        if amount > 0 {
            tokens.debit(TokenID.dip.balanceKey(payer), amount)
            if payer != sender { use(amount, from: payer, to: sender) }
        }
        return Reservation(sender: sender, payer: payer, amount: amount)
    }

    /// Gives the treasury the fee and the payer, and its grant, what is left of the reservation; records
    /// the fee unless it is 0.
    ///
    /// - Parameters:
    ///   - reservation: what was taken before.
    ///   - fee: at most that.
    public func settle(_ reservation: Reservation, fee: UInt128) {
        precondition(fee <= reservation.amount, "a fee above what was reserved for it")
        let rest = reservation.amount - fee
        if rest > 0 { tokens.credit(TokenID.dip.balanceKey(reservation.payer), rest) }
        if reservation.payer != reservation.sender {
            giveBack(rest, from: reservation.payer, to: reservation.sender)
        }
        guard fee > 0 else { return }
        tokens.credit(TokenID.dip.balanceKey(.treasury), fee)
        state.record(TokenEffectTag.fee) {
            $0.write(reservation.payer)
            $0.write(fee)
        }
    }

    // MARK: Grants

    /// What a payer lets an account spend on fees, nil if nothing.
    public func grant(from: Address, to: Address) -> FeeGrant? {
        state.object(TokenKey.feeGrant(from: from, to: to)).map { FeeGrant(stored: $0) }
    }

    /// Whom an account named to pay its fees, nil if nobody.
    public func feePayer(of account: Address) -> Address? {
        state.object(TokenKey.feePayer(account)).map { believed($0) { try $0.readAddress() } }
    }

    /// Lets `to` spend up to `limit` of `from`'s DIP on fees; replaces an earlier grant, and 0 ends it.
    ///
    /// - Throws: ``Rejection/erc20InvalidSpender(_:)`` for the zero address.
    public func setGrant(
        from: Address, to: Address, limit: UInt128, expiry: UInt64
    ) throws(Rejection) {
        if to == .zero { throw .erc20InvalidSpender(to) }
        let grant = limit > 0 ? FeeGrant(left: limit, expiry: expiry) : nil
        state.setObject(TokenKey.feeGrant(from: from, to: to), grant?.bytes)
        state.record(TokenEffectTag.feeGrant) {
            $0.write(from)
            $0.write(to)
            $0.write(limit)
            $0.write(expiry)
        }
    }

    /// Names who may pay an account's fees; the zero address, or the account itself, names nobody.
    public func setFeePayer(of account: Address, to payer: Address) {
        let named = payer == .zero || payer == account ? nil : payer
        let slot = state.slot(TokenID.dip.balanceKey(account))
        let cell = state.cell(at: slot)
        state.setObject(TokenKey.feePayer(account), named?.bytes)
        let bit = Cell.feePayerBit
        state.write(
            at: slot, amount: cell.amount,
            aux: named == nil ? cell.aux & ~bit : cell.aux | bit)
        state.record(TokenEffectTag.feePayer) {
            $0.write(account)
            $0.write(named ?? .zero)
        }
    }

    /// Takes from a grant.
    ///
    /// One that is used up stays until the fee is known: part of it may come back.
    private func use(_ amount: UInt128, from: Address, to: Address) {
        guard var grant = grant(from: from, to: to) else { return }
        grant.left -= amount
        state.setObject(TokenKey.feeGrant(from: from, to: to), grant.bytes)
    }

    /// Gives a grant back what was not needed of it, or ends it if nothing is left.
    ///
    /// Only the payer can change its grant, so it is as ``use(_:from:to:)`` left it.
    private func giveBack(_ amount: UInt128, from: Address, to: Address) {
        guard var grant = grant(from: from, to: to) else { return }
        grant.left += amount
        state.setObject(
            TokenKey.feeGrant(from: from, to: to), grant.left > 0 ? grant.bytes : nil)
    }
}
