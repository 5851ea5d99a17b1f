import GRDB
import Gateway
import Ledger

/// Tells the ledger what became of payments: what left the account is settled, what the bank refused goes back.
struct Confirmations: Sendable {
    let journal: Journal
    let ledger: any DeskLedger
    let settings: DeskSettings
    let points: FaultPoints
    let clock: DeskClock

    /// States of a redemption before its payment order was written: what the bank says of it has to wait.
    private static let early: Set = ["requested", "instructing", "instructed"]

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

    // MARK: Debits

    private func take(debit entry: Journal.StoredEntry, _ db: Database) throws -> Bool {
        if let found = try Journal.payout(named: entry.details.endToEnd, in: db) {
            let details = entry.details
            guard try isPaid(to: details.account, askedBy: details.batchMessage, found, db) else {
                return try putAside(entry, .otherPayee, db)
            }
            guard found.amount == entry.amount else { return try putAside(entry, .otherAmount, db) }
            switch found.state {
            case _ where Self.early.contains(found.state): return false
            case _ where Journal.payable.contains(found.state):
                return try confirm(entry, [found], db)
            case "foreign": return try putAside(entry, .unknownDebit, db)
            default: return try putAside(entry, .paidAfterReject, db)
            }
        }
        // The bank may have booked a whole file at once, without what it refused.
        let batch = try Journal.payouts(ofFile: entry.details.batchMessage, in: db)
        guard !batch.contains(where: { Self.early.contains($0.state) }) else { return false }
        let payable = batch.filter { Journal.payable.contains($0.state) }
        if !payable.isEmpty, payable.sum == entry.amount { return try confirm(entry, payable, db) }
        let isWhole = !batch.isEmpty && batch.sum == entry.amount
        return try putAside(entry, isWhole ? .paidAfterReject : .unknownDebit, db)
    }

    /// Whether money that went to an account, empty where the message names none, can be a redemption's.
    ///
    /// Its number alone is short, and whoever else pays from the bank's account may call a payment so.
    private func isPaid(
        to account: String, askedBy file: String, _ found: Journal.Payout, _ db: Database
    ) throws -> Bool {
        guard !account.isEmpty, let id = found.customer,
            let customer = try journal.customer("id", id, db)
        else { return true }
        if AccountNumber.canBe(account, customer.account) { return true }
        // What names the file too is the desk's payment: the bank knows where a customer's account has moved.
        return try !file.isEmpty && Journal.file(ofPayment: String(found.id), in: db) == file
    }

    private func confirm(
        _ entry: Journal.StoredEntry, _ paid: [Journal.Payout], _ db: Database
    ) throws -> Bool {
        guard let known = paid.compactMap(\.entry).first else {
            try Journal.confirm(entry, paid, settings, at: clock.now(), in: db)
            return true
        }
        let before = try Row.fetchOne(
            db, sql: "SELECT source, reference FROM entry WHERE id = ?", arguments: [known])
        // Without references the same booking in two kinds of messages looks like two.
        let isSame =
            paid.allSatisfy { $0.entry == known }
            && (entry.reference == nil || before?["reference"] == nil)
            && before?["source"] != entry.source
        guard isSame else { return try putAside(entry, .paidTwice, db) }
        try db.execute(
            sql: "UPDATE entry SET state = 'superseded' WHERE id = ?", arguments: [entry.id])
        return true
    }

    private func putAside(
        _ entry: Journal.StoredEntry, _ doubt: EntryDoubt, _ db: Database
    ) throws -> Bool {
        try Journal.putAside(entry.id, doubt, at: clock.now(), in: db)
        return true
    }

    // MARK: Statuses

