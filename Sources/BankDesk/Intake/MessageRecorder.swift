import GRDB
import ISO20022
import Ledger

/// Writes what a message says into the journal, within one transaction that counts only if all of it was read.
struct MessageRecorder {
    let journal: Journal
    let settings: DeskSettings
    let message: Journal.Message
    let now: UInt64
    let db: Database

    private var place = 0
    private var source = ""
    private var account = ""
    private var isOurs = false
    /// The account that the bank tells of, where it is a virtual one.
    private var virtualAccount: String?
    /// The account that the bank tells of, where it is not the desk's.
    private var foreignAccount: String?
    /// The place before the account's first movement.
    private var accountStart = 0
    /// The closing booked balance of the account, until all of its movements were read.
    private var closing: Balance?
    /// Whether the statement is in one page: its sums say something.
    private var isWhole = true
    private var gathering = EntryGathering()
    private var groupStart = 0
    /// How many movements are new.
    private(set) var entries = 0
    /// How many were known before.
    private(set) var known = 0

    init(
        _ journal: Journal, _ settings: DeskSettings, _ message: Journal.Message, now: UInt64,
        _ db: Database
    ) {
        self.journal = journal
        self.settings = settings
        self.message = message
        self.now = now
        self.db = db
    }

    // MARK: Parts

    mutating func take(_ part: MessagePart) throws {
        switch part {
        case .header(let header): try begin(header)
        case .account(let statement): try begin(statement)
        case .entry(let entry):
            gathering.begin(entry)
            groupStart = place
        case .transaction(let payment):
            for entry in gathering.take(payment) where gathering.isBooked { try add(entry) }
        case .entryEnd(let end):
            guard gathering.isBooked else { break }
            if let entry = gathering.whole(end) { try add(entry) }
            if gathering.isWrong(end) { try doubtGroup() }
        case .accountEnd(let end): try finish(end)
        case .status(let report): try add(report)
        case .returned(let payment): try add(payment)
        case .instruction, .transfer: break
        }
    }

    /// After the last part.
    mutating func finish() throws {
        try findTwins()
        try db.execute(
            sql: "UPDATE message SET state = 'read', reason = NULL WHERE id = ?",
            arguments: [message.id])
    }

    private mutating func begin(_ header: MessageHeader) throws {
        source = header.definition.kind.rawValue
        switch header.definition.kind {
        case .paymentInitiation, .customerTransfer, .bankTransfer:
            throw IntakeRefusal.notForTheDesk(source)
        default: break
        }
        // A day of grace for clocks and zones.
        let made = header.created.millisecondsSince1970(bankMinutes: 0) / 1000
        guard message.isReleased || made <= Int64(clamping: now) + 86_400 else {
            throw IntakeRefusal.fromTheFuture
        }
        try db.execute(
            sql: "UPDATE message SET kind = ?, messageId = ?, createdAt = ? WHERE id = ?",
            arguments: [source, header.id, header.created.description, message.id])
    }

    private mutating func begin(_ statement: AccountStatement) throws {
        account = AccountNumber.plain(statement.account.id.text)
        virtualAccount = nil
        foreignAccount = nil
        if account != settings.account, try journal.customer(virtual: account, db) != nil {
            // The same money stands in the account itself, under the same reference.
            virtualAccount = account
            account = settings.account
        }
        isOurs = account == settings.account
        if !isOurs {
            foreignAccount = account
            account = journal.cipher.lookup(account, .entryAccount).hex
        }
        accountStart = place
        closing =
            isOurs && virtualAccount == nil && source == MessageKind.statement.rawValue
            ? statement.balance(.closingBooked) : nil
        isWhole = statement.head.page.map { $0.number == 1 && $0.isLast } ?? true
    }

