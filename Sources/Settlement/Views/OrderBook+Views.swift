import Ledger
import Tokens

extension OrderBook {
    /// The token in which an order settles, nil if there is no such order.
    public func token(of id: UInt64) -> TokenID? { look(id)?.fixed.token }

    /// An order with everything that belongs to it, nil if there is none.
    public func view(of id: UInt64) -> OrderView? {
        guard let order = look(id) else { return nil }
        let (summaries, _) = lineViews(of: order, 0..<order.lines.count)
        var children = order.children.elements
        if order.head.reimbursement != 0, !children.contains(order.head.reimbursement) {
            children.append(order.head.reimbursement)
        }
        return OrderView(
            id: id, summary: summary(of: order), token: order.fixed.token, level: order.head.level,
            lines: zip(summaries, order.lines).map { summary, line in
                OrderView.Line(summary: summary, claims: Array(line.open))
            }, gates: order.gates.map(Self.view), children: children,
            sources: order.sources.elements.map {
                OrderView.Source(order: $0.order, line: $0.line)
            },
            nextTimer: order.head.timer?.time)
    }

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
        let list = self.account(account).record.orders
        try? forEach(in: list, from: start, page: { OrderKey.orderPage(account, $0) }) { entry in
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
        IOrders.OrderView(
            status: order.head.status, token: tokens.address(of: order.fixed.token),
            buyer: order.fixed.buyer, proposer: order.fixed.proposer,
            arbiter: order.fixed.arbiter, openedAt: order.head.openedAt,
            dueAt: order.fixed.dueAt, document: order.fixed.document,
            templateId: order.fixed.template, price: order.fixed.price,
            funded: order.head.funded, refunded: order.head.refunded,
            outstanding: order.head.outstanding, guarantor: order.head.guarantor,
            guarantee: order.head.guarantee, reimbursement: order.head.reimbursement,
            lineCount: UInt16(order.lines.count), gateCount: UInt8(order.gates.count))
    }

    /// Lines as readers see them, and how often lines were looked at for what is theirs of the cash.
    func lineViews(
        of order: Order, _ range: Range<Int>
    ) -> (views: [IOrders.LineView], looks: Int) {
        var shares = ContiguousArray<UInt128>()
        var looks = 0
        _ = Allocation.share(
            order.head.cash, among: order.lines, tiers: order.tiers, into: &shares, looks: &looks)
        let views = range.map { index in
            let line = order.lines[index]
            return IOrders.LineView(
                tier: line.tier, payee: line.payee, amount: line.amount, voided: line.voided,
                paid: line.paid, allocated: shares[index], gate: line.gate)
        }
        return (views, looks)
    }

    static func view(of gate: Gate) -> IOrders.GateView {
        IOrders.GateView(
            terms: gate.terms, state: gate.state,
            said: gate.said.map { gate.terms.attestors[Int($0.attestor)] },
            shares: gate.said.map(\.bps), opensAt: gate.opensAt, dueAt: gate.dueAt,
            arbitrationEndsAt: gate.arbitrationEndsAt, bps: gate.bps, closedAt: gate.closedAt)
    }
}