    private func take(status row: Row, _ db: Database) throws -> Bool {
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

    // MARK: Onto the ledger

    /// Notes what became of the calls.
    ///
    /// - Returns: whether something became known.
    /// - Throws: ``DeskFault``.
    func conclude() async throws(DeskFault) -> Bool {
        var changed: Bool = try journal.write { db in
            var changes = 0
            for (from, to) in [("settling", "settled"), ("rejecting", "rejected")] {
                try db.execute(
                    sql: """
                        UPDATE redemption SET state = ? WHERE state = ?
                        AND EXISTS (SELECT 1 FROM ledgerCall
                            WHERE ledgerCall.id = redemption.call AND ledgerCall.state = 'done')
                        """, arguments: [to, from])
                changes += db.changesCount
            }
            return changes > 0
        }
        let refused = try journal.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT redemption.id, refusedAt, ledgerCall.reason FROM redemption
                    JOIN ledgerCall ON ledgerCall.id = call
                    WHERE redemption.state IN ('settling', 'rejecting')
                    AND ledgerCall.state = 'refused'
                    """
            ).map { ($0["id"] as Int64, $0["refusedAt"] as Int64?, $0["reason"] as String? ?? "") }
        }
        for (row, refusedAt, reason) in refused {
            let id = UInt64(bitPattern: row)
            let state = try await standing(id)
            try journal.write { db in
                guard let state else {
                    let since = refusedAt.map { UInt64($0) } ?? clock.now()
                    return try tryAgain(id, LedgerRefusal(text: reason), since: since, db)
                }
                try db.execute(
                    sql: "UPDATE redemption SET state = ? WHERE id = ?", arguments: [state, row])
                try open(
                    id, "ledger-refused", "the ledger has the redemption as \(state) already",
                    message: nil, db)
            }
            changed = true
        }
        return changed
    }

    /// Seconds for which a node that lags behind may refuse a call that the ledger takes.
    private static let longest: UInt64 = 600

    /// Has a call tried again that the ledger still can take: the node lagged behind when it was asked.
    ///
    /// If it goes on refusing it, a person is told, once. The time counts from the first refusal: the desk or the node may
    /// have been away since the call was made.
    private func tryAgain(
        _ id: UInt64, _ refusal: LedgerRefusal, since refusedAt: UInt64, _ db: Database
    ) throws {
        let row = Int64(bitPattern: id)
        try db.execute(
            sql: """
                UPDATE ledgerCall SET state = 'waiting', refusedAt = ?
                WHERE id = (SELECT call FROM redemption WHERE id = ?)
                """, arguments: [Int64(refusedAt), row])
        guard clock.now() > refusedAt + Self.longest else { return }
        let isTold = try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM deskCase WHERE kind = 'redemption' AND redemption = ?
                    AND reason = 'ledger-refused')
                """, arguments: [row])
        guard isTold != true else { return }
        try open(
            id, "ledger-refused",
            "for ten minutes the ledger has not taken what became of the payment (\(refusal.name)), though the "
                + "redemption has not ended there; the desk goes on trying", message: nil, db)
    }

    /// How a redemption ended on the ledger; nil where it has not.
    private func standing(_ id: UInt64) async throws(DeskFault) -> String? {
        let call = DeskCall.encoded(IBanks.Function.redemption, words: 1) { $0.write(id) }
        let data = try await ledger.read(.banks, call)
        var reader = ABIReader(data)
        // To guess would leave a paid redemption for ever.
        guard let state = try? reader.read(IBanks.Redemption.self) else {
            throw .node(.badAnswer("the answer about redemption \(id) is not understood"))
        }
        switch state {
        case .settled: return "settled"
        case .rejected: return "rejected"
        case .returned: return "returned"
        // A node that does not know it has forgotten some of what it knew.
        case .requested, .instructed, .none: return nil
        }
    }

    private func open(
        _ id: UInt64?, _ reason: String, _ text: String, message: Int64?, _ db: Database
    ) throws {
        try Journal.open(
            Case(
                kind: .redemption, reason: reason, text: text, message: message, redemption: id),
            at: clock.now(), in: db)
    }
}
