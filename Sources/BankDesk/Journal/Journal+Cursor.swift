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

    /// Notes where the desk finds the bank's files, and where the bank finds the desk's.
    public func remember(inbox: String, outbox: String) throws(DeskFault) {
        guard try exchange() != (inbox, outbox) else { return }
        try write { db in
            try Self.set(cursor: "inbox", inbox, in: db)
            try Self.set(cursor: "outbox", outbox, in: db)
        }
    }

    /// Inbox and outbox of the desk that worked last; nil where none worked yet.
    public func exchange() throws(DeskFault) -> (inbox: String?, outbox: String?) {
        (try cursor("inbox"), try cursor("outbox"))
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
