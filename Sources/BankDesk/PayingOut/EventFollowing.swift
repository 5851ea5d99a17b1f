import GRDB
import Ledger
import Logging

/// Follows what happens at 0x…d105 into the journal; events and cursor in one transaction.
struct EventFollowing: Sendable {
    let journal: Journal
    let ledger: any DeskLedger
    let settings: DeskSettings
    let points: FaultPoints
    let clock: DeskClock

    /// The cursor's name in the journal.
    static let cursor = "events"

    /// Reads on until there is nothing new.
    ///
    /// - Returns: whether there was something that concerns the desk.
    /// - Throws: ``DeskFault``.
    func work() async throws(DeskFault) -> Bool {
        try await learnOperators()
        var changed = false
        var cursor = try journal.cursor(Self.cursor) ?? "0:0"
        try journal.act(as: settings.bank)
        while true {
            let page = try await ledger.events(from: cursor)
            guard page.cursor != cursor else { break }
            let banks = try await banks(in: page.events)
            let changes: Int = try journal.write { db in
                var changes = 0
                for event in page.events { changes += try take(event, banks ?? [], db) }
                try Journal.set(cursor: Self.cursor, page.cursor, in: db)
                return changes
            }
            cursor = page.cursor
            if changes > 0 {
                changed = true
                try points.reach(.eventsFollowed)
            }
            // Who was replaced before the operators were asked for is told by what happened until then.
            guard page.hasMore || banks != nil else { break }
        }
        return changed
    }

    /// Reads once whom the ledger replaced before an earlier program followed that.
    ///
    /// - Throws: ``DeskFault``.
    private func learnOperators() async throws(DeskFault) {
        guard var cursor = try journal.cursor(Self.operatorsCursor) else { return }
        while true {
            let page: EventPage
            do throws(DeskFault) {
                page = try await ledger.events(from: cursor)
            } catch {
                // Of what the node does not keep nobody can tell; the rest counts all the same.
                guard let oldest = NodeLedger.oldestCursor(error) else { throw error }
                cursor = oldest
                continue
            }
            try journal.write { db in
                for case .operatorChanged(let from, let to, let block) in page.events {
                    try Journal.replace(from, by: to, in: block, db)
                }
                if page.hasMore {
                    try Journal.set(cursor: Self.operatorsCursor, page.cursor, in: db)
                } else {
                    try db.execute(
                        sql: "DELETE FROM cursor WHERE name = ?", arguments: [Self.operatorsCursor])
                }
            }
            guard page.hasMore else { return }
            cursor = page.cursor
        }
    }

    /// How far that came; there is none once it is done.
    private static let operatorsCursor = "operators"

    /// The operators of all banks now, if any event may be another bank's.
    private func banks(in events: [BankEvent]) async throws(DeskFault) -> Set<Address>? {
        let isAsked = events.contains { event in
            if case .requested(_, settings.token, _, _, _, _) = event { true } else { false }
        }
        return isAsked ? Set(try await ledger.operators()) : nil
    }

