import GRDB
import Ledger

/// A day's statement against the ledger, line by line.
///
/// Tokens of a redemption in flight are still part of the supply. So the balance is the supply, less what was paid
/// and is not settled, more what came in and is not issued, and corrected by what the ledger did for bookings
/// that are not of that day or before.
public struct Reconciliation: Sendable, Equatable {
    /// Something by which the balance differs from the supply.
    public struct Line: Sendable, Equatable {
        /// Why.
        public enum Kind: String, Sendable {
            /// Paid by the bank, and not settled on the ledger yet.
            case paidNotSettled = "paid-not-settled"
            /// Settled on the ledger, and booked later than the day, or not yet.
            case settledNotBooked = "settled-not-booked"
            /// Came in, and is about to be issued.
            case notYetIssued = "not-yet-issued"
            /// Issued for a booking later than the day.
            case issuedLater = "issued-later"
            /// Booked and put aside for a person.
            case aside
            /// Booked and not settled on the ledger, or the other way round, between banks.
            case netting
            /// Booked, and a person decided that it stays off the ledger, or gave its tokens back there.
            case decided
        }

        /// Why.
        public let kind: Kind
        /// By how much, in smallest units; negative where the balance is less.
        public let amount: Int128
        /// The entry's number in the journal.
        public let entry: Int64?
        /// The redemption's number.
        public let redemption: UInt64?
        /// Why it was put aside.
        public let reason: String?
    }

    /// The day, `2026-11-25`.
    public let day: String
    /// The statement's closing booked balance, in smallest units.
    public let balance: Int128
    /// SHA-256 of the message with the statement.
    public let statement: Hash32
    /// The token's supply now.
    public let supply: UInt128
    /// What the bank has in hand of other banks' tokens, and has asked of them: issued without money of its own.
    public let inHand: UInt128
    /// What of it waits in redemptions.
    public let inFlight: UInt128
    /// What the two differ by.
    public let lines: [Line]

    /// What the lines do not explain.
    public var unexplained: Int128 {
        balance - Int128(clamping: supply) + Int128(clamping: inHand)
            - lines.reduce(0) { $0 + $1.amount }
    }

    /// Whether all that differs is on its way: nothing was put aside, nothing is unexplained.
    public var isBalanced: Bool {
        let decided = lines.filter { $0.kind == .decided }.reduce(0) { $0 + $1.amount }
        return unexplained == 0 && decided == 0 && !lines.contains { $0.kind == .aside }
    }
}

extension Journal {
    /// A statement's closing balance.
    public struct Statement: Sendable, Equatable {
        /// Its number.
        public let id: Int64
        /// The day, `2026-11-25`.
        public let day: String
        /// The balance in smallest units; negative where the account is overdrawn.
        public let balance: Int128
        /// SHA-256 of the message.
        public let hash: Hash32
    }

