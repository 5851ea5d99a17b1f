import Ledger
import Tokens

/// Deposit tokens, and what a bank does with its own.
extension BankRegistry {
    /// Makes a bank's token its deposit token in a currency.
    ///
    /// - Throws: ``Rejection/notBank(_:)``, ``Rejection/unknownToken(_:)``,
    ///   ``Rejection/notThisBanksToken(_:)`` unless the bank issued it, ``Rejection/badDepositToken(_:)``.
    func setDepositToken(
        _ address: Address, currency bytes: ArraySlice<UInt8>, by sender: Address
    ) throws(Rejection) {
        var acting = try bank(actingBy: sender)
        guard let token = tokens.find(address) else { throw .unknownToken(address) }
        let info = tokens.info(token)
        guard info.issuer == sender else { throw .notThisBanksToken(address) }
        guard let currency = CurrencyCode(bytes) else {
            throw .badDepositToken("currency: a code of ISO 4217 is wanted")
        }
        if let fault = Self.fault(of: info, in: currency) { throw .badDepositToken(fault) }
        guard tokens.isSoleAdmin(sender, of: token) else {
            throw .badDepositToken("roles: its admin's is somebody else's, or was given away once")
        }
        for other in acting.bank.tokens where deposit(other)?.currency == currency {
            throw .badDepositToken("the bank has a token in \(currency) already")
        }
        tokens.makeDeposit(token)
        set(DepositRecord(bank: acting.id, currency: currency), at: token)
        acting.bank.tokens.append(token)
        roll.set(acting.bank, at: acting.id)
        append(token)
        BankingEffect.depositTokenSet(token, bank: sender, currency: currency).record(in: state)
    }

    /// What keeps a token from being a deposit token, nil if nothing does.
    private static func fault(of token: TokenInfo, in currency: CurrencyCode) -> String? {
        let wanted: TokenControls = [.mint, .burn, .freeze, .clawback]
        if token.isDeposit { return "it is one already" }
        if token.supply > 0 { return "there is some of it already" }
        if !token.controls.isSuperset(of: wanted) {
            return "controls: mint, burn, freeze and clawback are needed"
        }
        if token.cap > 0 { return "cap: a deposit token has none" }
        if Int(token.decimals) != currency.decimals {
            return "decimals: \(currency) has \(currency.decimals)"
        }
        return nil
    }

    private func append(_ token: TokenID) {
        let before = state.object(BankingKey.tokens) ?? []
        var writer = ByteWriter(capacity: before.count + 4)
        writer.write(raw: before)
        writer.write(token.rawValue)
        state.setObject(BankingKey.tokens, writer.bytes)
    }

    /// Issues against payments that arrived; above the daily limit only what the checker approved.
    ///
    /// - Parameters:
    ///   - issues: all for one token.
    ///   - address: the token.
    ///   - call: the hash of the call's data.
    ///   - sender: the bank's operator.
    /// - Throws: ``Rejection/notBank(_:)``, ``Rejection/notThisBanksToken(_:)``, then as
    ///   ``TokenLedger/issue(_:of:)``, then ``Rejection/limitExceeded(perDay:issuedToday:wanted:)``; the
    ///   caller rolls back.
    func issue(
        _ issues: [Issue], of address: Address, call: Hash32, by sender: Address
    ) throws(Rejection) {
        let acting = try bank(actingBy: sender)
        var (token, deposit) = try deposit(at: address, of: acting.id)
        // First, so that a repeated call is told that it is one, whatever the limit says meanwhile.
        let wanted = try tokens.issue(issues, of: token)
        let isApproved = takeApproval(of: call, for: acting)
        let before = deposit.issued(onDayOf: state.block.now)
        let (sum, overflow) = before.addingReportingOverflow(wanted)
        guard !overflow, sum <= deposit.perDay || isApproved else {
            throw .limitExceeded(perDay: deposit.perDay, issuedToday: before, wanted: wanted)
        }
        deposit.add(wanted, at: state.block.now)
        set(deposit, at: token)
    }

    /// Sets how much may be issued a day without the checker; raising it takes the checker.
    ///
    /// - Throws: ``Rejection/notBank(_:)``, ``Rejection/notThisBanksToken(_:)``,
    ///   ``Rejection/notApproved(_:)``.
    func setIssueLimit(
        of address: Address, perDay: UInt128, call: Hash32, by sender: Address
    ) throws(Rejection) {
        let acting = try bank(actingBy: sender)
        var (token, deposit) = try deposit(at: address, of: acting.id)
        let isApproved = takeApproval(of: call, for: acting)
        guard perDay <= deposit.perDay || isApproved else { throw .notApproved(call) }
        deposit.perDay = perDay
        set(deposit, at: token)
        BankingEffect.issueLimitSet(token, perDay: perDay).record(in: state)
    }

    /// Says what the statement of the account behind a token says.
    ///
    /// - Throws: ``Rejection/notBank(_:)``, ``Rejection/notThisBanksToken(_:)``,
    ///   ``Rejection/badCalldata(_:)`` for a time to come, or before the last attestation's.
    func attestReserve(
        of address: Address, statementBalance: UInt128, statement: Hash32, asOf: UInt64,
        by sender: Address
    ) throws(Rejection) {
        let acting = try bank(endingBy: sender)
        let (token, _) = try deposit(at: address, of: acting.id)
        guard asOf <= state.block.now else { throw .badCalldata("asOf: it is to come") }
        if let last = reserve(of: token), asOf < last.asOf {
            throw .badCalldata("asOf: before the last attestation's, \(last.asOf)")
        }
        let attestation = ReserveAttestation(
            statementBalance: statementBalance, supply: tokens.supply(of: token),
            statement: statement, asOf: asOf, since: state.block.now)
        state.setObject(BankingKey.reserve(token), attestation.bytes)
        BankingEffect.reserveAttested(token, attestation).record(in: state)
    }

    /// Checks that a redemption is of a bank's token.
    ///
    /// - Throws: ``Rejection/notBank(_:)``, ``Rejection/unknownRedemption(_:)``,
    ///   ``Rejection/notThisBanksToken(_:)``.
    func checkRedemption(_ id: UInt64, by sender: Address) throws(Rejection) {
        let acting = try bank(endingBy: sender)
        guard let redemption = tokens.redemption(id) else { throw .unknownRedemption(id) }
        _ = try deposit(at: tokens.address(of: redemption.token), of: acting.id)
    }
}
