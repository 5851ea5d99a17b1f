import Ledger
import Tokens

/// One debt in a set-off, and how much of it is cancelled.
public struct SetOffEntry: Hashable, Sendable {
    /// An open account.
    public let order: UInt64
    /// At most what is outstanding, more than 0.
    public let amount: UInt128

    /// Makes an entry.
    public init(order: UInt64, amount: UInt128) {
        self.order = order
        self.amount = amount
    }
}

extension OrderBook {
    /// Cancels debts around circles against each other, without money: `docs/settlement-rules.md` §7.
    ///
    /// - Throws: for each entry in turn ``Rejection/unknownOrder(_:)``, `wrongStatus`, `duplicateEntry`,
    ///   `notOpenAccount`, `notDue`, `noConsent`, `tokenMismatch`, `zeroAmount`, `overfunded`; then
    ///   `unbalanced`.
    public func setOff(_ entries: [SetOffEntry]) throws(Rejection) {
        // What is overdue of one may pay another, so all of it comes before any is looked at.
        for entry in entries {
            guard let order = try paid(entry.order, keeping: true) else { continue }
            try fireOverdueTimers(of: order)
        }
        var seen: Set<UInt64> = []
        var balances = SetOffBalances()
        var accounts: [(order: Order, amount: UInt128)] = []
        accounts.reserveCapacity(entries.count)
        for entry in entries {
            guard let order = find(entry.order) else { throw .unknownOrder(entry.order) }
            try check(order, is: .open)
            guard seen.insert(entry.order).inserted else { throw .duplicateEntry(entry.order) }
            guard let holder = holderOfOpenAccount(order) else {
                throw .notOpenAccount(entry.order)
            }
            guard order.fixed.dueAt > 0, order.fixed.dueAt <= state.block.now else {
                throw .notDue(entry.order)
            }
            for account in [order.fixed.buyer, holder] where !consents(account) {
                throw .noConsent(account)
            }
            if let first = accounts.first?.order, first.fixed.token != order.fixed.token {
                throw .tokenMismatch(
                    tokens.address(of: first.fixed.token), tokens.address(of: order.fixed.token))
            }
            guard entry.amount > 0 else { throw .zeroAmount }
            guard entry.amount <= order.head.outstanding else {
                throw .overfunded(outstanding: order.head.outstanding)
            }
            balances.add(entry.amount, owedBy: order.fixed.buyer, to: holder)
            accounts.append((order, entry.amount))
        }
        if let (account, owes, owed) = balances.firstUnbalanced {
            throw .unbalanced(account, owes: owes, owed: owed)
        }
        for (order, amount) in accounts {
            willChangeHead(order)
            willChange(order, line: 0)
            let holder = order.lines[0].open[order.lines[0].front].holder
            order.head.funded += amount
            order.head.unpaid -= amount
            order.lines[0].paid += amount
            order.lines[0].setClaims(
                ClaimList.removing(amount, from: holder, in: order.lines[0].open))
            record(.setOff(order: order.id, holder: holder, amount: amount))
            pending.insert(order)
        }
        cascade()
    }

    /// Who an order is owed to, if it is an open account: one line, nothing to wait for, one claim, held by
    /// an account.
    private func holderOfOpenAccount(_ order: Order) -> Address? {
        guard order.lines.count == 1, order.isPayable(order.lines[0]),
            order.lines[0].open.count == 1, let claim = order.lines[0].open.first,
            claim.holder.orderID == nil
        else { return nil }
        return claim.holder
    }
}

/// What each account owes and is owed in a set-off.
///
/// Sums may pass 2^128, so each carries its overflows.
private struct SetOffBalances {
    private struct Balance {
        let account: Address
        var owes = Sum()
        var owed = Sum()
    }

    private struct Sum: Hashable {
        var high = 0
        var low: UInt128 = 0

        mutating func add(_ amount: UInt128) {
            let (sum, overflow) = low.addingReportingOverflow(amount)
            low = sum
            if overflow { high += 1 }
        }

        /// The sum, or the largest amount where it is beyond.
        var capped: UInt128 { high > 0 ? .max : low }
    }

    /// In the order in which accounts are named first.
    private var balances: [Balance] = []
    private var index: [Address: Int] = [:]

    mutating func add(_ amount: UInt128, owedBy buyer: Address, to holder: Address) {
        balances[place(of: buyer)].owes.add(amount)
        balances[place(of: holder)].owed.add(amount)
    }

    private mutating func place(of account: Address) -> Int {
        if let place = index[account] { return place }
        index[account] = balances.count
        balances.append(Balance(account: account))
        return balances.count - 1
    }

    var firstUnbalanced: (account: Address, owes: UInt128, owed: UInt128)? {
        guard let balance = balances.first(where: { $0.owes != $0.owed }) else { return nil }
        return (balance.account, balance.owes.capped, balance.owed.capped)
    }
}
