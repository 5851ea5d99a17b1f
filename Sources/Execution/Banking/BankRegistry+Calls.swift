import Ledger
import Tokens

/// The contract at 0x…d105.
extension BankRegistry {
    /// Carries out a call.
    ///
    /// - Returns: what it returns, ABI-encoded.
    /// - Throws: the ``Rejection`` that it met first, after which the caller rolls back.
    func call(_ call: Call) throws(Rejection) -> [UInt8] {
        guard let selector = call.selector else { throw .unknownSelector(0) }
        guard let function = IBanks.Function(rawValue: selector) else {
            throw .unknownSelector(selector)
        }
        var reader = ABIReader(call.arguments)
        try state.gas.charge(Gas.call)
        switch function {
        case .setBic, .setDepositToken, .setChecker, .approve, .setIssueLimit, .setOperator,
            .attestReserve:
            try administrate(function, call, &reader)
            return []
        case .issue, .issueBatch:
            try issue(function, call, &reader)
            return []
        case .redeem, .setAutoRedeem, .instruct, .settle, .reject:
            return try redeem(function, call, &reader)
        case .acceptAtPar, .setPayoutToken, .recover:
            return try betweenBanks(function, call, &reader)
        default: return try view(function, &reader)
        }
    }

    /// What sets up a bank and its tokens.
    private func administrate(
        _ function: IBanks.Function, _ call: Call, _ reader: inout ABIReader
    ) throws(Rejection) {
        let sender = call.sender
        let hash = Keccak256.hash(call.data)
        switch function {
        case .setBic:
            let bic = try reader.string()
            try reader.finish()
            try state.gas.charge(2 * Gas.newRecord)
            try setBIC(bic, call: hash, by: sender)
        case .setDepositToken:
            let token = try reader.address()
            let currency = try reader.fixedBytes(3)
            try reader.finish()
            try state.gas.charge(4 * Gas.newRecord)
            try setDepositToken(token, currency: currency, by: sender)
        case .setChecker:
            let checker = try reader.address()
            try reader.finish()
            try state.gas.charge(3 * Gas.newRecord)
            try setChecker(checker, call: hash, by: sender)
        case .approve:
            let approved = try reader.word()
            try reader.finish()
            try state.gas.charge(Gas.newRecord)
            try approve(approved, by: sender)
        case .setIssueLimit:
            let token = try reader.address()
            let perDay = try reader.amount()
            try reader.finish()
            try setIssueLimit(of: token, perDay: perDay, call: hash, by: sender)
        case .setOperator:
            let next = try reader.address()
            try reader.finish()
            try state.gas.charge(4 * Gas.newRecord)
            try setOperator(next, call: hash, by: sender)
        default:
            let token = try reader.address()
            let balance = try reader.amount()
            let statement = try reader.word()
            let asOf: UInt64 = try reader.uint()
            try reader.finish()
            try state.gas.charge(Gas.newRecord)
            try attestReserve(
                of: token, statementBalance: balance, statement: statement, asOf: asOf,
                by: sender)
        }
    }

    private func issue(
        _ function: IBanks.Function, _ call: Call, _ reader: inout ABIReader
    ) throws(Rejection) {
        let token = try reader.address()
        var issues: [Issue] = []
        if function == .issue {
            issues.append(
                Issue(
                    to: try reader.address(), amount: try reader.amount(),
                    reference: try reader.word()))
            try reader.finish()
        } else {
            let to = try reader.array(of: Address.self)
            let amounts = try reader.array(of: UInt128.self)
            let references = try reader.array(of: Hash32.self)
            try reader.finish()
            guard to.count == amounts.count else {
                throw .lengthMismatch(UInt64(to.count), UInt64(amounts.count))
            }
            guard to.count == references.count else {
                throw .lengthMismatch(UInt64(to.count), UInt64(references.count))
            }
            issues.reserveCapacity(to.count)
            for index in to.indices {
                issues.append(
                    Issue(to: to[index], amount: amounts[index], reference: references[index]))
            }
        }
        try state.gas.charge(UInt64(issues.count) * (Gas.newRecord + Gas.payment))
        try issue(issues, of: token, call: Keccak256.hash(call.data), by: call.sender)
    }

    /// The life of a redemption.
    private func redeem(
        _ function: IBanks.Function, _ call: Call, _ reader: inout ABIReader
    ) throws(Rejection) -> [UInt8] {
        switch function {
        case .redeem:
            let address = try reader.address()
            let amount = try reader.amount()
            let payout = try reader.word()
            try reader.finish()
            try state.gas.charge(3 * Gas.newRecord + Gas.payment)
            let token = try self.token(at: address)
            guard payout != .zero else { throw .badCalldata("payout: it names no account") }
            let id = try tokens.redeem(amount, of: token, by: call.sender, payout: payout)
            return Hash32(0, 0, 0, id).bytes
        case .setAutoRedeem:
            let address = try reader.address()
            let payout = try reader.word()
            let minimum = try reader.amount()
            try reader.finish()
            try state.gas.charge(Gas.newRecord)
            try tokens.setAutoRedemption(
                payout == .zero ? nil : AutoRedemption(payout: payout, minimum: minimum),
                of: call.sender, in: try self.token(at: address))
        case .instruct:
            let id: UInt64 = try reader.uint()
            let message = try reader.word()
            try reader.finish()
            try checkRedemption(id, by: call.sender)
            try tokens.instruct(id, message: message)
        case .settle:
            let id: UInt64 = try reader.uint()
            let reference = try reader.word()
            try reader.finish()
            try state.gas.charge(Gas.payment)
            try checkRedemption(id, by: call.sender)
            try tokens.settle(id, reference: reference)
        default:
            let id: UInt64 = try reader.uint()
            let reason = try reader.string()
            try reader.finish()
            guard reason.utf8.count <= TokenLedger.reasonBytesMax else {
                throw .badCalldata("reason: at most \(TokenLedger.reasonBytesMax) bytes")
            }
            try state.gas.charge(2 * Gas.payment)
            try checkRedemption(id, by: call.sender)
            let (account, lost) = roll.receiver(ofRedemption: id)
            try state.gas.charge(UInt64(lost) * Gas.look)
            try tokens.reject(id, reason: reason, to: account)
        }
        return []
    }

    /// What banks and their customers do so that money gets from one bank to another.
    private func betweenBanks(
        _ function: IBanks.Function, _ call: Call, _ reader: inout ABIReader
    ) throws(Rejection) -> [UInt8] {
        switch function {
        case .acceptAtPar:
            let other = try reader.address()
            let limit = try reader.amount()
            try reader.finish()
            try state.gas.charge(2 * Gas.newRecord)
            try acceptAtPar(
                other, limit: limit, call: Keccak256.hash(call.data), by: call.sender)
            return []
        case .setPayoutToken:
            let token = try reader.address()
            try reader.finish()
            try state.gas.charge(Gas.newRecord)
            try setPayoutToken(token, of: call.sender)
            return []
        default:
            let from = try reader.address()
            let to = try reader.address()
            let reason = try reader.word()
            try reader.finish()
            try state.gas.charge(2 * Gas.newRecord)
            let left = try recover(
                from: from, to: to, reason: reason, call: Keccak256.hash(call.data),
                by: call.sender)
            return Hash32(0, 0, 0, left).bytes
        }
    }

    private func token(at address: Address) throws(Rejection) -> TokenID {
        guard let token = tokens.find(address) else { throw .unknownToken(address) }
        return token
    }
}
