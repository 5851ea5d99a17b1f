import GRDB

extension Confirmations {
    /// Matches money that left the account.
    ///
    /// - Returns: whether the matter is decided.
    func take(debit entry: Journal.StoredEntry, _ db: Database) throws -> Bool {
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
}
