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
    ///
    /// - Parameters:
    ///   - inbox: the folder; nil for the one in the desk's own, which goes wherever that is moved.
    ///   - outbox: the same.
    /// - Throws: ``DeskFault``, where the disk does not take it.
    public func remember(inbox: String?, outbox: String?) throws(DeskFault) {
        guard try exchange() != (inbox, outbox) else { return }
        try write { db in
            for (name, folder) in [("inbox", inbox), ("outbox", outbox)] {
                if let folder {
                    try Self.set(cursor: name, folder, in: db)
                } else {
                    try db.execute(sql: "DELETE FROM cursor WHERE name = ?", arguments: [name])
                }
            }
        }
    }

    /// Inbox and outbox of the desk that worked last; nil where they are in its own folder, or none worked yet.
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
