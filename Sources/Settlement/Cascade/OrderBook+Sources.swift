import Ledger
import Tokens

/// Claims that an order holds of others.
extension OrderBook {
    /// Claims that a closing order still holds go in their place to the order that reimburses its guarantor,
    /// or behind all others to its buyer.
    func releaseSources(of order: Order, _ stepLimit: Int) -> Bool {
        let sources = order.sources.elements
        guard !sources.isEmpty else { return true }
        let paidFor = partsLeft
        // Whoever pledged has paid for one look at the order; a call that is refused can be made again and again.
        let looking = isBudgeted ? 0 : Self.partsPerLook
        var parts = 0
        // Once claims have moved, so that an order comes on however few steps there are.
        defer {
            progress.steps += min(sources.count, sourceLimit) / Self.looksPerStep
            count(parts: parts)
        }
        // What limits how many sources one visit lets go of leaves the heir out: however large that is, they come on.
        var heirParts = 0
        var reimbursement: Order?
        if order.head.reimbursement != 0 {
            guard let needed = needed(order.head.reimbursement, atMost: paidFor) else {
                parts = paidFor + 1
                return false
            }
            (reimbursement, heirParts) = needed
            parts = heirParts
        }
        for (position, source) in sources.enumerated() {
            guard position < sourceLimit, parts - heirParts <= sourcePartLimit else {
                // Those are done; the rest waits, so that no order is too dear to close.
                // Its head was saved.
                note(.sources(order, order.sources))
                order.sources.removeFirst(position)
                return false
            }
            guard
                let (parent, size) = needed(source.order, atMost: paidFor - parts, looking: looking)
            else {
                parts = paidFor + 1
                return false
            }
            parts += size
            let index = Int(source.line)
            let open = parent.lines[index].open
            guard open.contains(where: { $0.holder == order.address }) else { continue }
            guard progress.steps < stepLimit else { return false }
            progress.steps += 1
            let units = ClaimList.units(of: order.address, in: open)
            let heir: Address
            willChangeHead(parent)
            willChange(parent, line: index)
            if let reimbursement, reimbursement.head.status == .open {
                heir = reimbursement.address
                parent.lines[index].setClaims(
                    ClaimList.replacing(order.address, by: heir, in: open))
                willChangeHead(reimbursement)
                connect(parent, line: source.line, to: reimbursement)
            } else {
                heir = order.fixed.buyer
                willHold(heir, parent, line: source.line)
                parent.lines[index].setClaims(
                    ClaimList.demoting(order.address, to: heir, in: open))
            }
            record(
                .claimMoved(
                    order: parent.id, line: source.line, by: .orders, from: order.address,
                    to: heir, units: units))
        }
        return true
    }

    /// Notes that an order holds claims of a line; the heads of both were saved.
    func connect(_ parent: Order, line: UInt16, to child: Order) {
        let source = Order.Source(order: parent.id, line: line)
        if child.sources.add(source) { note(.source(child)) }
        if parent.children.add(child.id) { note(.child(parent)) }
    }
}
