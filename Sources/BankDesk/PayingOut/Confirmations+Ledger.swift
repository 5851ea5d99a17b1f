import GRDB
import Gateway
import Ledger

extension Confirmations {
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
}
