import GRDB
import Ledger

/// Payment files that are not written before a person has looked.
extension Instructing {
    /// Takes as instructed what the ledger will not have instructed again, since it has it so already under the desk's
    /// own name for the file.
    ///
    /// The journal was put back, and the node may keep no receipt of it any more. A later journal than this one may
    /// have written the file: a person has to look.
    ///
    /// - Parameter db: the transaction.
    /// - Returns: how many there were.
    /// - Throws: what SQLite throws.
    func takeOver(_ db: Database) throws -> Int {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT redemption.id, batch FROM redemption JOIN ledgerCall ON ledgerCall.id = call
                WHERE redemption.state = 'instructing' AND ledgerCall.state = 'refused'
                AND instructedIn IS NOT NULL
                """)
        for row in rows {
            try db.execute(
                sql: "UPDATE redemption SET state = 'instructed' WHERE id = ?",
                arguments: [row["id"] as Int64])
            try db.execute(
                sql: "UPDATE paymentBatch SET isDoubtful = 1 WHERE id = ?",
                arguments: [row["batch"] as Int64?])
        }
        return rows.count
    }

    /// Has redemptions that the ledger does not let the desk take in hand now chosen for another file, where others of
    /// their file are in hand: those cannot return by themselves any more, and must not wait for them.
    ///
    /// Not what the ledger has in hand already, as where the journal was put back: it has it under this file's name.
    func part() throws(DeskFault) {
        let latest = clock.now() - min(clock.now(), Self.together)
        try journal.write { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT redemption.id, ledgerCall.id AS call FROM paymentBatch
                    JOIN redemption ON batch = paymentBatch.id
                    JOIN ledgerCall ON ledgerCall.id = redemption.call
                    WHERE paymentBatch.state = 'instructing' AND paymentBatch.madeAt < ?
                    AND redemption.state = 'instructing' AND ledgerCall.state = 'waiting'
                    AND redemption.instructedIn IS NULL
                    AND EXISTS (SELECT 1 FROM redemption AS other WHERE other.batch = paymentBatch.id
                        AND other.state = 'instructed')
                    """, arguments: [Int64(latest)])
            for row in rows {
                try db.execute(
                    sql: """
                        UPDATE ledgerCall SET state = 'refused', reason = 'AnotherFile' WHERE id = ?
                        """,
                    arguments: [row["call"] as Int64])
                try db.execute(
                    sql: """
                        UPDATE redemption SET state = 'requested', batch = NULL, call = NULL,
                            customer = NULL WHERE id = ?
                        """, arguments: [row["id"] as Int64])
            }
        }
    }

    /// Seconds for which the redemptions of a file wait for one another.
    private static let together: UInt64 = 60

    /// Asks a person whether files were sent that waited for long, or of which the journal may not know it; and about
    /// those of which a payment has ended on the ledger meanwhile: somebody rejected it, for a court perhaps, and the
    /// owner has its tokens again.
    func hold(madeBefore earliest: UInt64) throws(DeskFault) {
        try journal.write { db in
            for row in try Row.fetchAll(
                db,
                sql: """
                    SELECT paymentBatch.id, messageId, isDoubtful, min(redemption.id) AS redemption,
                        min(iif(redemption.state = 'instructed', NULL, redemption.id)) AS ended
                    FROM paymentBatch JOIN redemption ON batch = paymentBatch.id
                    WHERE paymentBatch.state = 'composed' GROUP BY paymentBatch.id
                    HAVING madeAt < ? OR isDoubtful OR ended IS NOT NULL
                    """, arguments: [Int64(earliest)])
            {
                try db.execute(
                    sql: "UPDATE paymentBatch SET state = 'held' WHERE id = ?",
                    arguments: [row["id"] as Int64])
                let name: String = row["messageId"]
                let ended = (row["ended"] as Int64?).map { UInt64(bitPattern: $0) }
                let why =
                    if let ended {
                        "redemption \(ended) in it has ended on the ledger; released, it goes without that one"
                    } else if row["isDoubtful"] {
                        "the ledger has later transactions of the operator than the journal"
                    } else {
                        "it waited for more than an hour"
                    }
                try Journal.open(
                    Case(
                        kind: .redemption, reason: Case.held,
                        text: "was the payment file \(name) sent? \(why)",
                        redemption: UInt64(bitPattern: row["redemption"] as Int64)),
                    at: clock.now(), in: db)
            }
        }
    }

    /// Files that a person released, as they were not sent, and of which a payment has ended on the ledger since they
    /// were composed.
    func releasedWithEnded() throws(DeskFault) -> [(id: Int64, messageID: String, madeAt: UInt64)] {
        try journal.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, messageId, madeAt FROM paymentBatch WHERE state = 'released'
                    AND EXISTS (SELECT 1 FROM redemption WHERE batch = paymentBatch.id
                        AND redemption.state != 'instructed')
                    """
            ).map { ($0["id"], $0["messageId"], UInt64($0["madeAt"] as Int64)) }
        }
    }
}
