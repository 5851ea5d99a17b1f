import Ledger

/// Redemptions: tokens go to 0x…d105, and from there are destroyed or go back.
extension TokenLedger {
    /// The longest reason for a rejection, in bytes.
    public static let reasonBytesMax = 256

    // MARK: Asking

    /// How many redemptions there were; their ids are 1 to this.
    public var redemptionCount: UInt64 {
        state.object(DepositKey.count).map { believed($0) { try $0.read(UInt64.self) } } ?? 0
    }

    /// A redemption, nil if there is none with this id.
    public func redemption(_ id: UInt64) -> Redemption? {
        state.object(DepositKey.redemption(id)).map { believed($0, Redemption.init(from:)) }
    }

    /// A redemption, read without keeping it in memory.
    public func peekRedemption(_ id: UInt64) -> Redemption? {
        state.peekObject(DepositKey.redemption(id)).map { believed($0, Redemption.init(from:)) }
    }

    /// The last redemption that an account asked for, 0 if none; the ones before it are linked.
    public func lastRedemption(of owner: Address) -> UInt64 {
        state.object(DepositKey.lastRedemption(owner))
            .map { believed($0) { try $0.read(UInt64.self) } } ?? 0
    }

    /// When the next redemption returns by itself, in seconds; nil if none waits for its bank.
    public var nextDeadline: UInt64? { deadlines.first()?.deadline }

    // MARK: The owner

    /// Asks the bank for money.
    ///
    /// - Returns: the redemption's id.
    /// - Throws: ``Rejection/notThisBanksToken(_:)`` for a token that is no bank's,
    ///   ``Rejection/zeroAmount``, ``Rejection/erc20InsufficientBalance(sender:balance:needed:)``, then as
    ///   ``check(_:in:)``.
    public func redeem(
        _ amount: UInt128, of token: TokenID, by owner: Address, payout: Hash32
    ) throws(Rejection) -> UInt64 {
        guard isDeposit(token) else { throw .notThisBanksToken(address(of: token)) }
        guard amount > 0 else { throw .zeroAmount }
        let balance = balance(of: owner, in: token)
        guard balance >= amount else {
            throw .erc20InsufficientBalance(sender: owner, balance: balance, needed: amount)
        }
        try check(owner, in: token)
        return request(amount, of: token, by: owner, payout: payout, isAutomatic: false)
    }

    /// Takes tokens out of an owner's reach; everything was checked.
    @discardableResult
    func request(
        _ amount: UInt128, of token: TokenID, by owner: Address, payout: Hash32, isAutomatic: Bool
    ) -> UInt64 {
        let id = redemptionCount + 1
        let number = bytes { $0.write(id) }
        let redemption = Redemption(
            state: .requested, token: token, owner: owner, amount: amount, payout: payout,
            deadline: state.block.now + state.block.redemptionDeadline,
            previous: lastRedemption(of: owner))
        move(amount, of: token, from: owner, to: .banks)
        state.setObject(DepositKey.count, number)
        state.setObject(DepositKey.lastRedemption(owner), number)
        state.setObject(DepositKey.redemption(id), redemption.bytes)
        let timer = RedemptionTimer(deadline: redemption.deadline, id: id)
        state.setObject(DepositKey.deadline(timer), DepositKey.present)
        note(.deadline(id, nil))
        deadlines.set(timer)
        record(
            .requested(
                id, token: token, owner: owner, amount: amount, payout: payout,
                deadline: redemption.deadline, isAutomatic: isAutomatic))
        return id
    }

    // MARK: The bank

    /// The bank has sent the payment order, so that the redemption no longer returns by itself.
    ///
    /// - Throws: ``Rejection/unknownRedemption(_:)``, ``Rejection/wrongRedemptionState(_:_:)`` also for
    ///   one whose time is over.
    public func instruct(_ id: UInt64, message: Hash32) throws(Rejection) {
        var redemption = try redemption(id, in: [.requested])
        end(&redemption, id, .instructed)
        record(.instructed(id, message: message))
    }

