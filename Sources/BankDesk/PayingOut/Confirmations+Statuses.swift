import GRDB
import Ledger

extension Confirmations {
    /// Matches what the bank said of a payment or of a file.
    ///
    /// - Returns: whether the matter is decided.
    func take(status row: Row, _ db: Database) throws -> Bool {
        let original: String = row["originalMessage"]
        let endToEnd: String? = row["endToEnd"]
        let outcome: String = row["outcome"]
        var concerned = try Journal.payouts(ofFile: original, in: db)
        // What is said of a file, each of whose payments has a status of its own, is about payments that are known.
        let isOfKnownFile = endToEnd == nil && !concerned.isEmpty
        if let endToEnd {
            // What names a file means a payment of that one.
            concerned =
                original.isEmpty
                ? try Journal.payout(named: endToEnd, in: db).map { [$0] } ?? []
                : concerned.filter { String($0.id) == endToEnd }
        } else {
            let isClear = try leaveOut(of: &concerned, row, db)
            guard !concerned.contains(where: { Self.early.contains($0.state) }) else {
                return false
            }
            if !isClear {
                try open(
                    nil, "unknown-payment",
                    "the bank tells of a payment that is not in the file, or has no name, otherwise than of the file: "
                        + "what it says of the file counts for none of it until it says so of each",
                    message: row["message"], db)
                concerned = []
            }
        }
        guard !concerned.contains(where: { Self.early.contains($0.state) }) else { return false }
        if concerned.isEmpty, !isOfKnownFile {
            try open(
                nil, "unknown-payment", "the bank tells of a payment that the desk did not ask for",
                message: row["message"], db)
        }
        let code: String = row["reasonCode"]
        if outcome != "settled", RefusalCode.duplicates.contains(code) {
            // After a kill the same file may be written twice. The first one is paid: nothing may go back.
            try open(
                endToEnd == nil ? nil : concerned.first?.id, "told-twice",
                "the bank has the payment already (\(code)); the desk waits for the debit",
                message: row["message"], db)
            concerned = []
        }
        for found in concerned {
            if outcome == "settled" {
                try settled(found, original, row["message"], db)
            } else {
                try refused(found, code, row["message"], db)
            }
        }
        try db.execute(
            sql: "UPDATE status SET state = 'done' WHERE id = ?", arguments: [row["id"] as Int64])
        return true
    }

    /// Leaves out of the payments of a file what has a status of its own in the message.
    ///
    /// - Parameters:
    ///   - concerned: all payments of the file.
    ///   - row: what is said of the file.
    ///   - db: the transaction.
    /// - Returns: whether it is known of which of them the message says otherwise.
    /// - Throws: what SQLite throws.
    private func leaveOut(
        of concerned: inout [Journal.Payout], _ row: Row, _ db: Database
    ) throws -> Bool {
        let told = try Row.fetchAll(
            db,
            sql: """
                SELECT endToEnd, outcome, originalMessage IN (?, ?) AS canBeOfFile FROM status
                WHERE message = ? AND endToEnd IS NOT NULL
                """,
            arguments: [
                row["originalMessage"] as String, StatusGathering.unknown,
                row["message"] as Int64,
            ])
        let all = Set(concerned.map { String($0.id) })
        let own = Set(told.map { $0["endToEnd"] as String })
        concerned.removeAll { own.contains(String($0.id)) }
        // It may be any of those that are left.
        return concerned.isEmpty
            || !told.contains { other in
                other["canBeOfFile"] && other["outcome"] as String != row["outcome"]
                    && !all.contains(other["endToEnd"])
            }
    }

    private func settled(
        _ found: Journal.Payout, _ original: String, _ message: Int64, _ db: Database
    ) throws {
        switch found.state {
        case "sent":
            try Journal.settle(
                found.id, LedgerReference.of(original, account: String(found.id)), settings,
                at: clock.now(), in: db)
        case "settling", "settled": break
        default:
            try open(
                found.id, EntryDoubt.paidAfterReject.rawValue, EntryDoubt.paidAfterReject.words,
                message: message, db)
        }
    }

    private func refused(
        _ found: Journal.Payout, _ code: String, _ message: Int64, _ db: Database
    ) throws {
        switch found.state {
        case "sent":
            let call = try Journal.add(
                .reject, signer: settings.bank, target: .banks,
                data: DeskCall.reject(found.id, reason: code), at: clock.now(), in: db)
            try db.execute(
                sql: "UPDATE redemption SET state = 'rejecting', call = ?, reason = ? WHERE id = ?",
                arguments: [call, code, Int64(bitPattern: found.id)])
        case "rejecting", "rejected": break
        default:
            try open(
                found.id, "refused-after-payment",
                "the bank refuses a payment that it had told as made", message: message, db)
        }
    }
}
