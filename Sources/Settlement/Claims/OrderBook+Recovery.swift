import Ledger
import Tokens

extension OrderBook {
    /// Gives an account's claims on open orders to another key of the same holder, each in its place.
    ///
    /// Claims in a token that refuses either of them stay.
    ///
    /// - Parameters:
    ///   - from: who holds them.
    ///   - to: who is to hold them; somebody else.
    ///   - sender: who decided it, for the event.
    ///   - start: where to go on in the account's list of lines.
    ///   - limit: the most lines to look at.
    ///   - isMeant: of which tokens the orders may be.
    /// - Returns: where to go on, and how many lines are left.
    /// - Throws: ``Rejection/outOfGas(limit:)`` half way, after which the caller must roll back.
    public func moveClaims(
        from: Address, to: Address, by sender: Address, at start: UInt32, limit: UInt32,
        where isMeant: (TokenID) -> Bool
    ) throws(Rejection) -> (next: UInt32, left: UInt32) {
        let list = account(from).record.claims
        let end = start + min(limit, list.count - min(start, list.count))
        var position = start
        // Many lines of one order stand one behind another.
        var last: UInt64?
        try forEach(in: list, from: start, page: { OrderKey.claimPage(from, $0) }) {
            (entry) throws(Rejection) in
            guard position < end else { return false }
            position += 1
            try state.gas.charge(Gas.visit)
            if last != entry.order {
                last = entry.order
                try state.gas.charge(Gas.look)
                _ = try paid(entry.order, keeping: true, free: Gas.partsFreeListed)
            }
            try moveClaim(entry, from: from, to: to, by: sender, where: isMeant)
            return true
        }
        return (end, list.count - min(end, list.count))
    }

    private func moveClaim(
        _ entry: Account.Entry, from: Address, to: Address, by sender: Address,
        where isMeant: (TokenID) -> Bool
    ) throws(Rejection) {
        let units = units(of: from, entry)
        guard units > 0, let order = find(entry.order), isMeant(order.fixed.token) else { return }
        do throws(Rejection) {
            try tokens.check(from, in: order.fixed.token)
            try tokens.check(to, in: order.fixed.token)
        } catch {
            return
        }
        try state.gas.charge(Gas.payment + Gas.entry)
        willHold(to, order, line: entry.line)
        let index = Int(entry.line)
        willChangeHead(order)
        willChange(order, line: index)
        order.lines[index].setClaims(
            ClaimList.replacing(from, by: to, in: order.lines[index].open))
        record(
            .claimMoved(
                order: order.id, line: entry.line, by: sender, from: from, to: to, units: units))
    }
}