    private func take(
        _ event: BankEvent, _ banks: Set<Address>, _ db: Database
    ) throws -> Int {
        switch event {
        case .requested(let id, let token, let owner, let amount, let payout, let block):
            let former = try Journal.formerOperators(db)
            let isOurs =
                owner == settings.bank
                || former.contains(owner, in: block)
                    && former.present(of: owner, where: { $0 == settings.bank }) == settings.bank
            if token != settings.token, isOurs {
                try db.execute(
                    sql: """
                        INSERT OR IGNORE INTO netClaim (id, token, amount, payout, state, block)
                        VALUES (?, ?, ?, ?, 'requested', ?)
                        """,
                    arguments: [
                        Int64(bitPattern: id), token.hex, String(amount), payout.hex,
                        Int64(bitPattern: block),
                    ])
                return db.changesCount
            }
            guard token == settings.token else { return 0 }
            // What another bank asks for is settled between banks, not paid by a file.
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO redemption (id, owner, amount, payout, state, block)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    Int64(bitPattern: id), owner.hex, String(amount), payout.hex,
                    banks.contains(owner) || former.contains(owner, in: block)
                        ? "interbank" : "requested", Int64(bitPattern: block),
                ])
        case .instructed(let id, let block, let message):
            try db.execute(
                sql: "UPDATE netClaim SET state = 'instructed', instructedIn = ? WHERE id = ?",
                arguments: [Int64(bitPattern: block), Int64(bitPattern: id)])
            guard db.changesCount == 0 else { return 1 }
            // Ours are in a batch before they are instructed.
            if try name(underWhich: id, db).map({ Keccak256.hash(Array($0.utf8)) }) == message {
                try db.execute(
                    sql: "UPDATE redemption SET instructedIn = ? WHERE id = ?",
                    arguments: [Int64(bitPattern: block), Int64(bitPattern: id)])
                return 0
            }
            try db.execute(
                sql: """
                    UPDATE redemption SET state = 'foreign' WHERE id = ? AND state = 'requested'
                    """, arguments: [Int64(bitPattern: id)])
            guard db.changesCount > 0 else { return 0 }
            try open(
                id, "instructed-elsewhere",
                "somebody else with the operator's key took the redemption in hand", db)
        case .settled(let id):
            try end(id, "settled", unless: "('settling', 'settled')", db)
        case .rejected(let id):
            try end(id, "rejected", unless: "('rejecting', 'rejected')", db)
        case .returned(let id):
            // That it was not in this desk's hands says the end. What else is open of it stays a person's.
            try db.execute(
                sql: """
                    UPDATE deskCase SET state = 'closed', decision = 'returned', closedAt = ?
                    WHERE kind = 'redemption' AND redemption = ? AND state = 'open'
                    AND reason IN ('not-instructed', 'instructed-elsewhere')
                    """, arguments: [Int64(clock.now()), Int64(bitPattern: id)])
            try end(id, "returned", unless: "('returned')", db)
        case .operatorChanged(let from, let to, let block):
            try Journal.replace(from, by: to, in: block, db)
        }
        return db.changesCount
    }

    /// What the payment is called under which the desk takes a redemption in hand; nil where it does not.
    private func name(underWhich id: UInt64, _ db: Database) throws -> String? {
        try String.fetchOne(
            db,
            sql: """
                SELECT ifnull(paymentBatch.messageId, netPair.messageId) FROM redemption
                LEFT JOIN paymentBatch ON paymentBatch.id = redemption.batch
                LEFT JOIN netPair ON netPair.id = redemption.pair
                WHERE redemption.id = ? AND redemption.state = 'instructing'
                """, arguments: [Int64(bitPattern: id)])
    }

    private func end(_ id: UInt64, _ state: String, unless own: String, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE netClaim SET state = ? WHERE id = ?",
            arguments: [state, Int64(bitPattern: id)])
        guard db.changesCount == 0 else { return }
        let before = try String.fetchOne(
            db, sql: "SELECT state FROM redemption WHERE id = ?",
            arguments: [Int64(bitPattern: id)])
        try db.execute(
            sql: "UPDATE redemption SET state = ? WHERE id = ? AND state NOT IN \(own)",
            arguments: [state, Int64(bitPattern: id)])
        // The desk's own call ends it as the desk wanted. By hand, money was paid whose tokens are back with their
        // owner, or is still here while they are gone.
        let isContradiction =
            before == "settling" && state != "settled"
            || before == "rejecting" && state == "settled"
        guard isContradiction else { return }
        try open(id, "ledger-refused", "the ledger has the redemption as \(state) already", db)
    }

    private func open(_ id: UInt64, _ reason: String, _ text: String, _ db: Database) throws {
        try Journal.open(
            Case(kind: .redemption, reason: reason, text: text, redemption: id),
            at: clock.now(), in: db)
    }
}