    /// A statement that contradicts itself is kept for the books, and not attested.
    private func finish(_ end: AccountEnd) throws {
        guard let closing else { return }
        let isWrong = isWhole && ((end.difference ?? 0) != 0 || end.summaryAgrees == false)
        try db.execute(
            sql: """
                INSERT INTO statement (message, account, day, currency, closing, isNegative, hash, state)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                message.id, account, closing.date.day.description,
                closing.money.currency.description, String(closing.money.amount.units),
                closing.direction == .debit, message.hash.hex, isWrong ? "refused" : "new",
            ])
        guard isWrong else { return }
        try Journal.open(
            Case(
                kind: .message, reason: "statement-not-attested",
                text: "the statement's entries do not agree with its balances or its summary",
                message: message.id), at: now, in: db)
    }

    // MARK: Movements

    private mutating func add(_ entry: BankEntry) throws {
        place += 1
        var entry = entry
        if let virtualAccount { entry.details.creditorAccount = virtualAccount }
        if let foreignAccount { entry.details.statedAccount = foreignAccount }
        entry.dropPlaceholders()
        guard let reference = entry.reference else {
            // A redemption's number tells a debit apart; of a credit nobody could tell whether it is known.
            return try insert(entry, doubt: doubt(entry) ?? (entry.isCredit ? .noReference : nil))
        }
        if let before = try find(reference, entry) {
            guard before.amount == entry.amount, before.currency == entry.currency else {
                return try insertWithout(reference, &entry, .referenceReused)
            }
            if before.isExpected {
                if doubt(entry) == nil { return try book(before.id, entry) }
            } else if isAnother(before, entry) {
                return try insertWithout(reference, &entry, .referenceReused)
            }
            known += 1
            return try note(also: before.id)
        }
        switch try compareGroup(reference, entry) {
        case .unknown: try insert(entry, doubt: doubt(entry))
        case .known(let ids):
            known += 1
            for id in ids { try note(also: id) }
        case .contradiction: try insertWithout(reference, &entry, .groupKnown)
        }
    }

    private func doubt(_ entry: BankEntry) -> EntryDoubt? {
        if !isOurs { return .otherAccount }
        if entry.currency != settings.currency.description { return .otherCurrency }
        if entry.isReversal { return .reversal }
        if let doubt = entry.doubt { return doubt }
        if !message.isReleased, let day = entry.bookedOn.flatMap({ CivilDate($0) }),
            day.daysSince1970 > Int(now / 86_400) + 1
        {
            return .future
        }
        return nil
    }

    /// A movement that is in the journal.
    private struct Known {
        let id: Int64
        let amount: UInt128
        let currency: String
        let state: String
        let reason: String?
        let message: Int64
        let place: Int
        let bookedOn: String?

        /// Whether it was told before its day had come.
        var isExpected: Bool {
            reason == EntryDoubt.future.rawValue && ["aside", "refused"].contains(state)
        }

        init(_ row: Row) throws {
            id = row["id"]
            reason = row["reason"]
            message = row["message"]
            place = row["place"]
            bookedOn = row["bookedOn"]
            amount = try row.amount("amount")
            currency = row["currency"]
            state = row["state"]
        }
    }

    private func find(_ reference: String, _ entry: BankEntry) throws -> Known? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT * FROM entry
                WHERE account = ? AND reference = ? AND isCredit = ? AND isReversal = ?
                """)
        return try Row.fetchOne(
            statement, arguments: [account, reference, entry.isCredit, entry.isReversal]
        ).map { try Known($0) }
    }

    /// Whether a movement under a known reference is another one all the same: the account has the reference
    /// twice, or on two days.
    private func isAnother(_ before: Known, _ entry: BankEntry) -> Bool {
        if before.message == message.id { return before.place > accountStart }
        guard let first = before.bookedOn, let second = entry.bookedOn else { return false }
        return first != second
    }

    /// What was told before its day is booked now: from here on it is as if told for the first time.
    private mutating func book(_ id: Int64, _ entry: BankEntry) throws {
        entries += 1
        try db.execute(
            sql: """
                UPDATE entry SET message = ?, place = ?, bookedOn = ?, source = ?, details = ?,
                    state = ?, reason = NULL WHERE id = ?
                """,
            arguments: [
                message.id, place, entry.bookedOn, source,
                DatabaseBytes(try entry.details.sealed(journal.cipher)),
                entry.isCredit ? "new" : "debit", id,
            ])
        try close(id, "booked")
    }

    /// Closes what is open about a movement.
    private func close(_ entry: Int64, _ decision: String) throws {
        try db.execute(
            sql: """
                UPDATE deskCase SET state = 'closed', decision = ?, closedAt = ?
                WHERE entry = ? AND state = 'open'
                """, arguments: [decision, Int64(now), entry])
    }

    private enum GroupStanding {
        case unknown
        case known([Int64])
        case contradiction
    }

