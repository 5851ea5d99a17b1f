import Ledger
import Tokens

/// What anybody may ask of 0x…d105.
extension BankRegistry {
    /// Answers a view; the call itself is paid for.
    func view(
        _ function: IBanks.Function, _ reader: inout ABIReader
    ) throws(Rejection) -> [UInt8] {
        switch function {
        case .bank, .checker, .depositToken, .depositTokens:
            let account = try reader.address()
            try reader.finish()
            return view(function, of: account)
        case .approved:
            let account = try reader.address()
            let call = try reader.word()
            try reader.finish()
            guard let acting = try? bank(endingBy: account) else { return Self.word(false) }
            return Self.word(isApproved(call, for: acting))
        case .count:
            try reader.finish()
            return Self.word(UInt128(depositTokens.count))
        case .at:
            let index = try reader.word()
            try reader.finish()
            let tokens = depositTokens
            guard let number = index.number, number < UInt128(tokens.count) else {
                throw .badCalldata("index: below \(tokens.count) wanted")
            }
            return Self.word(self.tokens.address(of: tokens[Int(number)]))
        case .autoRedeem:
            let account = try reader.address()
            let token = tokens.find(try reader.address())
            try reader.finish()
            let wish = token.flatMap { tokens.autoRedemption(of: account, in: $0) }
            return (wish?.payout ?? .zero).bytes
        case .issueLimit, .reserve:
            let token = tokens.find(try reader.address())
            try reader.finish()
            return function == .reserve ? reserveView(of: token) : limitView(of: token)
        case .issuedAt:
            let token = tokens.find(try reader.address())
            let reference = try reader.word()
            try reader.finish()
            return Self.word(UInt128(token.flatMap { tokens.issued(reference, in: $0) } ?? 0))
        case .accepted:
            let token = tokens.find(try reader.address())
            try reader.finish()
            return acceptedView(for: token)
        case .acceptance:
            let token = tokens.find(try reader.address())
            let other = tokens.find(try reader.address())
            try reader.finish()
            return acceptanceView(of: other, for: token)
        case .payoutTokens:
            let account = try reader.address()
            try reader.finish()
            var writer = ABIWriter(words: 1)
            writer.write(array: tokens.payoutTokens(of: account).map { tokens.address(of: $0) })
            return writer.finish()
        case .redemption:
            let id: UInt64 = try reader.uint()
            try reader.finish()
            return redemptionView(id)
        default:
            let account = try reader.address()
            let from: UInt64 = try reader.uint()
            let count: UInt16 = try reader.uint()
            try reader.finish()
            return try redemptionsView(of: account, before: from, count: Int(count))
        }
    }

    private func view(_ function: IBanks.Function, of account: Address) -> [UInt8] {
        let record = record(operatedBy: account)
        var writer = ABIWriter(words: function == .depositToken ? 2 : 1)
        switch function {
        case .bank: writer.write(view(of: account))
        case .checker: writer.write(word: Hash32(word: record?.checker ?? .zero))
        case .depositToken:
            let token = record?.tokens.first
            writer.write(word: Hash32(word: token.map { tokens.address(of: $0) } ?? .zero))
            writer.write(fixedBytes: token.flatMap { deposit($0)?.currency.bytes } ?? [0, 0, 0])
        default: writer.write(array: record?.tokens.map { tokens.address(of: $0) } ?? [])
        }
        return writer.finish()
    }

    private func limitView(of token: TokenID?) -> [UInt8] {
        let deposit = token.flatMap { self.deposit($0) }
        var writer = ABIWriter(words: 2)
        writer.write(uint: deposit?.perDay ?? 0)
        writer.write(uint: deposit?.issued(onDayOf: state.block.now) ?? 0)
        return writer.finish()
    }

    private func reserveView(of token: TokenID?) -> [UInt8] {
        let reserve = token.flatMap { self.reserve(of: $0) }
        var writer = ABIWriter(words: 4)
        writer.write(uint: reserve?.statementBalance ?? 0)
        writer.write(uint: reserve?.supply ?? 0)
        writer.write(word: reserve?.statement ?? .zero)
        writer.write(uint: UInt128(reserve?.asOf ?? 0))
        return writer.finish()
    }

    /// What a bank takes at par for its token: which, the limits, and what it has in hand.
    private func acceptedView(for token: TokenID?) -> [UInt8] {
        let acceptances = token.map { self.acceptances(for: $0) } ?? []
        var writer = ABIWriter(words: 3)
        writer.write(array: acceptances.map { tokens.address(of: $0.other) })
        writer.write(array: acceptances.map(\.limit))
        writer.write(array: acceptances.map { inHand($0.other, for: token) })
        return writer.finish()
    }

    private func acceptanceView(of other: TokenID?, for token: TokenID?) -> [UInt8] {
        let limit = token.flatMap { own in
            other.flatMap { acceptance(of: $0, for: own) }?.limit
        }
        var writer = ABIWriter(words: 2)
        writer.write(uint: limit ?? 0)
        writer.write(uint: other.map { inHand($0, for: token) } ?? 0)
        return writer.finish()
    }

    /// What the operator of a token's bank has of another bank's.
    private func inHand(_ other: TokenID, for token: TokenID?) -> UInt128 {
        guard let token, let deposit = deposit(token), let bank = roll.bank(deposit.bank) else {
            return 0
        }
        return tokens.balance(of: bank.operator, in: other)
    }

    private func redemptionView(_ id: UInt64) -> [UInt8] {
        var writer = ABIWriter(words: 6)
        guard let redemption = tokens.redemption(id) else {
            for _ in 0..<6 { writer.write(word: .zero) }
            return writer.finish()
        }
        writer.write(redemption.state)
        writer.write(tokens.address(of: redemption.token))
        writer.write(redemption.owner)
        writer.write(redemption.amount)
        writer.write(redemption.payout)
        writer.write(redemption.deadline)
        return writer.finish()
    }

    /// Ids of an account's redemptions below `from`, newest first; from the newest on where it is 0.
    private func redemptionsView(
        of account: Address, before from: UInt64, count: Int
    ) throws(Rejection) -> [UInt8] {
        var ids: [UInt64] = []
        var next = tokens.lastRedemption(of: account)
        // A page goes on where the last one ended, without walking there.
        if from > 0, let last = tokens.redemption(from), last.owner == account {
            next = last.previous
        }
        while next > 0, ids.count < count {
            try state.gas.charge(Gas.look)
            if from == 0 || next < from { ids.append(next) }
            next = tokens.peekRedemption(next)?.previous ?? 0
        }
        var writer = ABIWriter(words: 1)
        writer.write(array: ids)
        return writer.finish()
    }

    private static func word<Value: ABICodable>(_ value: Value) -> [UInt8] {
        var writer = ABIWriter(words: 1)
        writer.write(value)
        return writer.finish()
    }
}
