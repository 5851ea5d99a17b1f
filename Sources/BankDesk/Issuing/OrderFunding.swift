import GRDB
import ISO20022
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
            let obstacle = obstacle(facts, wish)
            let amount = obstacle == nil ? min(wish.amount, facts?.outstanding ?? 0) : 0
            try journal.write { db in
                // The money stays in the customer's account.
                if let obstacle {
                    try set(wish.entry, "not-payable", nil, db)
                    return try tell("order \(wish.order) \(obstacle); the money", wish.entry, db)
                }
                if amount < wish.amount {
                    let rest = Money(Amount(wish.amount - amount), settings.currency)
                    try tell(
                        "order \(wish.order) takes less than came in: \(rest.decimal) "
                            + "\(settings.currency) of it", wish.entry, db)
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

    /// Why an order cannot be paid from a customer's account; nil where it takes something.
    private func obstacle(_ facts: OrderFacts?, _ wish: Wish) -> String? {
        guard let facts else { return "is not there" }
        guard facts.token == settings.token else { return "is in another token" }
        guard facts.buyer == wish.buyer else { return "has another buyer" }
        guard facts.outstanding > 0 else {
            return "takes no money now: it is paid, closed, declined or not accepted yet"
        }
        return nil
    }

    private func tell(_ why: String, _ entry: Int64, _ db: Database) throws {
        try Journal.open(
            Case(
                kind: .entry, reason: Case.unpaid,
                text: "\(why) stays in the customer's account", entry: entry),
            at: clock.now(), in: db)
    }

    /// Notes what became of calls.
    ///
    /// - Returns: whether something became known.
    /// - Throws: ``DeskFault``.
    func conclude() throws(DeskFault) -> Bool {
        try journal.write { db in
            var changes = 0
            let refused = try Row.fetchAll(
                db,
                sql: """
                    SELECT entry.id, entry.ledgerOrder, ledgerCall.reason
                    FROM entry JOIN ledgerCall ON ledgerCall.id = fundingCall
                    WHERE funding = 'funding' AND ledgerCall.state = 'refused'
                    """)
            for row in refused {
                let refusal = LedgerRefusal(text: row["reason"] as String? ?? "")
                guard refusal == .nonceTaken else {
                    try tell(
                        "the ledger does not take it for order \(row["ledgerOrder"] as String) "
                            + "(\(refusal.name)); the money", row["id"], db)
                    continue
                }
                try Journal.open(
                    Case(
                        kind: .entry, reason: "funding-unknown",
                        text: "another transaction of the buyer has the nonce of the one that paid "
                            + "the order: look whether it is paid", entry: row["id"]),
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
