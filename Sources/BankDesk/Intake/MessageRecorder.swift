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
    /// Whether the booking that begins at a place was taken back before, once that was asked.
    private var groupLookedUp: (start: Int, isTakenBack: Bool)?
    private var statuses = StatusGathering()
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

    /// What the journal has of the account.
    private var present: KnownEntries {
        KnownEntries(db: db, account: account, message: message.id, now: now)
    }

    private var outcomes: OutcomeRecorder {
        OutcomeRecorder(journal: journal, db: db, message: message.id, now: now)
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
        case .status(let report):
            place += 1
            let (told, code) = try statuses.take(report) { endToEnd in
                try Journal.file(ofPayment: endToEnd, in: db)
            }
            try outcomes.add(told, code, at: place)
        case .returned(let payment):
            place += 1
            try outcomes.add(payment, at: place)
        case .instruction, .transfer: break
        }
    }

    /// After the last part.
    mutating func finish() throws {
        try statuses.finish(message.id, db)
        try TwinSearch(db: db, message: message.id, source: source, now: now).putAside()
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
        let isContradiction = isWhole && ((end.difference ?? 0) != 0 || end.summaryAgrees == false)
        // After a day to come no earlier one would be attested any more.
        let isEarly = isToCome(closing.date.day)
        // An account may have a part in each of several currencies, under one number.
        let isForeign = closing.money.currency != settings.currency
        let isWrong = isContradiction || isEarly || isForeign
        try db.execute(
            sql: """
                INSERT INTO statement (message, account, day, currency, closing, isNegative, hash, state)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                message.id, account, closing.date.day.description,
                closing.money.currency.description, String(closing.money.amount.units),
                closing.direction == .debit, message.hash.hex,
                isForeign ? "foreign" : isWrong ? "refused" : "new",
            ])
        guard isWrong else { return }
        try Journal.open(
            Case(
                kind: .message, reason: "statement-not-attested",
                text: isForeign
                    ? "the statement's closing balance is in another currency than the token"
                    : isContradiction
                        ? "the statement's entries do not agree with its balances or its summary"
                        : "the statement's closing balance is of a day to come",
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
            let isToldApart = try !entry.isCredit || isBetweenBanks(entry)
            try insert(entry, doubt: doubt(entry) ?? (isToldApart ? nil : .noReference))
            return try stop(entry)
        }
        if let before = try present.find(reference, entry) {
            guard before.amount == entry.amount, before.currency == entry.currency else {
                return try insertWithout(reference, &entry, .referenceReused)
            }
            if before.isExpected {
                if doubt(entry) == nil { return try book(before.id, entry) }
            } else if try isAnother(before, entry) {
                return try insertWithout(reference, &entry, .referenceReused)
            }
            known += 1
            return try present.note(also: before.id, in: source)
        }
        switch try present.standing(
            of: entry, under: reference, inGroupOf: gathering.amount)
        {
        case .unknown:
            let id = try insert(entry, doubt: doubt(entry))
            try stop(entry)
            try hold(id, entry)
        case .known(let ids):
            known += 1
            for id in ids { try present.note(also: id, in: source) }
        case .contradiction: try insertWithout(reference, &entry, .groupKnown)
        }
    }

    /// Whether a movement names a payment between banks that the desk knows of: what it is called tells it apart.
    private func isBetweenBanks(_ entry: BankEntry) throws -> Bool {
        guard let name = entry.details.pairName else { return false }
        return try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM netPair WHERE messageId = ?)",
            arguments: [name]) ?? false
    }

    private func doubt(_ entry: BankEntry) -> EntryDoubt? {
        if !isOurs { return .otherAccount }
        if entry.currency != settings.currency.description { return .otherCurrency }
        if entry.isReversal { return .reversal }
        if let doubt = entry.doubt { return doubt }
        if !message.isReleased, let day = entry.bookedOn.flatMap({ CivilDate($0) }), isToCome(day) {
            return .future
        }
        return nil
    }

    /// Whether a day is later than tomorrow: clocks and zones differ.
    private func isToCome(_ day: CivilDate) -> Bool {
        day.daysSince1970 > Int(clamping: now / 86_400) + 1
    }

    /// Whether a movement under a known reference is another one all the same: the account has the reference
    /// twice, on two days, or for payments of two names.
    private func isAnother(_ before: KnownEntry, _ entry: BankEntry) throws -> Bool {
        if before.message == message.id, before.place > accountStart { return true }
        return try before.isOfAnotherDay(than: entry)
            || before.isOfAnotherName(than: entry, journal.cipher)
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
        try present.close(id, "booked")
        try hold(id, entry)
    }

    /// Puts a movement aside that one before it took back.
    private mutating func hold(_ id: Int64, _ entry: BankEntry) throws {
        guard try present.isTakenBack(entry) || isGroupTakenBack(entry) else { return }
        try Journal.putAside(
            id, .reversal, "an entry that was told before takes this one back", at: now, in: db)
    }

    private mutating func isGroupTakenBack(_ entry: BankEntry) throws -> Bool {
        guard entry.isCredit, !entry.isReversal, let group = entry.groupReference,
            let amount = gathering.amount
        else { return false }
        // Once a booking: it may have many thousand parts.
        if groupLookedUp?.start != groupStart {
            let isTakenBack = try present.isTakenBack(group: group, amount, entry.currency)
            groupLookedUp = (groupStart, isTakenBack)
        }
        return groupLookedUp?.isTakenBack == true
    }

    /// Stops what a movement takes back, where that is not on its way to the ledger.
    private mutating func stop(_ reversal: BankEntry) throws {
        guard reversal.isReversal, try !present.stop(reversal), !reversal.isCredit,
            let group = reversal.groupReference, let amount = gathering.amount,
            groupLookedUp?.start != groupStart
        else { return }
        groupLookedUp = (groupStart, false)
        try present.stop(group: group, amount, reversal.currency)
    }

    private mutating func insertWithout(
        _ reference: String, _ entry: inout BankEntry, _ doubt: EntryDoubt
    ) throws {
        entry.details.statedReference = reference
        entry.reference = nil
        try insert(entry, doubt: doubt)
    }

    /// - Returns: the movement's number in the journal.
    @discardableResult
    private mutating func insert(_ entry: BankEntry, doubt: EntryDoubt?) throws -> Int64 {
        entries += 1
        let isOfPair = try doubt == nil && entry.isCredit && isBetweenBanks(entry)
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
                doubt != nil ? "aside" : entry.isCredit ? "new" : "debit",
                doubt?.rawValue ?? (isOfPair ? Self.betweenBanks : nil),
            ])
        let id = db.lastInsertedRowID
        if let doubt {
            try Journal.open(
                Case(kind: .entry, reason: doubt.rawValue, text: doubt.words, entry: id), at: now,
                in: db)
        }
        return id
    }

    /// Why an entry has no twin: it is told apart by the payment between banks that it names.
    private static let betweenBanks = "between-banks"

    /// Puts the parts of a collective booking aside that do not add up to it.
    private func doubtGroup() throws {
        try Journal.putAside(
            where: "message = ? AND place > ? AND state IN ('new', 'debit')",
            [message.id, groupStart], .badSum, at: now, in: db)
    }
}
