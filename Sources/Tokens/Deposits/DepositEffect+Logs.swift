import Ledger

extension DepositEffect {
    /// The Ethereum logs that follow from it, in order: a token's Transfer, then what 0x…d105 says.
    public var logs: [Log] {
        switch self {
        case .issued(let token, let issues):
            let address = token.address
            return issues.flatMap { Self.issued($0, token: address) }
        case .requested(let id, let token, let owner, let amount, let payout, _, _):
            let address = token.address
            return [
                TokenLogs.transfer(amount, token: address, from: owner, to: .banks),
                Self.log(
                    .redemptionRequested, Hash32(0, 0, 0, id), Hash32(word: address),
                    Hash32(word: owner), data: Hash32(word: amount).bytes + payout.bytes),
            ]
        case .instructed(let id, let message):
            return [Self.log(.redemptionInstructed, Hash32(0, 0, 0, id), data: message.bytes)]
        case .settled(let id, let token, let amount, let reference):
            return [
                TokenLogs.transfer(amount, token: token.address, from: .banks, to: .zero),
                Self.log(.redemptionSettled, Hash32(0, 0, 0, id), data: reference.bytes),
            ]
        case .rejected(let id, let token, let owner, let amount, let isHeld, let reason):
            var text = ABIWriter(words: 1)
            text.write(string: reason)
            return Self.givenBack(amount, token: token.address, to: owner, isHeld) + [
                Self.log(.redemptionRejected, Hash32(0, 0, 0, id), data: text.finish())
            ]
        case .returned(let id, let token, let owner, let amount, let isHeld):
            return Self.givenBack(amount, token: token.address, to: owner, isHeld) + [
                Self.log(.redemptionReturned, Hash32(0, 0, 0, id), data: [])
            ]
        case .autoRedeemSet(let token, let account, let payout, let minimum):
            return [
                Self.log(
                    .autoRedeemSet, Hash32(word: account), Hash32(word: token.address),
                    data: payout.bytes + Hash32(word: minimum).bytes)
            ]
        case .converted(let account, let from, let to, let amount, let holder):
            return [
                TokenLogs.transfer(amount, token: from.address, from: account, to: holder),
                TokenLogs.transfer(amount, token: to.address, from: .zero, to: account),
                Self.log(
                    .converted, Hash32(word: account), Hash32(word: from.address),
                    Hash32(word: to.address), data: Hash32(word: amount).bytes),
            ]
        case .payoutTokenSet(let account, let token):
            return [
                Self.log(
                    .payoutTokenSet, Hash32(word: account),
                    Hash32(word: token?.address ?? .zero), data: [])
            ]
        }
    }

    /// New money goes to the customer, or to 0x…d102 where it is held for the customer.
    private static func issued(_ issue: Issue, token: Address) -> [Log] {
        var logs = [
            TokenLogs.transfer(
                issue.amount, token: token, from: .zero, to: issue.isHeld ? .orders : issue.to)
        ]
        if issue.isHeld {
            logs.append(TokenLogs.held(issue.amount, token: token, account: issue.to, order: 0))
        }
        logs.append(
            log(
                .issued, Hash32(word: token), Hash32(word: issue.to), issue.reference,
                data: Hash32(word: issue.amount).bytes))
        return logs
    }

    private static func givenBack(
        _ amount: UInt128, token: Address, to owner: Address, _ isHeld: Bool
    ) -> [Log] {
        guard isHeld else {
            return [TokenLogs.transfer(amount, token: token, from: .banks, to: owner)]
        }
        return [
            TokenLogs.transfer(amount, token: token, from: .banks, to: .orders),
            TokenLogs.held(amount, token: token, account: owner, order: 0),
        ]
    }

    private static func log(_ event: IBanks.Event, _ topics: Hash32..., data: [UInt8]) -> Log {
        Log(address: .banks, topics: [event.topic] + topics, data: data)
    }
}
