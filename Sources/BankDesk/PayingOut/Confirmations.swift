import GRDB

/// Tells the ledger what became of payments: what left the account is settled, what the bank refused goes back.
struct Confirmations: Sendable {
    let journal: Journal
    let ledger: any DeskLedger
    let settings: DeskSettings
    let points: FaultPoints
    let clock: DeskClock

    /// States of a redemption before its payment order was written: what the bank says of it has to wait.
    static let early: Set = ["requested", "instructing", "instructed"]

    /// Matches what the bank told with redemptions.
    ///
    /// - Returns: whether there was anything that could be matched.
    /// - Throws: ``DeskFault``.
    func work() throws(DeskFault) -> Bool {
        let changes: Int = try journal.write { db in
            try each("SELECT * FROM status WHERE state = 'new'", db) { try take(status: $0, db) }
                + each("SELECT * FROM entry WHERE state = 'debit'", db) {
                    try take(debit: try journal.stored($0), db)
                }
        }
        if changes > 0 { try points.reach(.confirmationsMatched) }
        return changes > 0
    }

    /// Takes all rows, so many at a time: those of a file about which a person is asked may wait for days.
    ///
    /// - Returns: of how many the matter is decided.
    private func each(
        _ rows: String, _ db: Database, _ take: (Row) throws -> Bool
    ) throws -> Int {
        var changes = 0
        var last: Int64 = 0
        while true {
            let some = try Row.fetchAll(
                db, sql: "\(rows) AND id > ? ORDER BY id LIMIT 1000", arguments: [last])
            guard let end = some.last else { return changes }
            last = end["id"]
            for row in some { changes += try take(row) ? 1 : 0 }
        }
    }

    /// Opens a case about a redemption.
    func open(
        _ id: UInt64?, _ reason: String, _ text: String, message: Int64?, _ db: Database
    ) throws {
        try Journal.open(
            Case(
                kind: .redemption, reason: reason, text: text, message: message, redemption: id),
            at: clock.now(), in: db)
    }
}
