import Execution
import Gateway
import JSON
import Ledger
import Settlement
import Tokens

/// Orders, the chain below one, and what an account has in them.
extension RPCMethods {
    mutating func addOrders(_ context: RPCContext) {
        offloaded("dip_order") { (request, writer) throws(RPCError) in
            let id = try request.params().quantity64(0, "id")
            guard let order = context.order(id) else { return writer.null() }
            order.write(to: &writer)
        }
        offloaded("dip_tree", isLong: true) { (request, writer) throws(RPCError) in
            let params = try request.params()
            let id = try params.quantity64(0, "id")
            let limit = try params.limit(1, absent: 1_000, most: 10_000)
            var tree = OrderTree(context, limit: limit)
            if !tree.write(id, to: &writer) { writer.null() }
        }
        offloaded("dip_ordersOf") { (request, writer) throws(RPCError) in
            try context.writeOrders(try request.params(), to: &writer)
        }
        offloaded("dip_claimsOf") { (request, writer) throws(RPCError) in
            try context.writeClaims(try request.params(), to: &writer)
        }
    }
}

extension RPCContext {
    /// An order as it stands, nil if there is none; blocks wait only until what is stored of it is read.
    func order(_ id: UInt64) -> OrderObject? {
        let read = reading { machine in
            machine.orders.reading(of: id).map { ($0, machine.tokens.info($0.token)) }
        }
        return read.map { OrderObject($0.0, $0.1) }
    }

    // MARK: Orders of an account

    fileprivate func writeOrders(
        _ params: RPCParams, to writer: inout JSONWriter
    ) throws(RPCError) {
        let account = try params.address(0, "account")
        let start = try params.start(1)
        let limit = try params.limit(2, absent: 100, most: 1_000)
        let ids = reading { $0.orders.orders(of: account, from: start, limit: limit + 1) }
        let page = ids.prefix(limit)
        var found: [OrderSummaryObject] = []
        var next = page.startIndex
        while next < page.endIndex {
            reading { machine in
                var parts = 0
                while next < page.endIndex, parts < Self.orderPartsAtOnce {
                    let id = page[next]
                    next += 1
                    guard let outline = machine.orders.outline(of: id) else { continue }
                    parts += outline.parts
                    found.append(
                        OrderSummaryObject(
                            outline: outline, token: machine.tokens.info(outline.token)))
                }
            }
        }
        writer.object { writer in
            writer.key("orders")
            writer.array(of: found) { writer, order in writer.object { order.write(to: &$0) } }
            if ids.count > limit { writer.member("next", number: start + UInt64(limit)) }
        }
    }

    // MARK: Claims of an account

    /// How many places of lists and parts of orders are looked at before a block may be executed.
    private static let orderPartsAtOnce = 4_096

    fileprivate func writeClaims(
        _ params: RPCParams, to writer: inout JSONWriter
    ) throws(RPCError) {
        let account = try params.address(0, "account")
        let start = try params.start(1)
        let limit = try params.limit(2, absent: 100, most: 1_000)
        var found = claims(of: account, from: start, atMost: limit)
        removeEarlier(from: &found, of: account, before: start)
        writer.object { writer in
            writer.key("claims")
            writer.array(of: found.claims) { writer, entry in
                guard let token = found.tokens[entry.token] else { return }
                writer.object { entry.write(token, to: &$0) }
            }
            if let next = found.next { writer.member("next", number: next) }
        }
    }

    /// A page of the claims of an account.
    private struct ClaimPage {
        var claims: [ListedClaim] = []
        /// The tokens of their orders, of which nothing is written that changes.
        var tokens: [TokenID: TokenInfo] = [:]
        /// The place of the account's list at which the next page begins; nil for none.
        var next: UInt32?
    }

    /// The claims from a place of an account's list on, each once, read in pieces.
    private func claims(
        of account: Address, from start: UInt64, atMost limit: Int
    ) -> ClaimPage {
        var page = ClaimPage()
        var seen: Set<UInt128> = []
        var parts = 0
        var next: UInt64? = start
        while let place = next {
            guard parts < limits.claimParts else {
                page.next = UInt32(place)
                return page
            }
            let read = reading { machine in
                // One more than is wanted, to know whether there is a next page.
                let read = machine.orders.claimPlaces(
                    of: account, from: place, limit: limit + 1 - page.claims.count,
                    parts: min(Self.orderPartsAtOnce, limits.claimParts - parts))
                for claim in read.claims where page.tokens[claim.token] == nil {
                    page.tokens[claim.token] = machine.tokens.info(claim.token)
                }
                return read
            }
            for claim in read.claims where seen.insert(claim.claim.id).inserted {
                guard page.claims.count < limit else {
                    page.next = claim.place
                    return page
                }
                page.claims.append(claim)
            }
            parts += read.parts
            next = read.next.map(UInt64.init)
        }
        return page
    }

    /// Takes claims away that stand at an earlier place, too: they were on an earlier page.
    private func removeEarlier(
        from page: inout ClaimPage, of account: Address, before start: UInt64
    ) {
        let end = min(UInt32(clamping: start), limits.claimPlaces)
        let wanted = Set(page.claims.map(\.claim.id))
        var earlier: Set<UInt128> = []
        for first in stride(from: 0, to: wanted.isEmpty ? 0 : end, by: Self.orderPartsAtOnce) {
            let last = min(first + UInt32(Self.orderPartsAtOnce), end)
            let ids = reading { $0.orders.claimIDs(of: account, at: first..<last) }
            for id in ids where wanted.contains(id) { earlier.insert(id) }
        }
        guard !earlier.isEmpty else { return }
        page.claims.removeAll { earlier.contains($0.claim.id) }
    }
}

extension ListedClaim {
    fileprivate func write(_ token: TokenInfo, to writer: inout JSONWriter) {
        writer.member("order", number: claim.order)
        writer.member("line", number: claim.line)
        writer.member("units", amount: claim.units)
        writer.member("token", address: token.address)
        writer.member("symbol", string: token.symbol)
        writer.member("decimals", number: token.decimals)
        writer.member("buyer", address: buyer)
        if dueAt != 0 { writer.member("dueAt", number: dueAt) }
        if gate != 0 { writer.member("gate", number: gate - 1) }
    }
}
