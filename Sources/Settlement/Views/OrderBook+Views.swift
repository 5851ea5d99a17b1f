import Ledger
import Tokens

extension OrderBook {
    /// The token in which an order settles, nil if there is no such order.
    public func token(of id: UInt64) -> TokenID? { glance(id)?.order.fixed.token }

    /// An order with everything that belongs to it, nil if there is none.
    public func view(of id: UInt64) -> OrderView? { reading(of: id)?.view }

    /// Orders in which an account has or had a part: as buyer, proposer, payee, holder, attestor, arbiter or
    /// guarantor, in the order in which it got it.
    ///
    /// - Parameters:
    ///   - account: whose.
    ///   - start: how many to pass over.
    ///   - limit: the most to answer.
    /// - Returns: their ids.
    public func orders(of account: Address, from start: UInt64, limit: Int) -> [UInt64] {
        var found: [UInt64] = []
        guard limit > 0, let start = UInt32(exactly: start) else { return found }
        let list = peek(account: account).orders
        forEach(in: list, from: start, keeping: false, page: { OrderKey.orderPage(account, $0) }) {
            entry in
            found.append(entry.order)
            return found.count < limit
        }
        return found
    }

    /// The claims that an account holds on open orders, each line once, in no particular order.
    ///
    /// - Parameters:
    ///   - account: whose.
    ///   - start: how many to pass over.
    ///   - limit: the most to answer.
    ///   - charging: whether to charge the gas of looking at each entry of the account's list, and for the orders'
    ///     sizes.
    /// - Returns: the claims.
    /// - Throws: ``Rejection/outOfGas(limit:)`` only where charging.
    public func claims(
        of account: Address, from start: UInt64, limit: Int, charging: Bool = false
    ) throws(Rejection) -> [ClaimView] {
        var found: [ClaimView] = []
        var seen: Set<Account.Entry> = []
        var skip = start
        let list = self.account(account).record.claims
        // Many lines of one order stand one behind another.
        var last: Order?
        try forEach(in: list, page: { OrderKey.claimPage(account, $0) }) {
            (entry) throws(Rejection) in
            guard found.count < limit else { return false }
            if charging { try state.gas.charge(Gas.visit) }
            if last?.id != entry.order {
                if charging { try state.gas.charge(Gas.look) }
                last = charging ? try paid(entry.order, keeping: false) : look(entry.order)
            }
            guard let order = last else { return true }
            let units = units(of: account, line: entry.line, of: order)
            guard units > 0, seen.insert(entry).inserted else { return true }
            if skip > 0 {
                skip -= 1
            } else {
                found.append(ClaimView(order: entry.order, line: entry.line, units: units))
            }
            return true
        }
        return found
    }

    func summary(of order: Order) -> IOrders.OrderView {
        IOrders.OrderView(order, token: tokens.address(of: order.fixed.token))
    }
}
