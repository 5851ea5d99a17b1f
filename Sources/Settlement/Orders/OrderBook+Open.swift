import Ledger
import Tokens

extension OrderBook {
    /// Opens an order, or proposes one to its buyer.
    ///
    /// - Parameters:
    ///   - terms: what was agreed.
    ///   - template: the id of the template from which the terms come; zero for raw terms.
    ///   - by: the buyer, or a proposer.
    /// - Returns: the order's id.
    /// - Throws: ``Rejection/badTerms(_:)`` naming the field.
    @discardableResult
    public func open(
        _ terms: Terms, template: Hash32 = .zero, by: Address
    ) throws(Rejection) -> UInt64 {
        guard let token = tokens.find(terms.token) else { throw .badTerms("token") }
        let price = try terms.check(now: state.block.now) { tokens.find($0) != nil }
        let status: OrderStatus = by == terms.buyer ? .open : .proposed
        let order = insertOrder(
            terms, token: token, price: price, proposer: by, template: template, status: status)
        try becomesBinding(order)
        return order.id
    }

    /// Makes a proposal binding.
    ///
    /// - Throws: ``Rejection/unknownOrder(_:)``, ``Rejection/outOfGas(limit:)``, `wrongStatus`, `notParty`, `badTerms`.
    public func accept(order id: UInt64, by: Address) throws(Rejection) {
        // Its lines were paid for when it was made, but a batch that fails in the end undoes this and can be sent again.
        let order = try order(id, paying: .accepting) { order throws(Rejection) in
            try check(order, is: .proposed)
            guard order.fixed.buyer == by else { throw .notParty(by) }
        }
        try terms(of: order).check(now: state.block.now) { tokens.find($0) != nil }
        willChangeGates(order)
        order.head.status = .open
        order.head.openedAt = state.block.now
        record(.accepted(order: id, claims: order.lines.map(\.claims[0])))
        try becomesBinding(order)
    }

    /// Declines a proposal, which voids it.
    ///
    /// - Throws: ``Rejection/unknownOrder(_:)``, ``Rejection/outOfGas(limit:)``, `wrongStatus`, `notParty`.
    public func decline(order id: UInt64, by: Address) throws(Rejection) {
        let order = try order(id, paying: .declining) { order throws(Rejection) in
            try check(order, is: .proposed)
            guard order.fixed.buyer == by || order.fixed.proposer == by else {
                throw .notParty(by)
            }
        }
        willChangeHead(order)
        for index in order.lines.indices {
            willChange(order, line: index)
            noteVoided(order.lines[index].live, order, line: index)
            order.lines[index].setClaims([])
        }
        order.head.status = .closed
        record(.declined(order: id, by: by))
        record(.closed(order: id))
    }

    /// Adds an order to the book, with claims and all, and says so.
    func insertOrder(
        _ terms: Terms, token: TokenID, price: UInt128, proposer: Address,
        template: Hash32 = .zero, status: OrderStatus, level: UInt16 = 0
    ) -> Order {
        willChangeCounters()
        counters.orders += 1
        let order = Order(
            id: counters.orders,
            fixed: Order.Fixed(
                token: token, buyer: terms.buyer, proposer: proposer, arbiter: terms.arbiter,
                dueAt: terms.dueAt, document: terms.document, template: template, price: price),
            head: Order.Head(
                status: status, level: level, openedAt: state.block.now, live: price,
                unpaid: price),
            lines: ContiguousArray(terms.lines.map(Line.init)),
            gates: ContiguousArray(terms.gates.map(Gate.init)))
        insert(order)
        indexParties(of: order)
        record(
            .opened(
                order: order.id, token: token, buyer: terms.buyer, price: price,
                template: template, isProposal: status == .proposed,
                claims: order.lines.map(\.claims[0])))
        return order
    }

    /// An order that is new or was saved and is open now: gates that are open already are met.
    private func becomesBinding(_ order: Order) throws(Rejection) {
        guard order.head.status == .open, !order.gates.isEmpty else { return }
        try evaluateGates(of: order)
        retime(order)
    }

    /// What was agreed.
    func terms(of order: Order) -> Terms {
        Terms(
            token: tokens.address(of: order.fixed.token), buyer: order.fixed.buyer,
            arbiter: order.fixed.arbiter, dueAt: order.fixed.dueAt,
            document: order.fixed.document,
            lines: order.lines.map {
                Terms.Line(tier: $0.tier, payee: $0.payee, amount: $0.amount, gate: $0.gate)
            },
            gates: order.gates.map(\.terms))
    }
}