    /// The money was paid: the tokens are destroyed.
    ///
    /// - Throws: as ``instruct(_:message:)``.
    public func settle(_ id: UInt64, reference: Hash32) throws(Rejection) {
        var redemption = try redemption(id, in: [.instructed])
        end(&redemption, id, .settled)
        change(redemption.token) { $0.supply -= redemption.amount }
        debit(redemption.token.balanceKey(.banks), redemption.amount)
        record(
            .settled(
                id, token: redemption.token, amount: redemption.amount, reference: reference))
    }

    /// The bank could not pay: the tokens go back, or are held for an account that the token refuses.
    ///
    /// - Parameters:
    ///   - id: which redemption.
    ///   - reason: why, for its event.
    ///   - account: to whom they go back; who asked, unless somebody stepped into its place.
    /// - Throws: as ``instruct(_:message:)``.
    public func reject(
        _ id: UInt64, reason: String, to account: Address? = nil
    ) throws(Rejection) {
        var redemption = try redemption(id, in: [.requested, .instructed])
        end(&redemption, id, .rejected)
        let account = account ?? redemption.owner
        let isHeld = giveBack(redemption, to: account)
        record(
            .rejected(
                id, token: redemption.token, owner: account, amount: redemption.amount,
                isHeld: isHeld, reason: reason))
    }

    // MARK: Time

    /// Gives back what no bank instructed in time, in the order of (deadline, id).
    ///
    /// - Parameters:
    ///   - now: the block's time, in seconds; a redemption returns at its deadline.
    ///   - limit: the most to return; the rest returns in the next block.
    ///   - receiver: to whom a redemption's tokens go back.
    /// - Returns: how many returned.
    @discardableResult
    public func returnRedemptions(
        upTo now: UInt64, limit: Int = .max,
        to receiver: (_ id: UInt64, Redemption) -> Address = { $1.owner }
    ) -> Int {
        var count = 0
        while count < limit, let timer = deadlines.first(), timer.deadline <= now {
            guard var redemption = redemption(timer.id) else {
                precondition(state.fault != nil, "redemption \(timer.id) is timed but not stored")
                break
            }
            end(&redemption, timer.id, .returned)
            let account = receiver(timer.id, redemption)
            let isHeld = giveBack(redemption, to: account)
            record(
                .returned(
                    timer.id, token: redemption.token, owner: account,
                    amount: redemption.amount, isHeld: isHeld))
            count += 1
        }
        return count
    }

    // MARK: States

    /// - Throws: ``Rejection/unknownRedemption(_:)``, ``Rejection/wrongRedemptionState(_:_:)``.
    private func redemption(
        _ id: UInt64, in states: [IBanks.Redemption]
    ) throws(Rejection) -> Redemption {
        guard let redemption = redemption(id) else { throw .unknownRedemption(id) }
        // More may be overdue than a block returns; none of them may be paid any more.
        if redemption.state == .requested, redemption.deadline <= state.block.now {
            throw .wrongRedemptionState(id, .returned)
        }
        guard states.contains(redemption.state) else {
            throw .wrongRedemptionState(id, redemption.state)
        }
        return redemption
    }

    /// Writes the next state of a redemption; one that leaves the first has no deadline any more.
    private func end(_ redemption: inout Redemption, _ id: UInt64, _ next: IBanks.Redemption) {
        if redemption.state == .requested {
            let timer = RedemptionTimer(deadline: redemption.deadline, id: id)
            state.setObject(DepositKey.deadline(timer), nil)
            note(.deadline(id, timer))
            deadlines.set(nil, of: id)
        }
        redemption.state = next
        state.setObject(DepositKey.redemption(id), redemption.bytes)
    }

    /// Gives the tokens back; this never sets off another redemption.
    /// - Returns: whether they are held, because the token refuses the account.
    private func giveBack(_ redemption: Redemption, to account: Address) -> Bool {
        do throws(Rejection) {
            try check(account, in: redemption.token)
        } catch {
            hold(redemption.amount, of: redemption.token, from: .banks, for: account)
            return true
        }
        move(redemption.amount, of: redemption.token, from: .banks, to: account)
        return false
    }
}
