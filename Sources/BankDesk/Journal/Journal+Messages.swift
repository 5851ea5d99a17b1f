import GRDB
import Ledger

/// Messages that were taken from the inbox.
extension Journal {
    /// A message as the journal has it.
    public struct Message: Sendable, Equatable {
        /// Its number.
        public var id: Int64
        /// SHA-256 of its bytes.
        public var hash: Hash32
        /// The file's name in the inbox.
        public var name: String
        /// Its kind, `camt.054`; nil where it was not understood.
        public var kind: String?
        /// What its sender calls it.
        public var messageID: String?
        /// How far it has come: `taken`, `read`, `filed`, `quarantined`, `refused`.
        public var state: String
        /// Why it is in quarantine.
        public var reason: String?
        /// The same in a sentence.
        public var text: String?
        /// Whether a person wants it to be read although it seemed wrong.
        public var isReleased: Bool
    }

    /// Notes that a message is in the spool; nothing for one that was taken before.
    ///
    /// - Returns: whether it is new.
    func take(
        _ hash: Hash32, name: String, bytes: Int, at time: UInt64
    ) throws(DeskFault) -> Bool {
        try write { db in
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO message (hash, name, state, bytes, takenAt)
                    VALUES (?, ?, 'taken', ?, ?)
                    """,
                arguments: [
                    hash.hex, DatabaseBytes(try cipher.seal(name, .fileName)), bytes, Int64(time),
                ])
            return db.changesCount == 1
        }
    }

    /// Messages in a state, the oldest first.
    public func messages(in state: String) throws(DeskFault) -> [Message] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM message WHERE state = ? ORDER BY id", arguments: [state]
            ).map(message)
        }
    }

    /// A message by its hash.
    public func message(_ hash: Hash32) throws(DeskFault) -> Message? {
        try read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM message WHERE hash = ?", arguments: [hash.hex]
            ).map(message)
        }
    }

    /// Notes that a message's file is where it belongs.
    func filed(_ id: Int64) throws(DeskFault) {
        try write { db in
            try db.execute(
                sql: "UPDATE message SET state = 'filed' WHERE id = ? AND state = 'read'",
                arguments: [id])
        }
    }

    /// Puts a message into quarantine.
    func quarantine(
        _ id: Int64, reason: String, text: String, at time: UInt64
    ) throws(DeskFault) {
        try write { db in
            try db.execute(
                sql: "UPDATE message SET state = 'quarantined', reason = ?, text = ? WHERE id = ?",
                arguments: [reason, text, id])
            try Self.open(
                Case(kind: .message, reason: reason, text: text, message: id), at: time, in: db)
        }
    }

    /// Has a message read that is in quarantine without its file, since the file has come again.
    func takeAgain(_ id: Int64, at time: UInt64) throws(DeskFault) {
        try write { db in
            try db.execute(
                sql: "UPDATE message SET state = 'taken' WHERE id = ? AND state = 'quarantined'",
                arguments: [id])
            try db.execute(
                sql: """
                    UPDATE deskCase SET state = 'closed', decision = 'it came again', closedAt = ?
                    WHERE kind = 'message' AND message = ? AND state = 'open'
                    """, arguments: [Int64(time), id])
        }
    }

    private func message(_ row: Row) throws -> Message {
        Message(
            id: row["id"], hash: try row.hash("hash"),
            name: try cipher.text(row.bytes("name"), .fileName), kind: row["kind"],
            messageID: row["messageId"], state: row["state"], reason: row["reason"],
            text: row["text"],
            isReleased: row["isReleased"])
    }
}
