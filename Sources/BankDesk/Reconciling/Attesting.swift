import GRDB
import Ledger

/// Puts each day's balance onto the ledger, where everybody sees it beside the supply.
struct Attesting: Sendable {
    let journal: Journal
    let ledger: any DeskLedger
    let settings: DeskSettings
    let points: FaultPoints
    let clock: DeskClock

    /// Makes a call for the newest statement that has none; older ones are passed over.
    ///
    /// - Returns: whether there was one.
    /// - Throws: ``DeskFault``.
    func choose() async throws(DeskFault) -> Bool {
        let isThere = try journal.read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM statement WHERE state = 'new')") ?? false
        }
        guard isThere else { return false }
        // The ledger takes nothing that is to come by its own clock.
        let time = try await ledger.facts().time
        let chosen: Bool = try journal.write { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM statement WHERE state = 'new' ORDER BY day DESC, id DESC")
            guard let newest = rows.first else { return false }
            let statement = try Journal.statement(newest)
            try db.execute(sql: "UPDATE statement SET state = 'passed' WHERE state = 'new'")
            let isNewest = try
                !(Bool.fetchOne(
                    db,
                    sql:
                        "SELECT EXISTS (SELECT 1 FROM statement WHERE state IN ('attesting', 'attested') AND day > ?)",
                    arguments: [statement.day]) ?? false)
            guard isNewest else { return true }
            guard statement.balance >= 0,
                newest["currency"] as String == settings.currency.description
            else {
                try Journal.open(
                    Case(
                        kind: .message, reason: "statement-not-attested",
                        text: "a closing balance is negative, or in another currency",
                        message: newest["message"]), at: clock.now(), in: db)
                return true
            }
            let call = try Journal.add(
                .attest, signer: settings.bank, target: .banks,
                data: DeskCall.attest(
                    settings.token, balance: UInt128(clamping: statement.balance),
                    statement: statement.hash,
                    asOf: min(EndOfDay.seconds(statement.day) ?? time, time)), at: clock.now(),
                in: db)
            try db.execute(
                sql: "UPDATE statement SET state = 'attesting', call = ? WHERE id = ?",
                arguments: [call, statement.id])
            return true
        }
        if chosen { try points.reach(.statementChosen) }
        return chosen
    }

    /// Notes what became of calls.
    ///
    /// - Returns: whether something became known.
    /// - Throws: ``DeskFault``.
    func conclude() throws(DeskFault) -> Bool {
        try journal.write { db in
            try db.execute(
                sql: """
                    UPDATE statement SET state = 'attested' WHERE state = 'attesting'
                    AND EXISTS (SELECT 1 FROM ledgerCall
                        WHERE ledgerCall.id = statement.call AND ledgerCall.state = 'done')
                    """)
            var changes = db.changesCount
            for row in try Row.fetchAll(
                db,
                sql: """
                    SELECT statement.id, message FROM statement
                    JOIN ledgerCall ON ledgerCall.id = call
                    WHERE statement.state = 'attesting' AND ledgerCall.state = 'refused'
                    """)
            {
                changes += 1
                try db.execute(
                    sql: "UPDATE statement SET state = 'refused' WHERE id = ?",
                    arguments: [row["id"] as Int64])
                try Journal.open(
                    Case(
                        kind: .message, reason: "statement-not-attested",
                        text: "the ledger refused the day's balance", message: row["message"]),
                    at: clock.now(), in: db)
            }
            return changes > 0
        }
    }
}
