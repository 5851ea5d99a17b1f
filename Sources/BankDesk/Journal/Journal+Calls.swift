import GRDB
import Ledger

/// Calls and their signed forms: docs/formats/desk-journal.md.
extension Journal {
    /// A signed transaction whose fate is not known.
    struct SentCall: Sendable {
        let call: LedgerCall
        let hash: Hash32
        let nonce: UInt64
        let raw: [UInt8]
    }

    /// Adds a call, within a transaction that also says what it is for.
    static func add(
        _ purpose: CallPurpose, signer: Address, target: Address, data: [UInt8], at time: UInt64,
        in db: Database
    ) throws -> Int64 {
        try db.execute(
            sql: """
                INSERT INTO ledgerCall (purpose, signer, target, data, state, madeAt)
                VALUES (?, ?, ?, ?, 'ready', ?)
                """,
            arguments: [
                purpose.rawValue, signer.hex, target.hex, DatabaseBytes(data), Int64(time),
            ])
        return db.lastInsertedRowID
    }

    /// Has the bank's calls signed by its operator as it is now; no earlier form of them can be carried out.
    ///
    /// Those that are signed follow when it is known that their transaction was not carried out.
    func hand(to bank: Address) throws(DeskFault) {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE ledgerCall SET signer = ?, state = 'ready'
                    WHERE state IN ('ready', 'waiting') AND purpose != 'fund' AND signer != ?1
                    """, arguments: [bank.hex])
        }
    }

    /// Calls to be signed, the oldest first; those that wait too, where they are to be tried again.
    ///
    /// - Parameters:
    ///   - withWaiting: whether to give some that wait, by turns: the oldest may go on waiting for ever.
    ///   - limit: the most in either state.
    /// - Returns: them, by number.
    /// - Throws: ``DeskFault``.
    func callsToSign(withWaiting: Bool, atMost limit: Int) throws(DeskFault) -> [LedgerCall] {
        let ready = try read { db in try Self.calls("ready", atMost: limit, db) }
        guard withWaiting else { return ready }
        let waiting = try nextWaiting(atMost: limit)
        return waiting.isEmpty ? ready : (ready + waiting).sorted { $0.id < $1.id }
    }

    private static let waitingCursor = "waiting"

    /// Calls that wait, those behind the last ones that were given first.
    private func nextWaiting(atMost limit: Int) throws(DeskFault) -> [LedgerCall] {
        let last = try cursor(Self.waitingCursor).flatMap { Int64($0) } ?? .min
        let calls = try read { db in
            let behind = try Self.calls("waiting", after: last, atMost: limit, db)
            // Round again, up to where this began.
            let before = try Self.calls("waiting", atMost: limit - behind.count, db)
            return behind + before.filter { $0.id <= last }
        }
        // Where all are given, no turns are needed.
        guard calls.count == limit, let end = calls.last else { return calls }
        try write { db in try Self.set(cursor: Self.waitingCursor, String(end.id), in: db) }
        return calls
    }

    /// Calls in a state whose numbers are above one, the oldest first.
    static func calls(
        _ state: String, after id: Int64 = .min, atMost limit: Int, _ db: Database
    ) throws -> [LedgerCall] {
        try Row.fetchAll(
            db,
            sql: "SELECT * FROM ledgerCall WHERE state = ? AND id > ? ORDER BY id LIMIT ?",
            arguments: [state, id, limit]
        ).map(Self.call)
    }

    /// Signed transactions whose fate is not known, in the order in which they have to be carried out.
    func sentCalls() throws(DeskFault) -> [SentCall] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT signedCall.hash, signedCall.nonce, signedCall.raw, ledgerCall.*
                    FROM signedCall JOIN ledgerCall ON ledgerCall.id = signedCall.call
                    WHERE signedCall.state = 'sent' ORDER BY signedCall.signer, signedCall.nonce
                    """
            ).map { row in
                SentCall(
                    call: try Self.call(row), hash: try row.hash("hash"),
                    nonce: UInt64(bitPattern: row["nonce"]), raw: row.bytes("raw"))
            }
        }
    }

    /// The highest nonce among an account's transactions whose fate is not known.
    func lastNonceSent(by signer: Address) throws(DeskFault) -> UInt64? {
        try read { db in
            try Int64.fetchOne(
                db,
                sql: "SELECT max(nonce) FROM signedCall WHERE signer = ? AND state = 'sent'",
                arguments: [signer.hex])
        }.map { UInt64(bitPattern: $0) }
    }

    /// Keeps signed transactions before they are sent.
    func keep(_ sent: [SentCall]) throws(DeskFault) {
        try write { db in
            for one in sent {
                try Self.insert(one, in: db)
                try db.execute(
                    sql: "UPDATE ledgerCall SET state = 'signed', reason = NULL WHERE id = ?",
                    arguments: [one.call.id])
            }
        }
    }

    private static func insert(_ sent: SentCall, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO signedCall (hash, call, signer, nonce, raw, state)
                VALUES (?, ?, ?, ?, ?, 'sent')
                """,
            arguments: [
                sent.hash.hex, sent.call.id, sent.call.signer.hex,
                Int64(bitPattern: sent.nonce), DatabaseBytes(sent.raw),
            ])
    }

    /// Keeps new forms of transactions, with the same nonces, before they are sent instead of the old ones.
    func outbid(_ forms: [(old: SentCall, new: SentCall)]) throws(DeskFault) {
        guard !forms.isEmpty else { return }
        try write { db in
            for (old, _) in forms {
                try db.execute(
                    sql: "UPDATE signedCall SET state = 'outbid' WHERE hash = ?",
                    arguments: [old.hash.hex])
            }
            for (_, new) in forms { try Self.insert(new, in: db) }
        }
    }

    /// Earlier forms of a transaction: one of them may have been carried out instead.
    func outbid(by sent: SentCall) throws(DeskFault) -> [SentCall] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT hash, raw FROM signedCall
                    WHERE call = ? AND nonce = ? AND state = 'outbid'
                    """, arguments: [sent.call.id, Int64(bitPattern: sent.nonce)]
            ).map { row in
                SentCall(
                    call: sent.call, hash: try row.hash("hash"), nonce: sent.nonce,
                    raw: row.bytes("raw"))
            }
        }
    }

    /// Notes why calls were not signed: the ledger would refuse them, now or ever.
    ///
    /// - Returns: those of which that was not known.
    func note(
        _ refusals: [CallSigner.Refused]
    ) throws(DeskFault) -> [(call: LedgerCall, refusal: LedgerRefusal)] {
        guard !refusals.isEmpty else { return [] }
        return try write { db in
            try refusals.filter { call, refusal, passes in
                try db.execute(
                    sql: """
                        UPDATE ledgerCall SET state = ?1, reason = ?2
                        WHERE id = ?3 AND (state != ?1 OR reason IS NOT ?2)
                        """,
                    arguments: [
                        (passes ? LedgerCall.State.waiting : .refused).rawValue, refusal.text,
                        call.id,
                    ])
                return db.changesCount > 0
            }.map { ($0.call, $0.refusal) }
        }
    }

    /// Notes what became of transactions.
    func finish(_ results: [(sent: SentCall, receipt: CallReceipt)]) throws(DeskFault) {
        try write { db in
            for (sent, receipt) in results {
                let refusal = receipt.refusal
                try Self.end(sent, in: db)
                try db.execute(
                    sql: "UPDATE signedCall SET state = ?, block = ? WHERE hash = ?",
                    arguments: [
                        refusal == nil ? "done" : "refused", Int64(bitPattern: receipt.block),
                        sent.hash.hex,
                    ])
                let state: LedgerCall.State =
                    refusal.map { $0.passes ? .waiting : .refused } ?? .done
                try db.execute(
                    sql: "UPDATE ledgerCall SET state = ?, reason = ? WHERE id = ?",
                    arguments: [state.rawValue, refusal?.text, sent.call.id])
            }
        }
    }

    /// Notes that a transaction can never be carried out any more, because another one has its nonce.
    ///
    /// - Parameters:
    ///   - sent: the transaction.
    ///   - nonce: the operator's next one, where payment files may have been sent with what is not known.
    /// - Throws: ``DeskFault``.
    func replace(_ sent: SentCall, doubtingFilesAt nonce: UInt64?) throws(DeskFault) {
        try write { db in
            try Self.end(sent, in: db)
            if let nonce { try Self.doubtFiles(at: nonce, in: db) }
            try db.execute(
                sql: "UPDATE ledgerCall SET state = 'ready' WHERE id = ?",
                arguments: [sent.call.id])
        }
    }

    /// Notes that nobody can tell any more what became of a transaction, and that its call is not to be made again.
    func giveUp(_ sent: SentCall, _ refusal: LedgerRefusal) throws(DeskFault) {
        try write { db in
            try Self.end(sent, in: db)
            try db.execute(
                sql: "UPDATE ledgerCall SET state = 'refused', reason = ? WHERE id = ?",
                arguments: [refusal.text, sent.call.id])
        }
    }

    /// Notes that no form of a transaction can be carried out any more.
    private static func end(_ sent: SentCall, in db: Database) throws {
        try db.execute(
            sql: """
                UPDATE signedCall SET state = 'replaced'
                WHERE call = ? AND nonce = ? AND state IN ('sent', 'outbid')
                """, arguments: [sent.call.id, Int64(bitPattern: sent.nonce)])
    }

    private static func call(_ row: Row) throws -> LedgerCall {
        guard let purpose = CallPurpose(rawValue: row["purpose"]) else {
            throw DeskFault.journal("a call of an unknown purpose")
        }
        return LedgerCall(
            id: row["id"], purpose: purpose, signer: try row.address("signer"),
            target: try row.address("target"), data: row.bytes("data"))
    }
}

extension LedgerRefusal {
    /// The desk has not got the key that is to sign.
    static let noKey = LedgerRefusal("NoKey")
    /// Another transaction has the nonce of the one that was sent.
    static let nonceTaken = LedgerRefusal("NonceTaken")

    /// Nobody who could be asked has enough DIP for the fee.
    static let noFunds = LedgerRefusal("InsufficientFunds")

    /// Whether the same call may be taken later: the day ends, the checker approves, a pause is over, DIP comes.
    var passes: Bool {
        let later: Set = [
            "LimitExceeded", "NotApproved", "TokenPaused", "OutOfGas", "NotBank", Self.noFunds.name,
        ]
        return later.contains(name)
    }
}
