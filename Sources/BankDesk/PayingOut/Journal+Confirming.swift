import GRDB
import Ledger

/// Redemptions that were paid: docs/formats/desk-journal.md.
extension Journal {
    /// States of a redemption whose payment order the bank has, and did not refuse.
    static let payable: Set = ["sent", "settling", "settled"]

    /// A redemption as far as its payment is concerned.
    struct Payout: Sendable {
        let id: UInt64
        let amount: UInt128
        let state: String
        /// The debit by which it was paid.
        let entry: Int64?
        /// To whose account it is paid; nil of one that is not in this desk's hands.
        let customer: Int64?

        fileprivate init(_ row: Row) throws {
            id = UInt64(bitPattern: row["id"])
            amount = try row.amount("amount")
            state = row["state"]
            entry = row["entry"]
            customer = row["customer"]
        }
    }

    /// The redemption that a payment's EndToEndId names, which is its number as the desk writes it.
    static func payout(named endToEnd: String, in db: Database) throws -> Payout? {
        guard let id = UInt64(endToEnd), String(id) == endToEnd else { return nil }
        return try payout(id, in: db)
    }

    static func payout(_ id: UInt64, in db: Database) throws -> Payout? {
        try Row.fetchOne(
            db, sql: "SELECT id, amount, state, entry, customer FROM redemption WHERE id = ?",
            arguments: [Int64(bitPattern: id)]
        ).map { try Payout($0) }
    }

    /// The message id of the file that asked for a payment, by what the payment is called from end to end.
    static func file(ofPayment endToEnd: String, in db: Database) throws -> String? {
        // Between banks the two have one name.
        if endToEnd.hasPrefix(PairName.prefix) { return endToEnd }
        guard let id = UInt64(endToEnd), String(id) == endToEnd else { return nil }
        return try String.fetchOne(
            db,
            sql: """
                SELECT messageId FROM redemption JOIN paymentBatch ON paymentBatch.id = batch
                WHERE redemption.id = ?
                """, arguments: [Int64(bitPattern: id)])
    }

    /// The redemptions that a payment file asked for, by its message id.
    static func payouts(ofFile messageID: String, in db: Database) throws -> [Payout] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT redemption.id, amount, redemption.state, entry, customer FROM redemption
                JOIN paymentBatch ON paymentBatch.id = batch WHERE messageId = ?
                ORDER BY redemption.id
                """, arguments: [messageID]
        ).map { try Payout($0) }
    }

    /// Takes a debit as what paid redemptions, and has those settled that are not.
    static func confirm(
        _ entry: StoredEntry, _ paid: [Payout], _ settings: DeskSettings, at time: UInt64,
        in db: Database
    ) throws {
        for one in paid {
            if one.state == "sent" || one.state == "foreign" {
                try settle(one.id, entry.ledgerReference, settings, at: time, in: db)
            }
            try db.execute(
                sql: "UPDATE redemption SET entry = coalesce(entry, ?) WHERE id = ?",
                arguments: [entry.id, Int64(bitPattern: one.id)])
        }
        let alone = paid.count == 1 ? paid[0].id : nil
        try db.execute(
            sql: "UPDATE entry SET state = 'confirmed', redemption = ? WHERE id = ?",
            arguments: [alone.map { Int64(bitPattern: $0) }, entry.id])
    }

    /// Has a redemption settled that was paid.
    static func settle(
        _ id: UInt64, _ reference: Hash32, _ settings: DeskSettings, at time: UInt64,
        in db: Database
    ) throws {
        let call = try add(
            .settle, signer: settings.bank, target: .banks,
            data: DeskCall.settle(id, reference: reference), at: time, in: db)
        try db.execute(
            sql: "UPDATE redemption SET state = 'settling', call = ? WHERE id = ?",
            arguments: [call, Int64(bitPattern: id)])
    }
}

extension [Journal.Payout] {
    /// What they come to.
    var sum: UInt128 { reduce(0) { $0 &+ $1.amount } }
}
