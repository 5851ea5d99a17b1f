import Ledger
import Settlement
import Tokens

/// A customer that lost its key gets what it had under a new one, by a decision of two of its bank's keys.
extension BankRegistry {
    /// How many lines of orders a call looks at for claims.
    static let recoveryPage: UInt32 = 1_000

    /// Moves what a customer has in the bank's tokens, its claims, and its wishes, to another key of it, where also
    /// goes what comes back of the redemptions that it asked for.
    ///
    /// The first call needs the checker; the same call goes on where the one before ended, until nothing is
    /// left, unless the new key was lost meanwhile. Claims on orders in other tokens than the bank's move only if the customer itself had chosen the
    /// bank, by a payout token or automatic redemption: an attestation alone gives no bank other banks' money.
    ///
    /// - Parameters:
    ///   - from: the lost key's account.
    ///   - to: the new one's.
    ///   - reason: the hash of the papers, said in the event.
    ///   - call: the hash of the call's data.
    ///   - sender: the bank's operator.
    /// - Returns: how many lines are yet to be looked at for claims.
    /// - Throws: ``Rejection/notBank(_:)``, ``Rejection/badCalldata(_:)`` where both are the same account, or nobody
    ///   can have the key of `to`,
    ///   ``Rejection/notAttested(_:)`` and ``Rejection/attestedByOther(_:bank:)`` of either,
    ///   ``Rejection/badCalldata(_:)`` where they are not the same entity, what the bank's tokens refuse to
    ///   either (a frozen account is not recovered, nor what a bank took at par), ``Rejection/notApproved(_:)``.
    func recover(
        from: Address, to: Address, reason: Hash32, call: Hash32, by sender: Address
    ) throws(Rejection) -> UInt64 {
        let acting = try bank(actingBy: sender)
        guard from != to else { throw .badCalldata("to: it is the same account") }
        // An attestation of before may name a token.
        guard !tokens.isKeyless(to) else {
            throw .badCalldata("to: nobody can have the key of \(to)")
        }
        guard try customer(from, of: sender) == customer(to, of: sender) else {
            throw .badCalldata("to: it is attested under other identifiers")
        }
        for token in acting.bank.tokens {
            try tokens.checkPaying(from, in: token)
            try tokens.check(to, in: token)
        }
        let key = BankingKey.recovery(acting.id, from)
        let isApproved = takeApproval(of: call, for: acting)
        var recovery = state.object(key).map { bytes in believed { try Recovery(decoding: bytes) } }
        // Whoever has lost the new key since gets nothing by a decision of before.
        let isLost = roll.following(of: to, by: acting.id) != nil
        if isLost || recovery?.to != to || recovery?.reason != reason {
            guard isApproved else { throw .notApproved(call) }
            recovery = Recovery(
                to: to, reason: reason, isChosen: hasChosen(from, acting.bank.tokens))
        }
        guard var recovery else { throw .notApproved(call) }
        for token in acting.bank.tokens {
            try state.gas.charge(2 * Gas.payment)
            tokens.takeBackAll(of: token, from: from, to: to, reason: reason)
        }
        if roll.follow(from: from, to: to, by: acting.id) {
            try state.gas.charge(2 * Gas.newRecord)
        }
        try moveWishes(from: from, to: to, acting.bank.tokens)
        let own = acting.bank.tokens
        let isChosen = recovery.isChosen
        let (next, left) = try orders.moveClaims(
            from: from, to: to, by: sender, at: recovery.position, limit: Self.recoveryPage
        ) { isChosen || own.contains($0) }
        recovery.position = next
        state.setObject(key, left > 0 ? recovery.bytes : nil)
        BankingEffect.recovered(from: from, to: to, reason: reason, left: UInt64(left))
            .record(in: state)
        return UInt64(left)
    }

    /// By what an account is known that a bank attests as a legal entity.
    private func customer(
        _ account: Address, of sender: Address
    ) throws(Rejection) -> [String] {
        guard let stored = entities.stored(account), stored.isActive else {
            throw .notAttested(account)
        }
        let by = governance.bankSet[id: stored.bank]?.operator ?? stored.account
        guard by == sender else { throw .attestedByOther(account, bank: by) }
        return [stored.entity.lei?.word.hex ?? "", stored.entity.creditCode?.text ?? ""]
    }

    /// Whether an account itself has said that the bank of some tokens is its bank.
    private func hasChosen(_ account: Address, _ own: [TokenID]) -> Bool {
        let wanted = tokens.payoutTokens(of: account)
        return own.contains {
            wanted.contains($0) || tokens.autoRedemption(of: account, in: $0) != nil
        }
    }

    /// Moves what an account wants done with payouts in a bank's tokens; what the new one wants stays.
    private func moveWishes(
        from: Address, to: Address, _ own: [TokenID]
    ) throws(Rejection) {
        for token in own {
            guard let wish = tokens.autoRedemption(of: from, in: token) else { continue }
            try state.gas.charge(2 * Gas.newRecord)
            try tokens.setAutoRedemption(nil, of: from, in: token)
            guard tokens.autoRedemption(of: to, in: token) == nil else { continue }
            try tokens.setAutoRedemption(wish, of: to, in: token)
        }
        let wanted = tokens.payoutTokens(of: from)
        for token in wanted where own.contains(token) {
            try state.gas.charge(2 * Gas.newRecord)
            let rest = tokens.payoutTokens(of: from).filter { $0 != token }
            tokens.setPayoutTokens(rest, of: from, changed: rest.last)
            let currency = deposit(token)?.currency
            let has = tokens.payoutTokens(of: to)
            guard !has.contains(where: { deposit($0)?.currency == currency }),
                has.count < TokenLedger.payoutTokensMax
            else { continue }
            tokens.setPayoutTokens(has + [token], of: to, changed: token)
        }
    }
}

/// A recovery that is not finished.
struct Recovery: Hashable {
    let to: Address
    let reason: Hash32
    /// Whether the customer itself had chosen the bank.
    let isChosen: Bool
    /// Where to go on in the customer's list of lines.
    var position: UInt32 = 0

    init(to: Address, reason: Hash32, isChosen: Bool) {
        self.to = to
        self.reason = reason
        self.isChosen = isChosen
    }

    /// The canonical bytes, 57; `docs/formats/state.md`.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 57)
        writer.write(to)
        writer.write(reason)
        writer.write(byte: isChosen ? 1 : 0)
        writer.write(position)
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        to = try reader.readAddress()
        reason = try reader.readHash()
        isChosen = try reader.read(UInt8.self) == 1
        position = try reader.read()
        try reader.finish()
    }
}
