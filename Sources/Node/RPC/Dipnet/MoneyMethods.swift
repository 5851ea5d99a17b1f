import Execution
import Gateway
import JSON
import Ledger
import Tokens

/// Tokens and balances.
extension RPCMethods {
    mutating func addMoney(_ context: RPCContext) {
        offloaded("dip_tokens") { (request, writer) throws(RPCError) in
            let params = try request.params()
            let start = try params.start(0)
            let limit = try params.limit(1, absent: 100, most: 1_000)
            let (tokens, next) = context.tokenPage(from: start, limit: limit)
            writer.object { writer in
                writer.key("tokens")
                writer.array(of: tokens) { $0.write($1) }
                if let next { writer.member("next", number: next) }
            }
        }
        offloaded("dip_token") { (request, writer) throws(RPCError) in
            let address = try request.params().address(0, "address")
            let info = context.reading { machine in
                machine.tokens.find(address).map(machine.tokens.info)
            }
            if let info { writer.write(info) } else { writer.null() }
        }
        offloaded("dip_balances") { (request, writer) throws(RPCError) in
            try context.writeBalances(try request.params(), to: &writer)
        }
        offloaded("dip_balanceAt", isLong: true) { (request, writer) throws(RPCError) in
            let params = try request.params()
            let account = try params.address(0, "account")
            let token = try context.token(try params.address(1, "token")).id
            let key = token.balanceKey(account)
            let start = try params.find(3, "from").map { _ throws(RPCError) in
                try params.quantity64(3, "from")
            }
            let selector = try context.block(params, 2)
            writer.amount(try context.cell(key, selector, from: start).amount)
        }
        offloaded("dip_statement", isLong: true) { (request, writer) throws(RPCError) in
            try Statement(context, try request.params()).write(to: &writer)
        }
    }
}

extension RPCContext {
    /// The token at an address.
    ///
    /// - Throws: -32602 if there is none.
    func token(_ address: Address) throws(RPCError) -> TokenInfo {
        let info = reading { machine in machine.tokens.find(address).map(machine.tokens.info) }
        guard let info else {
            throw .invalidParams("token: no token answers at \(address); see dip_tokens")
        }
        return info
    }

    /// Tokens in the order of issue, DIP first, read in pieces.
    fileprivate func tokenPage(
        from start: UInt64, limit: Int
    ) -> (tokens: [TokenInfo], next: UInt64?) {
        let page = reading { $0.tokens.page(from: start, limit) }
        var infos: [TokenInfo] = []
        for first in stride(from: page.lowerBound, to: page.upperBound, by: Self.tokensAtOnce) {
            infos += reading { machine in
                page[first...].prefix(Self.tokensAtOnce).map {
                    machine.tokens.info(TokenID(rawValue: UInt32($0)))
                }
            }
        }
        let count = reading { UInt64($0.tokens.count) }
        return (infos, !page.isEmpty && page.upperBound <= count ? page.upperBound : nil)
    }

    /// What an account has of a token.
    private struct Holding {
        let id: TokenID
        private(set) var cell: Cell
        private(set) var held: UInt128

        init(_ number: UInt64, _ account: Address, _ machine: Machine) {
            id = TokenID(rawValue: UInt32(number))
            cell = machine.state.peek(id.balanceKey(account))
            held = machine.state.peek(id.heldKey(account)).amount
        }

        /// Whether there is anything to tell.
        var isSomething: Bool { id == .dip || cell.amount > 0 || cell.aux != 0 || held > 0 }

        /// Takes over what was changed since it was read, of which nothing can have left the memory.
        mutating func update(_ account: Address, _ machine: Machine) {
            cell = machine.state.peekInMemory(id.balanceKey(account)) ?? cell
            held = machine.state.peekInMemory(id.heldKey(account))?.amount ?? held
        }

        func write(_ token: TokenInfo, to writer: inout JSONWriter) {
            writer.object { writer in
                writer.member("token", address: token.address)
                writer.member("symbol", string: token.symbol)
                writer.member("decimals", number: token.decimals)
                writer.member("amount", amount: cell.amount)
                if held > 0 { writer.member("held", amount: held) }
                guard token.id != .dip else { return }
                if cell.aux & 1 != 0 { writer.member("frozen", bool: true) }
                if cell.aux & 2 != 0 { writer.member("allowed", bool: true) }
            }
        }
    }

