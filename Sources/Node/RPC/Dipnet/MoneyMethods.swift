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
            let (tokens, next) = context.reading { $0.tokenPage(from: start, limit: limit) }
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

    /// What an account has of a token.
    private struct Holding {
        let token: TokenInfo
        let cell: Cell
        let held: UInt128

        init?(_ id: TokenID, _ account: Address, _ machine: Machine) {
            cell = machine.state.peek(id.balanceKey(account))
            held = machine.state.peek(id.heldKey(account)).amount
            guard id == .dip || cell.amount > 0 || cell.aux != 0 || held > 0 else { return nil }
            token = machine.tokens.info(id)
        }

        func write(to writer: inout JSONWriter) {
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
        let (nonce, payer, count) = reading { machine in
            let cell = machine.state.peek(TokenID.dip.balanceKey(account))
            let payer = cell.namesFeePayer ? machine.fees.feePayer(of: account) : nil
            return (cell.nonce, payer, machine.tokens.count)
        }
        let first = min(start, UInt64(count) + 1)
        let end = min(first + UInt64(limit), UInt64(count) + 1)
        var holdings: [Holding] = []
        var next = first
        // In pieces, so that blocks do not wait for an account to be looked up in a thousand tokens.
        while next < end {
            let piece = next..<min(next + 128, end)
            holdings += reading { machine in
                piece.compactMap {
                    Holding(TokenID(rawValue: UInt32($0)), account, machine)
                }
            }
            next = piece.upperBound
        }
        writer.object { writer in
            writer.member("account", address: account)
            writer.member("nonce", number: nonce)
            if let payer { writer.member("feePayer", address: payer) }
            writer.key("balances")
            writer.array(of: holdings) { $1.write(to: &$0) }
            if end < UInt64(count) + 1 { writer.member("next", number: end) }
        }
    }
}

extension Machine {
    /// Tokens in the order of issue, DIP first.
    fileprivate func tokenPage(
        from start: UInt64, limit: Int
    ) -> (tokens: [TokenInfo], next: UInt64?) {
        let count = UInt64(tokens.count) + 1
        guard start < count else { return ([], nil) }
        let end = min(count, start + UInt64(limit))
        let infos = (start..<end).map { tokens.info(TokenID(rawValue: UInt32($0))) }
        return (infos, end < count ? end : nil)
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