    /// The newest statement of a day, or of all.
    public func statement(of day: String? = nil) throws(DeskFault) -> Statement? {
        try read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT * FROM statement WHERE (?1 IS NULL OR day = ?1) AND state != 'foreign'
                    ORDER BY day DESC, id DESC LIMIT 1
                    """, arguments: [day]
            ).map(Self.statement)
        }
    }

    static func statement(_ row: Row) throws -> Statement {
        let amount = Int128(clamping: try row.amount("closing"))
        return Statement(
            id: row["id"], day: row["day"], balance: row["isNegative"] ? -amount : amount,
            hash: try row.hash("hash"))
    }

    /// By what the journal explains a difference between a statement and the ledger.
    func lines(of statement: Statement, _ settings: DeskSettings) throws(DeskFault)
        -> [Reconciliation.Line]
    {
        try read { db in
            var lines: [Reconciliation.Line] = []
            let entries = try Row.fetchCursor(
                db,
                sql: """
                    SELECT id, amount, isCredit, bookedOn, state, reason FROM entry
                    WHERE account = ? AND currency = ?
                    AND state NOT IN ('superseded', 'netted', 'confirmed')
                    """, arguments: [settings.account, settings.currency.description])
            while let row = try entries.next() {
                let isThere = (row["bookedOn"] as String? ?? "") <= statement.day
                guard let kind = Self.kind(row, isThere: isThere) else { continue }
                let amount = Int128(clamping: try row.amount("amount"))
                // What is on the ledger and not in the statement counts the other way round.
                let isPositive = row["isCredit"] as Bool == isThere
                lines.append(
                    Reconciliation.Line(
                        kind: kind, amount: isPositive ? amount : -amount, entry: row["id"],
                        redemption: nil, reason: row["reason"]))
            }
            lines += try Self.paid(statement, settings, db)
            for row in try Row.fetchAll(
                db,
                sql: """
                    SELECT id, amount FROM redemption
                    WHERE state = 'settled' AND entry IS NULL AND pair IS NULL
                    """)
            {
                lines.append(
                    Reconciliation.Line(
                        kind: .settledNotBooked, amount: Int128(clamping: try row.amount("amount")),
                        entry: nil, redemption: UInt64(bitPattern: row["id"]), reason: nil))
            }
            return lines
        }
    }

    /// Redemptions of which the bank told that they are paid.
    private static func paid(
        _ statement: Statement, _ settings: DeskSettings, _ db: Database
    ) throws -> [Reconciliation.Line] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT redemption.id, redemption.state, bookedOn, entry.id AS entry,
                    iif(entry.redemption IS NULL, redemption.amount, entry.amount) AS amount
                FROM redemption JOIN entry ON entry.id = redemption.entry
                WHERE account = ? AND currency = ?
                """, arguments: [settings.account, settings.currency.description]
        ).compactMap { row in
            let isThere = (row["bookedOn"] as String? ?? "") <= statement.day
            let state: String = row["state"]
            let isSettled = state == "settled"
            guard isThere != isSettled else { return nil }
            // Its tokens are back with their owner: nothing is on its way that would make up for the money.
            let isOver = ["rejected", "returned"].contains(state)
            let amount = Int128(clamping: try row.amount("amount"))
            return Reconciliation.Line(
                kind: isSettled ? .settledNotBooked : isOver ? .decided : .paidNotSettled,
                amount: isSettled ? amount : -amount, entry: row["entry"],
                redemption: UInt64(bitPattern: row["id"] as Int64), reason: nil)
        }
    }

    private static func kind(_ row: Row, isThere: Bool) -> Reconciliation.Line.Kind? {
        let state: String = row["state"]
        switch (row["isCredit"] as Bool, state) {
        case (true, "issued"): return isThere ? nil : .issuedLater
        case (true, "new"), (true, "ready"), (true, "issuing"): return isThere ? .notYetIssued : nil
        case (false, "debit"): return isThere ? .paidNotSettled : nil
        case (_, "refused"): return isThere ? .decided : nil
        default: return isThere ? .aside : nil
        }
    }
}

extension Reconciliation {
    /// Compares a statement with the ledger as it is now.
    ///
    /// - Parameters:
    ///   - statement: from the journal.
    ///   - journal: the desk's.
    ///   - ledger: where the token is.
    ///   - settings: the desk's.
    /// - Throws: ``DeskFault``.
    public init(
        _ statement: Journal.Statement, _ journal: Journal, _ ledger: some DeskLedger,
        _ settings: DeskSettings
    ) async throws(DeskFault) {
        day = statement.day
        balance = statement.balance
        self.statement = statement.hash
        lines =
            try journal.lines(of: statement, settings)
            + journal.nettingDifference(upTo: statement.day).map {
                Line(
                    kind: .netting, amount: $0.amount, entry: nil, redemption: nil, reason: $0.name)
            }
        inHand = try await ledger.accepted(for: settings.token).reduce(
            try journal.claimsInFlight()
        ) { $0 + $1.inHand }
        supply = try await Self.number(
            ledger, settings.token,
            DeskCall.encoded(IToken.Function.totalSupply, words: 0) { _ in })
        inFlight = try await Self.number(
            ledger, settings.token,
            DeskCall.encoded(IToken.Function.balanceOf, words: 1) { $0.write(Address.banks) })
    }

    private static func number(
        _ ledger: some DeskLedger, _ token: Address, _ data: [UInt8]
    ) async throws(DeskFault) -> UInt128 {
        let answer = try await ledger.read(token, data)
        guard let number = Hash32(answer)?.number else {
            throw .wrongLedger("\(token.checksummed) is no token of this ledger")
        }
        return number
    }
}
