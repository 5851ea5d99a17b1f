import GRDB
import Ledger

/// Finds what the bank's messages say of payments between banks, before anything else takes them for its own.
struct NettingMessages: Sendable {
    let journal: Journal
    let points: FaultPoints
    let clock: DeskClock

    /// Matches statuses and bookings with pairs.
    ///
    /// - Returns: whether there were any.
    /// - Throws: ``DeskFault``.
    func work() throws(DeskFault) -> Bool {
        let changes: Int = try journal.write { db in
            guard
                try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM netPair)") ?? false
            else { return 0 }
            return try statuses(db) + entries(db)
        }
        if changes > 0 { try points.reach(.netMatched) }
        return changes > 0
    }

    private func statuses(_ db: Database) throws -> Int {
        var changes = 0
        for row in try Row.fetchAll(
            db,
            sql: """
                SELECT status.*, netPair.id AS pair FROM status
                JOIN netPair ON messageId IN (originalMessage, endToEnd)
                WHERE status.state = 'new' ORDER BY status.id
                """)
        {
            let isPaid = row["outcome"] as String == "settled"
            if !isPaid, RefusalCode.duplicates.contains(row["reasonCode"]) {
                try tellTwice(row["pair"], row["reasonCode"], message: row["message"], db)
            } else {
                try note(
                    row["pair"], isPaid ? .paid : .refused, reason: row["reasonCode"],
                    message: row["message"], db)
            }
            try db.execute(
                sql: "UPDATE status SET state = 'done' WHERE id = ?",
                arguments: [row["id"] as Int64])
            changes += 1
        }
        return changes
    }

    /// After a kill the same file may be written twice, of which the first one is paid: nothing may go back.
    private func tellTwice(
        _ id: Int64, _ code: String, message: Int64, _ db: Database
    ) throws {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM netPair WHERE id = ?", arguments: [id])
        else { return }
        let text = "the payment is known already (\(code)); the desk waits for what became of it"
        try Self.open(try NetPair(row), text, message: message, at: clock.now(), db)
    }

    private func entries(_ db: Database) throws -> Int {
        var changes = 0
        for state in ["new", "debit"] {
            var last: Int64 = 0
            // So many at a time, since one message may have brought a hundred thousand.
            while true {
                let entries = try Row.fetchAll(
                    db,
                    sql: "SELECT * FROM entry WHERE state = ? AND id > ? ORDER BY id LIMIT 500",
                    arguments: [state, last]
                ).map(journal.stored)
                guard let end = entries.last else { break }
                last = end.id
                for entry in entries { changes += try match(entry, db) ? 1 : 0 }
            }
        }
        return changes
    }

    /// - Returns: whether it is a payment between banks.
    private func match(_ entry: Journal.StoredEntry, _ db: Database) throws -> Bool {
        guard let name = entry.details.pairName,
            let found = try Row.fetchOne(
                db, sql: "SELECT * FROM netPair WHERE messageId = ?", arguments: [name])
        else { return false }
        let pair = try NetPair(found)
        guard entry.amount == (entry.isCredit ? pair.toReceive : pair.toPay) else {
            try Journal.putAside(entry.id, .otherAmount, at: clock.now(), in: db)
            return true
        }
        let before = try Row.fetchOne(
            db, sql: "SELECT source, reference FROM entry WHERE pair = ? AND state = 'netted'",
            arguments: [pair.id])
        if let before {
            // Without references the same booking in two kinds of messages looks like two.
            let isSame =
                (entry.reference == nil || before["reference"] == nil)
                && before["source"] as String != entry.source
            guard isSame else {
                try Journal.putAside(entry.id, .paidTwice, at: clock.now(), in: db)
                return true
            }
        }
        try db.execute(
            sql: "UPDATE entry SET state = ?, pair = ? WHERE id = ?",
            arguments: [before == nil ? "netted" : "superseded", pair.id, entry.id])
        try note(pair.id, .paid, reason: nil, message: entry.message, db)
        return true
    }

    /// Has bookings matched again that came before the desk knew of their pair, and so named nobody.
    ///
    /// - Parameters:
    ///   - pair: the name of the pair that the desk knows of from now on.
    ///   - db: the transaction in which it is made.
    /// - Throws: what SQLite and the cipher do.
    func recall(_ pair: String, _ db: Database) throws {
        let rows = try Row.fetchAll(
            db, sql: "SELECT * FROM entry WHERE state = 'aside' AND reason IN (?, ?, ?)",
            arguments: [
                EntryDoubt.unknownPayer.rawValue, EntryDoubt.unknownDebit.rawValue,
                EntryDoubt.noReference.rawValue,
            ])
        for entry in try rows.map(journal.stored)
        where entry.details.pairName == pair {
            try db.execute(
                sql: "UPDATE entry SET state = ?, reason = NULL WHERE id = ?",
                arguments: [entry.isCredit ? "new" : "debit", entry.id])
            try db.execute(
                sql: """
                    UPDATE deskCase SET state = 'closed', decision = ?, closedAt = ?
                    WHERE entry = ? AND state = 'open'
                    """,
                arguments: ["a payment between banks: \(pair)", Int64(clock.now()), entry.id])
        }
    }

    /// Keeps what a message said first; what contradicts it, or comes when all is over, is a person's.
    private func note(
        _ id: Int64, _ evidence: NetPair.Evidence, reason: String?, message: Int64, _ db: Database
    ) throws {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM netPair WHERE id = ?", arguments: [id])
        else { return }
        let pair = try NetPair(row)
        let isUnwound = pair.state == .unwinding || pair.state == .unwound
        guard pair.evidence ?? evidence == evidence, evidence == .refused || !isUnwound else {
            return try Self.open(
                pair, Self.contradiction, message: message, at: clock.now(), db)
        }
        try db.execute(
            sql: "UPDATE netPair SET evidence = ?, reason = ifnull(reason, ?) WHERE id = ?",
            arguments: [evidence.rawValue, evidence == .refused ? reason : nil, id])
    }

    private static let contradiction =
        "the bank's messages contradict what became of a payment between banks"

    /// Lays something before a person.
    static func open(
        _ pair: NetPair, _ text: String, message: Int64?, at time: UInt64, _ db: Database
    ) throws {
        // A case is known by what it is about: one of the pair's redemptions.
        let id = try Int64.fetchOne(
            db,
            sql: """
                SELECT min(id) FROM (SELECT id FROM redemption WHERE pair = ?1
                    UNION ALL SELECT id FROM netClaim WHERE pair = ?1)
                """, arguments: [pair.id])
        try Journal.open(
            Case(
                kind: .redemption, reason: "netting", text: "\(pair.messageID): \(text)",
                message: message, redemption: id.map { UInt64(bitPattern: $0) }), at: time, in: db)
    }
}
