import Ledger

/// What a client wants a transaction to do.
struct Wish {
    /// What the market must learn once it is done.
    enum Kind {
        case plain
        case newToken
        case order(buyer: Int, lines: [IOrders.Line])
        case proposal
        case vote(UInt64, bank: Int)
    }

    var kind = Kind.plain
    var to: Address
    var value: UInt128 = 0
    var data: [UInt8] = []
    var gas: UInt64 = 400_000

    /// Sends DIP.
    static func send(_ value: UInt128, to: Address) -> Wish {
        Wish(to: to, value: value, gas: 21_000)
    }

    /// Sends units of a token.
    static func send(_ amount: UInt128, of token: Address, to: Address) -> Wish {
        var writer = ABIWriter(selector: IToken.Function.transfer.rawValue, words: 2)
        writer.write(to)
        writer.write(uint: amount)
        return Wish(to: token, data: writer.finish())
    }

    /// Issues a token.
    static func issue(_ supply: UInt128) -> Wish {
        var writer = ABIWriter(selector: ITokens.Function.create.rawValue, words: 1)
        writer.write(
            ITokens.NewToken(
                name: "Simulated yuan", symbol: "SCNY", decimals: 2, cap: 0, initialSupply: supply,
                controls: 0, uri: ""))
        return Wish(kind: .newToken, to: .tokens, data: writer.finish(), gas: 600_000)
    }

    /// Opens an order that the client owes, with claims that it holds pledged to it.
    static func open(
        by buyer: Int, token: Address, lines: [IOrders.Line], gates: [IOrders.Gate],
        pledging pledges: [IOrders.Pledge]
    ) -> Wish {
        let terms = IOrders.Terms(
            token: token, buyer: Keys.clients[buyer].address, lines: lines, gates: gates)
        let function = pledges.isEmpty ? IOrders.Function.open : .openFrom
        var writer = ABIWriter(selector: function.rawValue, words: pledges.isEmpty ? 1 : 2)
        writer.write(terms)
        if !pledges.isEmpty { writer.write(array: pledges) }
        return Wish(
            kind: .order(buyer: buyer, lines: lines), to: .orders, data: writer.finish(),
            gas: 1_500_000)
    }

    /// Proposes a change of the banks.
    static func propose(_ change: IGovernance.Change, expiry: UInt64) -> Wish {
        let proposal = IGovernance.Proposal(change, from: 0)
        var writer = ABIWriter(selector: IGovernance.Function.propose.rawValue, words: 3)
        writer.write(change.kind)
        writer.write(bytes: proposal.data)
        writer.write(uint: UInt128(expiry))
        return Wish(kind: .proposal, to: .contract(0xd107), data: writer.finish(), gas: 1_000_000)
    }

    /// Votes for a proposal.
    static func vote(for proposal: UInt64, bank: Int) -> Wish {
        var writer = ABIWriter(selector: IGovernance.Function.vote.rawValue, words: 2)
        writer.write(uint: UInt128(proposal))
        writer.write(uint: 1)
        return Wish(
            kind: .vote(proposal, bank: bank), to: .contract(0xd107), data: writer.finish())
    }

    /// Pays into an order.
    static func fund(_ order: UInt64, _ amount: UInt128) -> Wish {
        var writer = ABIWriter(selector: IOrders.Function.fund.rawValue, words: 2)
        writer.write(uint: UInt128(order))
        writer.write(uint: amount)
        return Wish(to: .orders, data: writer.finish(), gas: 1_000_000)
    }
}
