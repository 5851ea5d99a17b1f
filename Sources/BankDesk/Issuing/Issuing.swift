import GRDB
import Ledger
import Logging

/// Issues deposit tokens for money that came in: many payments in one transaction.
///
/// The ledger takes a payment's reference once. Where it refuses one as known, the desk looks what was issued
/// under it: the same amount to the same account is what it wanted, anything else is a person's.
struct Issuing: Sendable {
    let journal: Journal
    let ledger: any DeskLedger
    let settings: DeskSettings
    let points: FaultPoints
    let clock: DeskClock
    let log: Logger

    /// Makes calls of entries that are ready.
    ///
    /// - Returns: whether there were any.
    /// - Throws: ``DeskFault``.
    func choose() async throws(DeskFault) -> Bool {
        try takeBack()
        try await takeApart()
        let isThere = try journal.read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM entry WHERE state = 'ready')") ?? false
        }
        guard isThere else { return false }
        let limit = try await limit()
        let chosen: Int = try journal.write { db in
            var chosen = 0
            var left = limit.left
            // Enough for ten thousand payments; what is left comes in the next round.
            for _ in 0..<20 {
                let (count, sum) = try chooseOne(left, limit.perDay, db)
                chosen += count
                left -= min(left, sum)
                if count == 0 { break }
            }
            return chosen
        }
        if chosen > 0 { try points.reach(.issuesChosen) }
        return chosen > 0
    }

    /// Takes batches apart that wait for more than may be issued in a day, since that was lowered meanwhile, or for
    /// more gas than a block has.
    ///
    /// Nothing of what waits is under way. Their payments are chosen anew, each alone where it was for the gas.
    private func takeApart() async throws(DeskFault) {
        for (call, amounts) in try waitingBatches("OutOfGas") {
            try takeApart(call, amounts, alone: true, "takes more gas than a block has")
        }
        let batches = try waitingBatches("LimitExceeded")
        guard !batches.isEmpty else { return }
        let perDay = try await limit().perDay
        for (call, amounts) in batches {
            let (sum, isTooMuch) = amounts.reduce((UInt128(0), false)) { sum, amount in
                let (next, overflow) = sum.0.addingReportingOverflow(amount)
                return (next, sum.1 || overflow)
            }
            guard isTooMuch || sum > perDay else { continue }
            try takeApart(call, amounts, alone: false, "is above the day's limit")
        }
    }

    /// Calls that issue several payments and wait for a reason, by number, with the amounts.
    private func waitingBatches(
        _ refusal: String
    ) throws(DeskFault) -> [(call: Int64, amounts: [UInt128])] {
        let rows = try journal.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT entry.call, entry.amount FROM ledgerCall
                    JOIN entry ON entry.call = ledgerCall.id
                    WHERE ledgerCall.state = 'waiting' AND ledgerCall.purpose = 'issue'
                    AND ledgerCall.reason LIKE ?
                    """, arguments: ["\(refusal)%"])
        }
        var amounts: [Int64: [UInt128]] = [:]
        for row in rows {
            guard let amount = try? row.amount("amount") else { continue }
            amounts[row["call"], default: []].append(amount)
        }
        return amounts.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }
            .map { ($0.key, $0.value) }
    }

    private func takeApart(
        _ call: Int64, _ amounts: [UInt128], alone: Bool, _ why: String
    ) throws(DeskFault) {
        try journal.write { db in try Self.takeApart(call, alone: alone, in: db) }
        log.notice(
            "a batch of issues \(why) and is taken apart",
            metadata: ["call": "\(call)", "entries": "\(amounts.count)"])
    }

    /// Has the payments of a call that is not under way chosen anew.
    ///
    /// - Parameters:
    ///   - call: the call.
    ///   - alone: whether each goes into a call of its own.
    ///   - db: the transaction.
    /// - Throws: what SQLite does.
    static func takeApart(_ call: Int64, alone: Bool = false, in db: Database) throws {
        try db.execute(
            sql: """
                UPDATE ledgerCall SET state = 'refused'
                WHERE id = ? AND state IN ('ready', 'waiting')
                """, arguments: [call])
        guard db.changesCount == 1 else { return }
        try db.execute(
            sql: """
                UPDATE entry SET state = 'ready', call = NULL,
                    reason = CASE WHEN ? THEN 'alone' ELSE reason END
                WHERE call = ? AND state = 'issuing'
                """, arguments: [alone, call])
    }

    /// Takes calls back that wait and were made for an account that a customer had before: somebody else may have its
    /// key.
    private func takeBack() throws(DeskFault) {
        let calls: [Int64] = try journal.read { db in
            let areThere = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM customer WHERE movedBehind > 0)")
            guard areThere == true else { return [] }
            return try Int64.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT ledgerCall.id FROM ledgerCall
                    JOIN entry ON entry.call = ledgerCall.id
                    JOIN customer ON customer.id = entry.customer
                    WHERE ledgerCall.state IN ('ready', 'waiting') AND ledgerCall.purpose = 'issue'
                    AND ledgerCall.id <= customer.movedBehind
                    """)
        }
        for call in calls {
            try journal.write { db in try Self.takeApart(call, in: db) }
            log.notice(
                "an issue is made anew, since its customer has another account",
                metadata: ["call": "\(call)"])
        }
    }

    /// How much may be issued without the checker: in a day, and of it today.
    private func limit() async throws(DeskFault) -> (perDay: UInt128, left: UInt128) {
        let data = try await ledger.read(
            .banks,
            DeskCall.encoded(IBanks.Function.issueLimit, words: 1) { $0.write(settings.token) })
        var reader = ABIReader(data)
        guard let perDay = try? reader.amount(), let today = try? reader.amount() else {
            throw .wrongLedger("the ledger does not say how much the bank may issue in a day")
        }
        return (perDay, perDay - min(perDay, today))
    }

    // Makes one call of payments that together are within what is left today, or within a day's limit where the
    // first is above that: a call above it would wait for the checker for ever. A payment above both goes alone.
    private func chooseOne(
        _ left: UInt128, _ perDay: UInt128, _ db: Database
    ) throws -> (count: Int, sum: UInt128) {
        // Those that a batch was refused with go alone, so that one does not hold up the others.
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT entry.id, entry.amount, entry.ledgerReference, entry.reason, customer.address
                FROM entry JOIN customer ON customer.id = entry.customer
                WHERE entry.state = 'ready' ORDER BY entry.id LIMIT ?
                """, arguments: [settings.issuesPerTransaction])
        guard let first = rows.first else { return (0, 0) }
        let isAlone = { (row: Row) in row["reason"] as String? == "alone" }
        var sum = try first.amount("amount")
        let most = sum <= left ? left : perDay
        var batch = [first]
        for row in isAlone(first) ? [] : rows.dropFirst() where !isAlone(row) {
            let (total, isTooMuch) = sum.addingReportingOverflow(try row.amount("amount"))
            guard !isTooMuch, total <= most else { break }
            sum = total
            batch.append(row)
        }
        let data = DeskCall.issue(
            settings.token, try batch.map { try $0.address("address") },
            try batch.map { try $0.amount("amount") },
            try batch.map { try $0.hash("ledgerReference") })
        let call = try Journal.add(
            .issue, signer: settings.bank, target: .banks, data: data, at: clock.now(), in: db)
        let statement = try db.cachedStatement(
            sql: "UPDATE entry SET state = 'issuing', call = ? WHERE id = ?")
        for row in batch { try statement.execute(arguments: [call, row["id"] as Int64]) }
        return (batch.count, sum)
    }

    /// Notes what became of calls.
    ///
    /// - Returns: whether something became known.
    /// - Throws: ``DeskFault``.
    func conclude() async throws(DeskFault) -> Bool {
        var changed: Bool = try journal.write { db in
            try db.execute(
                sql: """
                    UPDATE entry SET state = 'issued', reason = NULL,
                        funding = CASE WHEN ledgerOrder IS NOT NULL AND EXISTS (
                            SELECT 1 FROM customer WHERE customer.id = entry.customer AND fundsOrders
                        ) THEN 'wanted' END
                    WHERE state = 'issuing' AND EXISTS (
                        SELECT 1 FROM ledgerCall
                        WHERE ledgerCall.id = entry.call AND ledgerCall.state = 'done')
                    """)
            return db.changesCount > 0
        }
        for (call, refusal) in try refused() {
            try await resolve(call, refusal)
            changed = true
        }
        return changed
    }

    private func refused() throws(DeskFault) -> [(Int64, LedgerRefusal)] {
        try journal.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT ledgerCall.id, ledgerCall.reason FROM entry
                    JOIN ledgerCall ON ledgerCall.id = entry.call
                    WHERE entry.state = 'issuing' AND ledgerCall.state = 'refused'
                    """
            ).map { ($0["id"], LedgerRefusal(text: $0["reason"] as String? ?? "")) }
        }
    }

    private func resolve(_ call: Int64, _ refusal: LedgerRefusal) async throws(DeskFault) {
        let entries = try journal.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT entry.id, entry.amount, entry.ledgerReference, customer.address
                    FROM entry JOIN customer ON customer.id = entry.customer WHERE entry.call = ?
                    """, arguments: [call]
            ).map { row in
                (
                    id: row["id"] as Int64, amount: try row.amount("amount"),
                    reference: try row.hash("ledgerReference"), to: try row.address("address")
                )
            }
        }
        let known =
            refusal.name == "DuplicateReference"
            ? entries.first { $0.reference == refusal.word } : nil
        let issued: (to: Address, amount: UInt128)? =
            if let known {
                try await ledger.issued(settings.token, under: known.reference)
            } else {
                nil
            }
        try journal.write { db in
            if let known, let issued {
                if issued.to == known.to && issued.amount == known.amount {
                    try db.execute(
                        sql: "UPDATE entry SET state = 'issued', reason = 'known' WHERE id = ?",
                        arguments: [known.id])
                } else {
                    try Journal.putAside(
                        known.id, .onLedger, "for another amount or account", at: clock.now(),
                        in: db)
                }
            } else if let known {
                // The node does not keep the block in which it was issued.
                try Journal.putAside(
                    known.id, .onLedger, "to whom and how much the node does not know any more",
                    at: clock.now(), in: db)
            } else if entries.count == 1 {
                try Journal.putAside(
                    entries[0].id, .ledgerRefused, refusal.name, at: clock.now(), in: db)
            }
            let isAlone = known == nil
            try db.execute(
                sql: """
                    UPDATE entry SET state = 'ready', call = NULL, reason = ?
                    WHERE call = ? AND state = 'issuing'
                    """, arguments: [isAlone ? "alone" : nil, call])
        }
        log.notice(
            "a batch of issues was refused and is taken apart",
            metadata: [
                "call": "\(call)", "refusal": "\(refusal.name)", "entries": "\(entries.count)",
            ])
    }
}
