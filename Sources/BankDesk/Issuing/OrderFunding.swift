import GRDB
import Ledger

/// Pays orders with money that has just come in for them, for customers that want it, once for each payment.
struct OrderFunding: Sendable {
    let journal: Journal
    let ledger: any DeskLedger
    let settings: DeskSettings
    let points: FaultPoints
    let clock: DeskClock

    /// An entry whose money is for an order.
    private struct Wish {
        let entry: Int64
        let order: UInt64
        let amount: UInt128
        let buyer: Address
    }

    /// Makes calls for money that is on the ledger.
    ///
    /// - Returns: whether there was any.
    /// - Throws: ``DeskFault``.
    func choose() async throws(DeskFault) -> Bool {
        let wishes = try wishes()
        for wish in wishes {
            let facts = try await ledger.order(wish.order)
            let isPayable = facts?.token == settings.token && facts?.buyer == wish.buyer
            let amount = isPayable ? min(wish.amount, facts?.outstanding ?? 0) : 0
            try journal.write { db in
                // The money stays in the customer's account.
                guard amount > 0 else {
                    return try set(wish.entry, "not-payable", nil, db)
                }
                let call = try Journal.add(
                    .fund, signer: wish.buyer, target: .orders,
                    data: DeskCall.fund(wish.order, amount), at: clock.now(), in: db)
                try set(wish.entry, "funding", call, db)
            }
        }
        if !wishes.isEmpty { try points.reach(.fundingChosen) }
        return !wishes.isEmpty
    }

    /// Notes what became of calls.
    ///
    /// - Returns: whether something became known.
    /// - Throws: ``DeskFault``.
    func conclude() throws(DeskFault) -> Bool {
        try journal.write { db in
            var changes = 0
            let unknown = try Int64.fetchAll(
                db,
                sql: """
                    SELECT entry.id FROM entry JOIN ledgerCall ON ledgerCall.id = fundingCall
                    WHERE funding = 'funding' AND ledgerCall.state = 'refused'
                    AND ledgerCall.reason = ?
                    """, arguments: [LedgerRefusal.nonceTaken.text])
            for entry in unknown {
                try Journal.open(
                    Case(
                        kind: .entry, reason: "funding-unknown",
                        text: "another transaction of the buyer has the nonce of the one that paid "
                            + "the order: look whether it is paid", entry: entry),
                    at: clock.now(), in: db)
            }
            for (state, funding) in [("done", "funded"), ("refused", "refused")] {
                try db.execute(
                    sql: """
                        UPDATE entry SET funding = ? WHERE funding = 'funding'
                        AND EXISTS (SELECT 1 FROM ledgerCall
                            WHERE ledgerCall.id = entry.fundingCall AND ledgerCall.state = ?)
                        """, arguments: [funding, state])
                changes += db.changesCount
            }
            return changes > 0
        }
    }

    private func set(_ entry: Int64, _ funding: String, _ call: Int64?, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE entry SET funding = ?, fundingCall = ? WHERE id = ?",
            arguments: [funding, call, entry])
    }

    /// One for each order at a time: what is outstanding depends on what was paid before.
    private func wishes() throws(DeskFault) -> [Wish] {
        try journal.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT min(entry.id) AS id, ledgerOrder, amount, customer.address FROM entry
                    JOIN customer ON customer.id = entry.customer WHERE funding = 'wanted'
                    AND NOT EXISTS (SELECT 1 FROM entry AS other WHERE other.funding = 'funding'
                        AND other.ledgerOrder = entry.ledgerOrder)
                    GROUP BY ledgerOrder LIMIT 100
                    """
            ).compactMap { row in
                guard let order = UInt64(row["ledgerOrder"] as String) else { return nil }
                return Wish(
                    entry: row["id"], order: order, amount: try row.amount("amount"),
                    buyer: try row.address("address"))
            }
        }
    }
}
