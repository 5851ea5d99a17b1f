import Ledger
import Tokens

/// Looks through all orders for what must always hold: `docs/settlement-rules.md` §9.
///
/// Costly, since it reads every order: for tests after every step, for a node every so many blocks.
public struct Audit {
    private let book: OrderBook

    /// Audits a book.
    public init(_ book: OrderBook) { self.book = book }

    /// What does not hold of the orders themselves, each fault in one line; empty if all is well.
    public func orderFaults() -> [String] {
        book.count == 0 ? [] : orderFaults(in: 1...book.count)
    }

    /// Looks for what does not hold of some orders.
    ///
    /// - Parameter ids: orders that there are.
    /// - Returns: each fault in one line; empty if all is well.
    public func orderFaults(in ids: ClosedRange<UInt64>) -> [String] {
        let queued = book.queuedOrders
        var faults: [String] = []
        for id in ids {
            let order = book.known(id)
            for fault in self.faults(of: order, isQueued: queued.contains(order.id)) {
                faults.append("order \(order.id): \(fault)")
            }
        }
        return faults
    }

    /// Adds to `escrow` what some orders hold, by token: what was paid in and not out, and guarantees.
    ///
    /// With the payouts that are held back for payees it is the balance of 0x…d102.
    public func addEscrow(of ids: ClosedRange<UInt64>, to escrow: inout [TokenID: UInt128]) {
        for id in ids {
            let order = book.known(id)
            escrow[order.fixed.token, default: 0] += order.cashLeft + order.head.guarantee
        }
    }

    /// Looks for what does not add up in a token's money.
    ///
    /// - Parameters:
    ///   - token: the token.
    ///   - accounts: every account that may have some of it, contracts left out.
    /// - Returns: each fault in one line; empty if all is well.
    public func moneyFaults(in token: TokenID, accounts: some Sequence<Address>) -> [String] {
        var faults: [String] = []
        var sum: UInt128 = 0
        var held: UInt128 = 0
        for account in accounts {
            sum += book.tokens.balance(of: account, in: token)
            held += book.tokens.held(account, in: token)
        }
        for contract in 0xd100...0xd10f as ClosedRange<UInt16> {
            sum += book.tokens.balance(of: .contract(contract), in: token)
        }
        let supply = book.tokens.supply(of: token)
        if sum != supply { faults.append("balances are \(sum), the supply is \(supply)") }
        var escrow = held
        for id in 0..<book.count {
            let order = book.known(id + 1)
            guard order.fixed.token == token else { continue }
            escrow += order.cashLeft + order.head.guarantee
        }
        let balance = book.tokens.balance(of: .orders, in: token)
        if escrow != balance {
            faults.append("0x…d102 has \(balance), orders hold \(escrow)")
        }
        return faults
    }

    private func faults(of order: Order, isQueued: Bool) -> [String] {
        var faults: [String] = []
        func check(_ holds: Bool, _ fault: @autoclosure () -> String) {
            if !holds { faults.append(fault()) }
        }
        let head = order.head
        var price: UInt128 = 0
        var live: UInt128 = 0
        var paid: UInt128 = 0
        for (index, line) in order.lines.enumerated() {
            price += line.amount
            live += line.amount - line.voided
            paid += line.paid
            check(line.voided + line.paid <= line.amount, "line \(index) is overpaid")
            check(
                line.open.reduce(0) { $0 + $1.units } == line.unpaid,
                "line \(index): claims do not sum to what is unpaid")
            check(line.open.allSatisfy { $0.units > 0 }, "line \(index): an empty claim")
            check(line.open.count <= ClaimList.limit, "line \(index): too many claims")
            check(
                zip(line.open, line.open.dropFirst()).allSatisfy { $0.holder != $1.holder },
                "line \(index): neighbours of one holder")
            for claim in line.open {
                guard let id = claim.holder.orderID else { continue }
                let child = book.known(id)
                check(child.head.status == .open, "line \(index) is held by closed order \(id)")
                check(child.head.level > head.level, "level is not below that of \(id)")
                check(child.fixed.token == order.fixed.token, "line \(index): other token")
                check(
                    child.sources.elements.contains(
                        Order.Source(order: order.id, line: UInt16(index))),
                    "order \(id) does not know that it holds line \(index)")
                check(order.children.elements.contains(id), "does not know its child \(id)")
            }
        }
        check(price == order.fixed.price, "the price is not the sum of its lines")
        check(live == head.live && live - paid == head.unpaid, "sums are out of date")
        check(head.refunded <= head.funded, "more went back than came in")
        check(paid <= head.cash, "more was paid than came in")
        check(head.timer == order.nextTimer, "its timer is out of date")
        if head.reimbursement != 0 {
            let reimbursement = book.known(head.reimbursement)
            check(
                reimbursement.head.status != .open || reimbursement.head.level > head.level,
                "level is not below that of its reimbursement")
        }
        switch head.status {
        case .none: check(false, "has no status")
        case .proposed:
            check(head.funded == 0 && head.unpaid == price, "a proposal did something")
        case .open:
            check(isQueued || head.unpaid > 0, "is finished and open")
            check(isQueued || head.live >= head.cash, "keeps a surplus")
            let isSettled = order.gates.allSatisfy { $0.state == .met || $0.state == .failed }
            check(isQueued || !isSettled || paid == head.cash, "holds cash and waits for nothing")
        case .closed:
            check(head.unpaid == 0 && order.cashLeft == 0, "is closed and not empty")
            check(head.guarantee == 0, "is closed and keeps a lock")
        }
        return faults
    }
}

extension Order {
    /// What is in escrow.
    var cashLeft: UInt128 {
        head.cash - lines.reduce(0) { $0 + $1.paid }
    }
}
