import Ledger
import Tokens

/// An order as it stands between two blocks: what it takes to read it, of which the rest is made while blocks go on.
///
/// An order can have 1,024 lines of 256 claims each, so that to decode it takes longer than a block may wait.
public struct OrderReading: Sendable {
    private enum Form: Sendable {
        /// It was in memory.
        case made(OrderView)
        /// As it is stored, with the claims that are objects of their own by line.
        case stored(OrderBook.StoredOrder, claims: [UInt16: [UInt8]], token: Address)
    }

    private let id: UInt64
    private let form: Form
    /// The token in which it settles.
    public let token: TokenID

    fileprivate init(_ order: Order, token address: Address) {
        id = order.id
        form = .made(OrderView(order, token: address))
        token = order.fixed.token
    }

    fileprivate init(
        _ order: Order, _ stored: OrderBook.StoredOrder, claims: [UInt16: [UInt8]],
        token address: Address
    ) {
        id = order.id
        form = .stored(stored, claims: claims, token: address)
        token = order.fixed.token
    }

    /// The order with everything that belongs to it.
    public var view: OrderView {
        switch form {
        case .made(let view): return view
        case .stored(let stored, let claims, let address):
            let order = believed {
                try Order(id: id, fixed: stored.fixed, changing: stored.changing) { claims[$0] }
            }
            guard let order else { preconditionFailure("no limit was set to order \(id)") }
            return OrderView(order, token: address)
        }
    }
}

extension OrderBook {
    /// What it takes to read an order, nil if there is none.
    public func reading(of id: UInt64) -> OrderReading? {
        guard let (order, isWhole) = glance(id) else { return nil }
        let token = tokens.address(of: order.fixed.token)
        if isWhole { return OrderReading(order, token: token) }
        guard let stored = records(of: id, keeping: false) else { return nil }
        var claims: [UInt16: [UInt8]] = [:]
        for index in order.lines.indices where order.lines[index].areClaimsApart {
            guard let bytes = claimsApart(of: id, line: UInt16(index)) else { return nil }
            claims[UInt16(index)] = bytes
        }
        return OrderReading(order, stored, claims: claims, token: token)
    }

    /// What lists say of an order, nil if there is none; its claims are not read.
    public func outline(of id: UInt64) -> OrderOutline? {
        glance(id).map { OrderOutline($0.order, token: tokens.address(of: $0.order.fixed.token)) }
    }

    /// The claims of a line that are an object of their own, as stored; nil only where the store failed.
    func claimsApart(of id: UInt64, line: UInt16) -> [UInt8]? {
        guard let bytes = state.peekObject(OrderKey.claims(id, line)) else {
            precondition(state.fault != nil, "claims of order \(id) are missing")
            return nil
        }
        return bytes
    }

    /// Lines as readers see them, and how often lines were looked at for what is theirs of the cash.
    static func lineViews(
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

extension IOrders.OrderView {
    /// What `IOrders.order` answers.
    init(_ order: Order, token: Address) {
        self.init(
            status: order.head.status, token: token,
            buyer: order.fixed.buyer, proposer: order.fixed.proposer,
            arbiter: order.fixed.arbiter, openedAt: order.head.openedAt,
            dueAt: order.fixed.dueAt, document: order.fixed.document,
            templateId: order.fixed.template, price: order.fixed.price,
            funded: order.head.funded, refunded: order.head.refunded,
            outstanding: order.head.outstanding, guarantor: order.head.guarantor,
            guarantee: order.head.guarantee, reimbursement: order.head.reimbursement,
            lineCount: UInt16(order.lines.count), gateCount: UInt8(order.gates.count))
    }
}

extension OrderOutline {
    init(_ order: Order, token address: Address) {
        var paid: UInt128 = 0
        // In place: to copy a line counts references.
        for index in order.lines.indices { paid += order.lines[index].paid }
        self.init(
            id: order.id, summary: IOrders.OrderView(order, token: address),
            token: order.fixed.token, level: order.head.level, paid: paid,
            nextTimer: order.head.timer?.time)
    }
}

extension OrderView {
    init(_ order: Order, token address: Address) {
        let (summaries, _) = OrderBook.lineViews(of: order, 0..<order.lines.count)
        var children = order.children.elements
        if order.head.reimbursement != 0, !children.contains(order.head.reimbursement) {
            children.append(order.head.reimbursement)
        }
        self.init(
            outline: OrderOutline(order, token: address),
            lines: zip(summaries, order.lines).map { summary, line in
                Line(summary: summary, claims: Array(line.open))
            }, gates: order.gates.map(OrderBook.view), children: children,
            sources: order.sources.elements.map { Source(order: $0.order, line: $0.line) })
    }
}
