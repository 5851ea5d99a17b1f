import Ledger

extension TokenLedger {
    /// The Ethereum logs that follow from an effect, in order.
    ///
    /// - Parameters:
    ///   - tag: 0x10 to 0x3f.
    ///   - payload: the effect's bytes, as this module recorded them.
    /// - Returns: one log or more.
    /// - Throws: ``DecodingFault`` for bytes that it did not.
    public static func logs(
        tag: UInt8, payload: ArraySlice<UInt8>
    ) throws(DecodingFault) -> [Log] {
        try TokenEffect(tag: tag, payload: payload).logs
    }
}

extension TokenEffect {
    /// The Ethereum logs that follow from it, in order.
    public var logs: [Log] {
        switch self {
        case .transfer(let token, let from, let to, let amount):
            [TokenLogs.transfer(amount, token: token.address, from: from, to: to)]
        case .batch(let token, let from, let payouts):
            TokenLogs.transfers(payouts, token: token.address, from: from)
        case .approval(let token, let owner, let spender, let value):
            [TokenLogs.approval(value, token: token.address, owner: owner, spender: spender)]
        case .created(let token, let issuer, let controls, let initialSupply, let symbol):
            TokenLogs.created(
                token.address, issuer: issuer, controls: controls, initialSupply: initialSupply,
                symbol: symbol)
        case .role(let token, let granted, let role, let account, let by):
            [TokenLogs.role(role, granted, token: token.address, account: account, by: by)]
        case .pause(let token, let isPaused, let by):
            [
                Log(
                    address: token.address,
                    topics: [isPaused ? IToken.Event.paused.topic : IToken.Event.unpaused.topic],
                    data: Hash32(word: by).bytes)
            ]
        case .freeze(let token, let account, let isFrozen, let by):
            [
                TokenLogs.flag(
                    IToken.Event.freezeSet.topic, isFrozen, token: token.address, account, by: by)
            ]
        case .allow(let token, let account, let isAllowed, let by):
            [
                TokenLogs.flag(
                    IToken.Event.allowSet.topic, isAllowed, token: token.address, account, by: by)
            ]
        case .clawback(let token, let from, let to, let fromBalance, let fromHeld, let reason):
            TokenLogs.clawback(
                token.address, from: from, to: to, fromBalance: fromBalance, fromHeld: fromHeld,
                reason: reason)
        case .heldReleased(let token, let account, let amount):
            [
                TokenLogs.transfer(amount, token: token.address, from: .orders, to: account),
                Log(
                    address: token.address,
                    topics: [IToken.Event.heldReleased.topic, Hash32(word: account)],
                    data: Hash32(word: amount).bytes),
            ]
        case .feeGrant(let from, let to, let limit, let expiry):
            [
                Log(
                    address: .dip,
                    topics: [IDip.Event.feeGranted.topic, Hash32(word: from), Hash32(word: to)],
                    data: Hash32(word: limit).bytes + Hash32(0, 0, 0, expiry).bytes)
            ]
        case .feePayer(let account, let payer):
            [
                Log(
                    address: .dip,
                    topics: [
                        IDip.Event.feePayerSet.topic, Hash32(word: account), Hash32(word: payer),
                    ],
                    data: [])
            ]
        case .fee(let payer, let amount):
            [TokenLogs.transfer(amount, token: .dip, from: payer, to: .treasury)]
        case .deposit(let effect): effect.logs
        }
    }
}
