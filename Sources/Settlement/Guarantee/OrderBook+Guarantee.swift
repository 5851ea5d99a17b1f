import Ledger
import Tokens

extension OrderBook {
    /// Locks funds that stand in when the buyer misses the due date; a larger lock replaces a smaller one.
    ///
    /// - Throws: ``Rejection/unknownOrder(_:)``, `wrongStatus`, `noDueDate`, `zeroAmount`, `overfunded`,
    ///   `alreadyGuaranteed`, then the token's refusals.
    public func guarantee(
        order id: UInt64, amount: UInt128, by: Address
    ) throws(Rejection) {
        let order = try order(id)
        guard order.fixed.dueAt > state.block.now else { throw .noDueDate(id) }
        guard amount > 0 else { throw .zeroAmount }
        guard amount <= order.head.outstanding else {
            throw .overfunded(outstanding: order.head.outstanding)
        }
        guard order.head.guarantee < amount else {
            throw .alreadyGuaranteed(order.head.guarantor)
        }
        try checkPayment(amount, of: order.fixed.token, from: by)
        willChangeHead(order)
        tokens.move(amount, of: order.fixed.token, from: by, to: .orders)
        if order.head.guarantee > 0 { returnGuarantee(of: order) }
        order.head.guarantor = by
        order.head.guarantee = amount
        joined(by, order)
        record(
            .guaranteed(order: id, token: order.fixed.token, guarantor: by, amount: amount))
        retime(order)
    }

    /// Gives the whole lock back; the head was saved, and the caller works out the next timer.
    func returnGuarantee(of order: Order) {
        giveBackGuarantee(order.head.guarantee, of: order)
        order.head.guarantor = .zero
        order.head.guarantee = 0
    }

    private func giveBackGuarantee(_ amount: UInt128, of order: Order) {
        let isPaid = payOut(amount, of: order, to: order.head.guarantor, isReturn: true)
        record(
            .guaranteeReturned(
                order: order.id, token: order.fixed.token, guarantor: order.head.guarantor,
                amount: amount, isHeld: !isPaid))
    }

    /// The due date came: what is missing is drawn from the lock, the rest goes back, and the buyer owes the
    /// guarantor what was drawn.
    ///
    /// The order was saved; the caller sets off the cascade.
    func drawGuarantee(of order: Order) {
        let drawn = min(order.head.guarantee, order.head.outstanding)
        guard drawn > 0 else { return returnGuarantee(of: order) }
        let guarantor = order.head.guarantor
        let rest = order.head.guarantee - drawn
        if rest > 0 { giveBackGuarantee(rest, of: order) }
        order.head.guarantee = 0
        order.head.funded += drawn
        let terms = Terms(
            token: tokens.address(of: order.fixed.token), buyer: order.fixed.buyer,
            dueAt: state.block.now, document: order.fixed.document,
            lines: [Terms.Line(tier: 0, payee: guarantor, amount: drawn)])
        let reimbursement = insertOrder(
            terms, token: order.fixed.token, price: drawn, proposer: guarantor, status: .open,
            level: order.head.level + 1)
        order.head.reimbursement = reimbursement.id
        record(
            .guaranteeDrawn(
                order: order.id, guarantor: guarantor, amount: drawn,
                reimbursement: reimbursement.id))
    }
}
