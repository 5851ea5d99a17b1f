import GRDB

/// What the journal has of an account's movements, for a message that tells of some.
struct KnownEntries {
    let db: Database
    let account: String
    /// The message that tells.
    let message: Int64
    let now: UInt64

    /// How a movement stands to those of the same collective booking.
    enum GroupStanding {
        case unknown
        /// Told already, in these movements.
        case known([Int64])
        /// Told already, with another amount or for another day.
        case contradiction
    }

    /// The movement of the same direction under a reference, if there is one.
    func find(_ reference: String, _ entry: BankEntry) throws -> KnownEntry? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT * FROM entry
                WHERE account = ? AND reference = ? AND isCredit = ? AND isReversal = ?
                """)
        return try Row.fetchOne(
            statement, arguments: [account, reference, entry.isCredit, entry.isReversal]
        ).map { try KnownEntry($0) }
    }

    /// A booking told as a whole once and in its parts another time has one effect.
    ///
    /// - Parameters:
    ///   - entry: a movement of it, or all of it.
    ///   - reference: the movement's.
    ///   - groupAmount: what the message says that the booking comes to.
    /// - Returns: how it stands; a whole that nobody acted upon gives way to its parts, and is put away here.
    /// - Throws: what the database throws.
    func standing(
        of entry: BankEntry, under reference: String, inGroupOf groupAmount: UInt128?
    ) throws -> GroupStanding {
        guard let group = entry.groupReference else { return .unknown }
        if group == reference {
            // A whole of which the parts may be known.
            let statement = try db.cachedStatement(
                sql: """
                    SELECT * FROM entry WHERE account = ?
                    AND groupReference = ? AND reference IS NOT groupReference AND isReversal = ?
                    AND message != ?
                    """)
            let parts = try Row.fetchAll(
                statement, arguments: [account, group, entry.isReversal, message]
            ).map { try KnownEntry($0) }
            guard !parts.isEmpty else { return .unknown }
            let sum = parts.reduce(UInt128(0)) { $0 &+ $1.amount }
            let isSame = sum == entry.amount && !parts.contains { $0.isOfAnotherDay(than: entry) }
            return isSame ? .known(parts.map(\.id)) : .contradiction
        }
        // A part of which the whole may be known.
        guard let whole = try find(group, entry) else { return .unknown }
        if whole.state == "superseded" { return .unknown }
        // The bank used the reference again: what it stood for before stays what it is.
        if whole.isOfAnotherDay(than: entry), !whole.isExpected { return .contradiction }
        // What nobody acted upon gives way to its parts.
        let isUntouched =
            ["new", "debit"].contains(whole.state) && whole.amount == groupAmount
        // Nor do its parts go where the whole of it was stopped.
        if whole.isStopped, !entry.isReversal { return .contradiction }
        if whole.state == "aside" || isUntouched {
            try db.execute(
                sql: "UPDATE entry SET state = 'superseded' WHERE id = ?", arguments: [whole.id])
            try close(whole.id, "told in its parts")
            return .unknown
        }
        // What became of the whole became of all its parts; a person may have refused it to wait for them.
        let isSame = whole.amount == groupAmount && whole.currency == entry.currency
        return isSame && whole.state != "refused" ? .known([whole.id]) : .contradiction
    }

    /// Puts the money aside that a movement takes back under its reference.
    ///
    /// As long as nothing of it is under way to the ledger: it waits for the checker, for instance. Of money that is put
    /// aside already a person has to know it too, before it is released.
    ///
    /// - Returns: whether there is money under the reference.
    /// - Throws: what the database throws.
    func stop(_ reversal: BankEntry) throws -> Bool {
        // What takes a debit back brings money, whatever else came in under the reference.
        guard !reversal.isCredit, let reference = reversal.reference else { return false }
        let rows = try credits("reference = ?2", reference)
        if try sum(rows, reversal.currency) == reversal.amount { try stop(rows) }
        return !rows.isEmpty
    }

    /// Puts the parts of a booking aside that is taken back as a whole, or in parts without references.
    ///
    /// - Parameters:
    ///   - group: the booking's reference.
    ///   - amount: what is taken back under it.
    ///   - currency: in which.
    /// - Throws: what the database throws.
    func stop(group: String, _ amount: UInt128, _ currency: String) throws {
        let parts = try credits("groupReference = ?2 AND reference IS NOT groupReference", group)
        if try !parts.isEmpty && sum(parts, currency) == amount { return try stop(parts) }
        // A booking that is told twice comes to twice as much: each message tells all of it.
        for told in Dictionary(grouping: parts, by: { $0["message"] as Int64 })
            .sorted(by: { $0.key < $1.key }) where try sum(told.value, currency) == amount
        { try stop(told.value) }
    }

    /// What came in under a reference, and was not told otherwise since.
    private func credits(_ condition: String, _ reference: String) throws -> [Row] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT entry.id, entry.message, amount, currency, call, entry.state, entry.reason,
                    ledgerCall.state AS callState
                FROM entry LEFT JOIN ledgerCall ON ledgerCall.id = call
                WHERE account = ?1 AND \(condition) AND isCredit = 1 AND isReversal = 0
                AND entry.state != 'superseded'
                """)
        return try Row.fetchAll(statement, arguments: [account, reference])
    }

    /// What movements come to together; nil where one is in another currency.
    private func sum(_ rows: [Row], _ currency: String) throws -> UInt128? {
        guard rows.allSatisfy({ $0["currency"] == currency }) else { return nil }
        return try rows.reduce(UInt128(0)) { $0 &+ (try $1.amount("amount")) }
    }

    private func stop(_ rows: [Row]) throws {
        for row in rows {
            let isWaiting =
                switch row["state"] as String {
                case "new", "ready": true
                // What is not booked yet is held when it is.
                case "aside": row["reason"] != EntryDoubt.future.rawValue
                case "issuing": ["ready", "waiting"].contains(row["callState"] as String?)
                default: false
                }
            guard isWaiting else { continue }
            if let call = row["call"] as Int64? { try Issuing.takeApart(call, in: db) }
            try Journal.putAside(
                row["id"], .reversal, "a later entry takes this one back", at: now, in: db)
        }
    }

    /// Whether money that came in was taken back by a movement that was told before it: some banks tell the newest
    /// first, and files are taken by their names.
    func isTakenBack(_ entry: BankEntry) throws -> Bool {
        guard entry.isCredit, !entry.isReversal, let reference = entry.reference else {
            return false
        }
        return try takenBack("reference", reference, entry.currency)
            .contains { $0.amount == entry.amount }
    }

    /// Whether a booking of so much was taken back before, as a whole or in parts.
    func isTakenBack(group: String, _ amount: UInt128, _ currency: String) throws -> Bool {
        let found = try takenBack("groupReference", group, currency)
        func isAll(_ amounts: [UInt128]) -> Bool {
            !amounts.isEmpty && amounts.reduce(0, &+) == amount
        }
        // What takes it back may be told twice as well.
        return found.contains { $0.amount == amount } || isAll(found.map(\.amount))
            || Dictionary(grouping: found, by: \.message).values
                .contains { isAll($0.map(\.amount)) }
    }

    // A person may have said of a reversal that it is another one told anew: it takes nothing back.
    private func takenBack(
        _ column: String, _ reference: String, _ currency: String
    ) throws -> [(message: Int64, amount: UInt128)] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT message, amount FROM entry
                WHERE account = ? AND \(column) = ? AND isCredit = 0 AND isReversal = 1
                AND currency = ? AND state != 'superseded'
                """)
        return try Row.fetchAll(statement, arguments: [account, reference, currency])
            .map { ($0["message"], try $0.amount("amount")) }
    }

    /// Takes note that a kind of message tells of a movement too.
    func note(also id: Int64, in source: String) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE entry SET alsoIn = alsoIn || ' ' || ?1
                WHERE id = ?2 AND source != ?1 AND instr(alsoIn, ?1) = 0
                """)
        try statement.execute(arguments: [source, id])
    }

    /// Closes what is open about a movement.
    func close(_ entry: Int64, _ decision: String) throws {
        try db.execute(
            sql: """
                UPDATE deskCase SET state = 'closed', decision = ?, closedAt = ?
                WHERE entry = ? AND state = 'open'
                """, arguments: [decision, Int64(now), entry])
    }
}
