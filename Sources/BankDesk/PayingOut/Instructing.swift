import GRDB
import ISO20022
import Ledger
import Logging

/// Takes redemptions in hand, and asks the bank to pay those that the ledger has certainly left in its hands.
///
/// The order is what makes it safe: a payment order is written only when a quorum of the banks has signed the block
/// in which the redemption became instructed. From then on it cannot return by itself.
struct Instructing: Sendable {
    let journal: Journal
    let settings: DeskSettings
    let outbox: String
    let points: FaultPoints
    let clock: DeskClock
    let log: Logger
    /// Seconds after which a file is not written by itself: the journal may be an old copy, and the file sent.
    private static let latest: UInt64 = 3600

    // MARK: Onto the ledger

    /// Makes a batch of what was requested.
    ///
    /// - Returns: whether there was anything.
    /// - Throws: ``DeskFault``.
    func choose() throws(DeskFault) -> Bool {
        let count: Int = try journal.write { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT id, owner, payout, amount FROM redemption WHERE state = 'requested'
                    ORDER BY id LIMIT ?
                    """, arguments: [settings.paymentsPerFile])
            var batch: Int64?
            var sum: UInt128 = 0
            for row in rows {
                let id: Int64 = row["id"]
                let amount = try row.amount("amount")
                // What is too much for any file goes back when that is composed.
                if amount <= PaymentFile.most {
                    // The rest is chosen again, for a file of its own.
                    guard sum + amount <= PaymentFile.most else { break }
                    sum += amount
                }
                let customer = try journal.customer(payout: try row.hash("payout"), db)
                // Money of one customer never goes to another's account.
                guard let customer, customer.address == (try row.address("owner")) else {
                    try refuse(id, "AC01", db)
                    log.notice(
                        "a redemption names no account of its owner",
                        metadata: ["redemption": "\(id)"])
                    continue
                }
                if batch == nil { batch = try makeBatch(db) }
                guard let batch else { continue }
                let message = Keccak256.hash(Array(try messageID(batch, db).utf8))
                let call = try Journal.add(
                    .instruct, signer: settings.bank, target: .banks,
                    data: DeskCall.instruct(UInt64(bitPattern: id), message: message),
                    at: clock.now(), in: db)
                try db.execute(
                    sql: """
                        UPDATE redemption SET state = 'instructing', customer = ?, batch = ?, call = ?
                        WHERE id = ?
                        """, arguments: [customer.id, batch, call, id])
            }
            return rows.count
        }
        if count > 0 { try points.reach(.batchChosen) }
        return count > 0
    }

    private func makeBatch(_ db: Database) throws -> Int64 {
        // By chance, so that desks on two copies of one folder never make the same transaction: the ledger
        // takes one of the two, and the other desk sees that it has not got the redemption.
        let chance = Hash32(word: UInt128(UInt64.random(in: 0 ... .max))).bytes.suffix(8)
        let name = [settings.token.bytes.prefix(3), chance].map { Hex.encode($0).uppercased() }
        try db.execute(
            sql: "INSERT INTO paymentBatch (messageId, state, madeAt) VALUES (?, 'instructing', ?)",
            arguments: ["DIP-\(name[0])-\(name[1])", Int64(clock.now())])
        return db.lastInsertedRowID
    }

    private func messageID(_ batch: Int64, _ db: Database) throws -> String {
        try String.fetchOne(
            db, sql: "SELECT messageId FROM paymentBatch WHERE id = ?", arguments: [batch]) ?? ""
    }

    private func refuse(_ id: Int64, _ reason: String, _ db: Database) throws {
        let call = try Journal.add(
            .reject, signer: settings.bank, target: .banks,
            data: DeskCall.reject(UInt64(bitPattern: id), reason: reason), at: clock.now(), in: db)
        try db.execute(
            sql: """
                UPDATE redemption SET state = 'rejecting', reason = ?, call = ?, batch = NULL
                WHERE id = ?
                """, arguments: [reason, call, id])
    }

    /// Notes what became of the calls.
    ///
    /// - Returns: whether something became known.
    /// - Throws: ``DeskFault``.
    func conclude() throws(DeskFault) -> Bool {
        try journal.write { db in
            try db.execute(
                sql: """
                    UPDATE redemption SET state = 'instructed' WHERE state = 'instructing'
                    AND EXISTS (SELECT 1 FROM ledgerCall
                        WHERE ledgerCall.id = redemption.call AND ledgerCall.state = 'done')
                    """)
            var changes = db.changesCount
            changes += try takeOver(db)
            let refused = try Int64.fetchAll(
                db,
                sql: """
                    SELECT redemption.id FROM redemption JOIN ledgerCall ON ledgerCall.id = call
                    WHERE redemption.state = 'instructing' AND ledgerCall.state = 'refused'
                    """)
            for id in refused {
                // It returned meanwhile, which the ledger's events tell, or somebody else has it.
                try db.execute(
                    sql: "UPDATE redemption SET state = 'foreign', batch = NULL WHERE id = ?",
                    arguments: [id])
                try Journal.open(
                    Case(
                        kind: .redemption, reason: "not-instructed",
                        text: "the ledger does not leave the redemption in this desk's hands",
                        redemption: UInt64(bitPattern: id)), at: clock.now(), in: db)
            }
            changes += refused.count
            return changes > 0
        }
    }

    // MARK: To the bank

    /// Finds out whether files that are not written may have been sent: from a journal that was put back since.
    ///
    /// A journal has a transaction before the ledger has it. If the operator's next nonce is higher than that, the
    /// journal is an old copy, or somebody used the key by hand; then a person is asked.
    ///
    /// - Parameter nonce: the operator's next one, by the ledger.
    /// - Throws: ``DeskFault``.
    func doubt(_ nonce: UInt64) throws(DeskFault) {
        let isNew = try journal.write { db in
            let last = try Int64.fetchOne(
                db, sql: "SELECT max(nonce) FROM signedCall WHERE signer = ?",
                arguments: [settings.bank.hex])
            guard nonce > (last.map { UInt64(bitPattern: $0) + 1 } ?? 0) else { return false }
            return try Journal.doubtFiles(at: nonce, in: db)
        }
        if isNew { log.notice("the ledger knows more of the operator than the journal does") }
    }

    /// Composes payment files of batches that are complete.
    ///
    /// - Returns: whether there were any.
    /// - Throws: ``DeskFault``.
    func compose() throws(DeskFault) -> Bool {
        try part()
        let complete = try journal.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, messageId, madeAt FROM paymentBatch WHERE state = 'instructing'
                    AND NOT EXISTS (SELECT 1 FROM redemption WHERE batch = paymentBatch.id
                        AND redemption.state = 'instructing')
                    """
            ).map { ($0["id"] as Int64, $0["messageId"] as String, $0["madeAt"] as Int64) }
        }
        for (id, messageID, madeAt) in complete { try compose(id, messageID, UInt64(madeAt)) }
        return !complete.isEmpty
    }

    /// Whether there are files to be written, or to be asked about.
    func hasFiles() throws(DeskFault) -> Bool {
        try journal.read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM paymentBatch
                        WHERE state IN ('composed', 'released'))
                    """)
        } ?? false
    }

    /// Writes payment files, except those of which a person has to say whether they were sent.
    ///
    /// - Returns: whether there were any.
    /// - Throws: ``DeskFault``.
    func pay() throws(DeskFault) -> Bool {
        let earliest = clock.now() - min(clock.now(), Self.latest)
        try hold(madeBefore: earliest)
        for (id, messageID, madeAt) in try releasedWithEnded() {
            try compose(id, messageID, madeAt)
        }
        let composed = try journal.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, messageId, file FROM paymentBatch WHERE state = 'released'
                    OR (state = 'composed' AND madeAt >= ? AND NOT isDoubtful)
                    """, arguments: [Int64(earliest)]
            ).map { ($0["id"] as Int64, $0["messageId"] as String, $0.bytes("file")) }
        }
        for (id, messageID, sealed) in composed {
            try OutboxFile.write(
                try journal.cipher.open(sealed, .paymentFile), named: "pain.001-\(messageID).xml",
                in: outbox)
            try points.reach(.paymentWritten)
            try journal.write { db in
                try db.execute(
                    sql: "UPDATE paymentBatch SET state = 'written' WHERE id = ?", arguments: [id])
                try db.execute(
                    sql:
                        "UPDATE redemption SET state = 'sent' WHERE batch = ? AND state = 'instructed'",
                    arguments: [id])
            }
            try points.reach(.paymentRecorded)
            log.info("a payment file is in the outbox", metadata: ["message": "\(messageID)"])
        }
        return !composed.isEmpty
    }

    private func compose(
        _ id: Int64, _ messageID: String, _ time: UInt64
    ) throws(DeskFault) {
        try journal.write { db in
            let payments = try Row.fetchAll(
                db,
                sql: """
                    SELECT id, amount, customer FROM redemption
                    WHERE batch = ? AND state = 'instructed' ORDER BY id
                    """, arguments: [id]
            ).map { row in
                guard let customer = try journal.customer("id", row["customer"] as Int64?, db)
                else {
                    throw DeskFault.journal("a redemption without its customer")
                }
                return PaymentFile.Payment(
                    redemption: UInt64(bitPattern: row["id"] as Int64),
                    amount: try row.amount("amount"), customer: customer)
            }
            // From here on the batch has what is in its file: what ends later was in it, and what ended before was not.
            try db.execute(
                sql: "UPDATE redemption SET batch = NULL WHERE batch = ? AND state != 'instructed'",
                arguments: [id])
            guard !payments.isEmpty else {
                try db.execute(
                    sql: "UPDATE paymentBatch SET state = 'empty' WHERE id = ?", arguments: [id])
                return
            }
            let file: [UInt8]
            do throws(WritingFault) {
                file = try PaymentFile.bytes(messageID: messageID, at: time, payments, settings)
            } catch {
                let unable = PaymentFile.unable(payments, settings)
                guard unable.isEmpty else {
                    // They go back; the others are composed when this is asked again.
                    for one in unable {
                        try refuse(Int64(bitPattern: one.redemption), "MS03", db)
                    }
                    return
                }
                try db.execute(
                    sql: "UPDATE paymentBatch SET state = 'faulty' WHERE id = ?", arguments: [id])
                return try Journal.open(
                    Case(
                        kind: .redemption, reason: Case.unwritable,
                        text: "the payment file \(messageID) cannot be written: \(error)",
                        redemption: payments[0].redemption), at: clock.now(), in: db)
            }
            try db.execute(
                sql: """
                    UPDATE paymentBatch SET file = ?, hash = ?,
                        state = CASE state WHEN 'released' THEN 'released' ELSE 'composed' END
                    WHERE id = ?
                    """,
                arguments: [
                    DatabaseBytes(try journal.cipher.seal(file, .paymentFile)),
                    SHA256.hash(file).hex, id,
                ])
        }
        try points.reach(.paymentComposed)
    }
}