    /// A booking told as a whole once and in its parts another time has one effect.
    private func compareGroup(_ reference: String, _ entry: BankEntry) throws -> GroupStanding {
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
                statement, arguments: [account, group, entry.isReversal, message.id]
            ).map { try Known($0) }
            guard !parts.isEmpty else { return .unknown }
            let sum = parts.reduce(UInt128(0)) { $0 &+ $1.amount }
            return sum == entry.amount ? .known(parts.map(\.id)) : .contradiction
        }
        // A part of which the whole may be known.
        guard let whole = try find(group, entry) else { return .unknown }
        // What nobody acted upon gives way to its parts.
        let isUntouched =
            ["new", "debit"].contains(whole.state) && whole.amount == gathering.amount
        if whole.state == "aside" || isUntouched {
            try db.execute(
                sql: "UPDATE entry SET state = 'superseded' WHERE id = ?", arguments: [whole.id])
            try close(whole.id, "told in its parts")
            return .unknown
        }
        if whole.state == "superseded" { return .unknown }
        let isSame = whole.amount == entry.amount && whole.currency == entry.currency
        return isSame ? .known([whole.id]) : .contradiction
    }

    private func note(also id: Int64) throws {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE entry SET alsoIn = alsoIn || ' ' || ?1
                WHERE id = ?2 AND source != ?1 AND instr(alsoIn, ?1) = 0
                """)
        try statement.execute(arguments: [source, id])
    }

    private mutating func insertWithout(
        _ reference: String, _ entry: inout BankEntry, _ doubt: EntryDoubt
    ) throws {
        entry.details.statedReference = reference
        entry.reference = nil
        try insert(entry, doubt: doubt)
    }

    private mutating func insert(_ entry: BankEntry, doubt: EntryDoubt?) throws {
        entries += 1
        let ledgerReference =
            entry.reference.map { LedgerReference.of($0, account: account) }
            ?? LedgerReference.of(message: message.hash, place: place)
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO entry (message, place, account, reference, groupReference, ledgerReference,
                    amount, currency, isCredit, isReversal, bookedOn, source, details, state, reason)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(
            arguments: [
                message.id, place, account, entry.reference, entry.groupReference,
                ledgerReference.hex, String(entry.amount), entry.currency, entry.isCredit,
                entry.isReversal, entry.bookedOn, source,
                DatabaseBytes(try entry.details.sealed(journal.cipher)),
                doubt != nil ? "aside" : entry.isCredit ? "new" : "debit", doubt?.rawValue,
            ])
        if let doubt {
            try Journal.open(
                Case(
                    kind: .entry, reason: doubt.rawValue, text: doubt.words,
                    entry: db.lastInsertedRowID), at: now, in: db)
        }
    }

    /// Puts the parts of a collective booking aside that do not add up to it.
    private func doubtGroup() throws {
        try putAside(
            "message = ? AND place > ? AND state IN ('new', 'debit')",
            [message.id, groupStart], .badSum)
    }

    /// Credits of this message that look like one which another kind of message told under another reference.
    ///
    /// Midnight is not the same everywhere, and some messages tell no day: a day more or less is the same day.
    /// Debits are told apart by the redemption that they pay.
    private func findTwins() throws {
        let others = [MessageKind.accountReport, .statement, .notification].map(\.rawValue).filter {
            $0 != source
        }
        guard others.count == 2 else { return }
        // Each an index's range: a file may have ten thousand payments of one amount.
        let days = [
            "other.bookedOn IS NULL",
            """
            other.bookedOn BETWEEN coalesce(date(entry.bookedOn, '-1 day'), '')
                AND coalesce(date(entry.bookedOn, '+1 day'), '9999-99-99')
            """,
        ]
        let twins = days.map { days in
            """
            EXISTS (SELECT 1 FROM entry AS other WHERE other.account = entry.account
                AND other.amount = entry.amount AND other.source IN (?2, ?3) AND \(days)
                AND other.currency = entry.currency AND other.isCredit = entry.isCredit
                AND other.message != ?1
                AND instr(other.alsoIn, entry.source) = 0
                AND instr(entry.alsoIn, other.source) = 0
                AND other.state NOT IN ('refused', 'superseded'))
            """
        }
        try putAside(
            "message = ?1 AND state = 'new' AND (\(twins.joined(separator: " OR ")))",
            [message.id, others[0], others[1]], .twin)
    }

    private func putAside(
        _ condition: String, _ arguments: StatementArguments, _ doubt: EntryDoubt
    ) throws {
        let ids = try Int64.fetchAll(
            db, sql: "SELECT id FROM entry WHERE \(condition)", arguments: arguments)
        for id in ids { try Journal.putAside(id, doubt, at: now, in: db) }
    }

    // MARK: What became of payments

    private mutating func add(_ report: StatusReport) throws {
        place += 1
        guard let status = report.status else { return }
        let outcome: String
        switch status.outcome {
        case .settled: outcome = "settled"
        case .refused: outcome = "refused"
        case .partly, .underway: return
        }
        let reason = report.reasons.first
        // It goes onto the ledger for all to see: a code of ISO 20022 and none of the bank's own words, which
        // may speak of a person. Those are in the archived message.
        let code = reason?.code.flatMap { $0.text.utf8.count == 4 ? $0.text : nil } ?? "NARR"
        try db.execute(
            sql: """
                INSERT INTO status (message, place, originalMessage, endToEnd, outcome, reasonCode, state)
                VALUES (?, ?, ?, ?, ?, ?, 'new')
                """,
            arguments: [
                message.id, place, report.originalMessageID ?? "",
                report.scope == .transaction ? report.references.endToEndID ?? "" : nil, outcome,
                code,
            ])
    }

    private mutating func add(_ payment: ReturnedPayment) throws {
        place += 1
        let facts: [(String, String?)] = [
            ("end to end", payment.references.endToEndID), ("return", payment.returnID),
            ("clearing", payment.references.clearingReference),
            ("original message", payment.originalMessageID),
            ("why", payment.reasons.first?.proprietary),
        ]
        let details = facts.compactMap { name, value in value.map { "\(name) \($0)" } }
        try Journal.open(
            Case(
                kind: .paymentReturn, reason: payment.reasons.first?.code?.text ?? "unknown",
                text: "a payment came back between banks: \(payment.money)", message: message.id,
                redemption: payment.references.endToEndID.flatMap { UInt64($0) },
                place: Int64(place), details: details.joined(separator: ", ")),
            sealing: journal.cipher, at: now, in: db)
    }
}

/// Why a message that can be read is not for the desk.
enum IntakeRefusal: Error {
    /// A kind of message that asks somebody else for something.
    case notForTheDesk(String)
    /// Made later than tomorrow.
    case fromTheFuture
}
