import GRDB
import Ledger

/// Something that a person has to decide.
public struct Case: Sendable, Equatable {
    /// What it is about.
    public enum Kind: String, Sendable {
        /// A message that could not be read.
        case message
        /// A movement of the bank's account.
        case entry
        /// A redemption.
        case redemption
        /// A payment that came back between banks.
        case paymentReturn = "return"
    }

    /// The reason of a payment file of which a person has to know whether it was sent.
    static let held = "payment-held"
    /// The reason of a customer's own payment of which nobody can tell whether it was made; `place` is its number.
    static let submitted = "payment-unknown"
    /// The reason of money for an order that did not take it, or not all of it: it is the customer's on the ledger.
    static let unpaid = "order-unpaid"
    /// The reason of a payment file that cannot be written.
    static let unwritable = "payment-file"

    /// Its number; 0 before the journal has it.
    public var id: Int64 = 0
    /// What it is about.
    public var kind: Kind
    /// Why, in one word: the raw value of an ``EntryDoubt``, or a fault's code.
    public var reason: String
    /// Why, in a sentence without anything personal.
    public var text: String
    /// The message it came in.
    public var message: Int64?
    /// The entry.
    public var entry: Int64?
    /// The redemption.
    public var redemption: UInt64?
    /// What tells matters apart that have no number: the place in the message, or a file's inode.
    public var place: Int64?
    /// What is personal of it, which the journal seals.
    public var details: String?
    /// What a person decided; nil while it is open.
    public var decision: String?
    /// When it was opened, seconds since 1970.
    public var openedAt: UInt64 = 0
    /// SHA-256 of the message in which it was told, after which the message's file is named.
    public var file: Hash32?

    /// Whether it is about a payment file, which its redemption is in.
    var isOfFile: Bool { kind == .redemption && [Self.held, Self.unwritable].contains(reason) }
}

extension Journal {
    /// Opens a case, within the transaction that puts aside what it is about; one case a matter, reason and text.
    ///
    /// - Parameters:
    ///   - new: the case; one with details needs a cipher.
    ///   - cipher: seals the details.
    ///   - time: seconds since 1970.
    ///   - db: the transaction.
    /// - Throws: what SQLite and the cipher do.
    static func open(
        _ new: Case, sealing cipher: FieldCipher? = nil, at time: UInt64, in db: Database
    ) throws {
        let details = try new.details.flatMap { try cipher?.seal($0, .caseDetails) }
        try db.execute(
            sql: """
                INSERT INTO deskCase (kind, message, entry, redemption, place, reason, text, details,
                    state, openedAt)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'open', ?9 WHERE NOT EXISTS (
                    SELECT 1 FROM deskCase WHERE state = 'open' AND kind = ?1 AND message IS ?2
                    AND entry IS ?3 AND redemption IS ?4 AND place IS ?5 AND reason = ?6
                    AND text = ?7)
                """,
            arguments: [
                new.kind.rawValue, new.message, new.entry,
                new.redemption.map { Int64(bitPattern: $0) }, new.place, new.reason, new.text,
                details.map { DatabaseBytes($0) }, Int64(time),
            ])
    }

    /// Closes a case.
    static func close(_ id: Int64, _ decision: String, at time: UInt64, in db: Database) throws {
        try db.execute(
            sql: """
                UPDATE deskCase SET state = 'closed', decision = ?, closedAt = ?
                WHERE id = ? AND state = 'open'
                """, arguments: [decision, Int64(time), id])
        guard db.changesCount == 1 else {
            throw DeskFault.refused("case \(id) was decided already")
        }
    }

    /// Cases, the oldest first.
    public func cases(onlyOpen: Bool = true) throws(DeskFault) -> [Case] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: Self.casesWithFiles
                    + "\(onlyOpen ? "WHERE deskCase.state = 'open'" : "") ORDER BY deskCase.id"
            ).map(deskCase)
        }
    }

    /// A case by its number.
    public func deskCase(_ id: Int64) throws(DeskFault) -> Case? {
        try read { db in
            try Row.fetchOne(
                db, sql: Self.casesWithFiles + "WHERE deskCase.id = ?", arguments: [id]
            ).map(deskCase)
        }
    }

    private static let casesWithFiles = """
        SELECT deskCase.*, message.hash AS file FROM deskCase
        LEFT JOIN entry ON entry.id = deskCase.entry
        LEFT JOIN message ON message.id = ifnull(deskCase.message, entry.message)

        """

    private func deskCase(_ row: Row) throws -> Case {
        guard let kind = Case.Kind(rawValue: row["kind"]) else {
            throw DeskFault.journal("a case of an unknown kind")
        }
        let redemption: Int64? = row["redemption"]
        return Case(
            id: row["id"], kind: kind, reason: row["reason"], text: row["text"],
            message: row["message"], entry: row["entry"],
            redemption: redemption.map { UInt64(bitPattern: $0) }, place: row["place"],
            details: row.hasNull("details")
                ? nil : try cipher.text(row.bytes("details"), .caseDetails),
            decision: row["decision"],
            openedAt: UInt64(row["openedAt"] as Int64),
            file: row.hasNull("file") ? nil : try row.hash("file"))
    }
}
