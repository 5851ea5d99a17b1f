import GRDB
import Ledger

/// What commands show of a journal.
extension Journal {
    /// A redemption as the desk has it.
    public struct Redemption: Sendable, Equatable {
        /// Its number on the ledger.
        public let id: UInt64
        /// Who asked for it.
        public let owner: Address
        /// In smallest units.
        public let amount: UInt128
        /// How far it has come at the desk.
        public let state: String
        /// The bank's reason code, where it was rejected.
        public let reason: String?
        /// Whose account is paid; nil where no customer's is named.
        public let customer: Int64?
        /// The payment file's message id.
        public let batch: String?
    }

    /// Redemptions, the newest first.
    public func redemptions(onlyOpen: Bool, atMost limit: Int) throws(DeskFault) -> [Redemption] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT redemption.*, messageId FROM redemption
                    LEFT JOIN paymentBatch ON paymentBatch.id = batch
                    \(onlyOpen ? "WHERE redemption.state NOT IN ('settled', 'rejected', 'returned')" : "")
                    ORDER BY redemption.id DESC LIMIT ?
                    """, arguments: [limit]
            ).map { row in
                Redemption(
                    id: UInt64(bitPattern: row["id"]), owner: try row.address("owner"),
                    amount: try row.amount("amount"), state: row["state"], reason: row["reason"],
                    customer: row["customer"], batch: row["messageId"])
            }
        }
    }

    /// Calls that the ledger does not take yet, with why.
    public func waitingCalls() throws(DeskFault) -> [(call: LedgerCall, reason: String)] {
        try read { db in
            let calls = try Self.calls("waiting", atMost: 10_000, db)
            let reasons = Dictionary(
                uniqueKeysWithValues: try Row.fetchAll(
                    db, sql: "SELECT id, reason FROM ledgerCall WHERE state = 'waiting'"
                ).map { ($0["id"] as Int64, $0["reason"] as String? ?? "") })
            return calls.map { ($0, LedgerRefusal(text: reasons[$0.id, default: ""]).name) }
        }
    }

    /// How many entries, redemptions and messages are in each state.
    public func counts() throws(DeskFault) -> [(table: String, state: String, count: Int)] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT 'message' AS name, state, count(*) AS count FROM message GROUP BY state
                    UNION ALL SELECT 'entry', state, count(*) FROM entry GROUP BY state
                    UNION ALL SELECT 'redemption', state, count(*) FROM redemption GROUP BY state
                    """
            ).map { ($0["name"], $0["state"], $0["count"]) }
        }
    }
}
