import GRDB

extension Journal {
    /// Notes that payment files which are not written may have been sent.
    ///
    /// Also those that a person released before, since an old copy of a journal has the release and not the file.
    /// What is released from now on is written, until the ledger has yet another unknown transaction.
    ///
    /// - Parameters:
    ///   - nonce: the operator's next one, by the ledger; above 0.
    ///   - db: within a transaction.
    /// - Returns: whether that was not known of one of them.
    /// - Throws: what SQLite throws.
    @discardableResult
    static func doubtFiles(at nonce: UInt64, in db: Database) throws -> Bool {
        try db.execute(
            sql: """
                UPDATE paymentBatch SET isDoubtful = 1, doubtedAt = ?1,
                    state = CASE state WHEN 'released' THEN 'composed' ELSE state END
                WHERE state IN ('instructing', 'composed', 'released', 'held', 'faulty')
                AND doubtedAt < ?1
                """, arguments: [Int64(clamping: nonce)])
        return db.changesCount > 0
    }
}
