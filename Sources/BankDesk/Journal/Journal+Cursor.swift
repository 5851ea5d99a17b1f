import GRDB

/// Small facts that are kept from one start to the next.
extension Journal {
    /// A cursor; nil where it was never set.
    func cursor(_ name: String) throws(DeskFault) -> String? {
        try read { db in
            try String.fetchOne(
                db, sql: "SELECT value FROM cursor WHERE name = ?", arguments: [name])
        }
    }

    /// Moves a cursor, within the transaction that does what lies before it.
    static func set(cursor name: String, _ value: String, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO cursor (name, value) VALUES (?, ?)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value
                """, arguments: [name, value])
    }

    /// Where following the ledger begins, if it has not begun.
    public func begin(at cursor: String) throws(DeskFault) {
        try write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO cursor (name, value) VALUES (?, ?)",
                arguments: [EventFollowing.cursor, cursor])
        }
    }
}