    fileprivate func writeBalances(
        _ params: RPCParams, to writer: inout JSONWriter
    ) throws(RPCError) {
        let account = try params.address(0, "account")
        let start = try params.start(1)
        let limit = try params.limit(2, absent: 1_000, most: 10_000)
        // In pieces, so that blocks do not wait until an account was looked for on the disk in a thousand tokens.
        let page = reading { $0.tokens.page(from: start, limit) }
        var (since, holdings) = self.holdings(of: account, page)
        // What was changed meanwhile is in memory, unless it was also stored meanwhile: then all once more, and only
        // if that happens again and again without any pieces.
        for _ in 0..<2 where reading({ $0.state.heightWritten }) > since {
            (since, holdings) = self.holdings(of: account, page)
        }
        // Then all at once, so that all is of one block.
        let (block, nonce, payer, count) = reading { machine in
            if machine.state.heightWritten <= since {
                for index in holdings.indices { holdings[index].update(account, machine) }
            } else {
                holdings = page.map { Holding($0, account, machine) }
            }
            let cell = machine.state.peek(TokenID.dip.balanceKey(account))
            let payer = cell.namesFeePayer ? machine.fees.feePayer(of: account) : nil
            return (machine.tip.height, cell.nonce, payer, UInt64(machine.tokens.count))
        }
        holdings.removeAll { !$0.isSomething }
        // What is written of a token never changes.
        var tokens: [TokenInfo] = []
        for start in stride(from: 0, to: holdings.count, by: Self.tokensAtOnce) {
            tokens += reading { machine in
                holdings[start...].prefix(Self.tokensAtOnce).map { machine.tokens.info($0.id) }
            }
        }
        writer.object { writer in
            writer.member("account", address: account)
            writer.member("block", number: block)
            writer.member("nonce", number: nonce)
            if let payer { writer.member("feePayer", address: payer) }
            writer.key("balances")
            writer.array(of: holdings.indices) { holdings[$1].write(tokens[$1], to: &$0) }
            if page.upperBound <= count { writer.member("next", number: page.upperBound) }
        }
    }

    /// What an account has of a page of tokens, read in pieces, and the block from which on it may have changed.
    private func holdings(
        of account: Address, _ page: Range<UInt64>
    ) -> (since: UInt64, [Holding]) {
        let since = reading { $0.tip.height }
        var holdings: [Holding] = []
        holdings.reserveCapacity(page.count)
        for first in stride(from: page.lowerBound, to: page.upperBound, by: Self.tokensAtOnce) {
            holdings += reading { machine in
                page[first...].prefix(Self.tokensAtOnce).map { Holding($0, account, machine) }
            }
        }
        return (since, holdings)
    }

    /// How many tokens are looked up in before a block may be executed.
    private static let tokensAtOnce = 128
}

extension TokenLedger {
    /// The numbers of a page of tokens, 0 being DIP's; an empty range where there are none from `start` on.
    fileprivate func page(from start: UInt64, _ limit: Int) -> Range<UInt64> {
        let end = UInt64(count) + 1
        let first = min(start, end)
        return first..<min(first + UInt64(limit), end)
    }
}

extension JSONWriter {
    private static let controls: [(TokenControls, String)] = [
        (.mint, "mint"), (.burn, "burn"), (.pause, "pause"), (.freeze, "freeze"),
        (.clawback, "clawback"), (.allowList, "allowList"),
    ]

    /// Writes what there is to know of a token.
    fileprivate mutating func write(_ token: TokenInfo) {
        object { writer in
            writer.member("id", number: token.id.rawValue)
            writer.member("address", address: token.address)
            writer.member("name", string: token.name)
            writer.member("symbol", string: token.symbol)
            writer.member("decimals", number: token.decimals)
            writer.member("supply", amount: token.supply)
            if token.cap != 0 { writer.member("cap", amount: token.cap) }
            if token.issuer != .zero { writer.member("issuer", address: token.issuer) }
            writer.key("controls")
            writer.array(of: Self.controls.filter { token.controls.contains($0.0) }) {
                $0.string($1.1)
            }
            writer.member("paused", bool: token.isPaused)
            writer.member("uri", string: token.uri)
        }
    }
}
