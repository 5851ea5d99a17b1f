import Auditing
import Execution
import Ledger
import Storage

/// The books that an audit writes, as files for an auditor's own tools; docs/auditing.md describes their columns.
struct BookFiles {
    private let journal: CSVFile?
    private let roles: CSVFile?

    private static let journalHeader = [
        "block", "entry", "time", "transaction", "kind", "debit_account", "credit_account", "token",
        "symbol", "decimals", "units", "amount", "order", "line", "to_order", "held_for",
        "redemption", "reference",
    ]
    private static let rolesHeader = [
        "block", "time", "transaction", "proposal", "what", "of", "before", "after", "by",
    ]

    /// Begins the files that are wanted; what is not whole is among the leftovers.
    init(journal: String?, roles: String?, _ leftovers: Leftovers) throws {
        self.journal = try journal.map { try CSVFile($0, header: Self.journalHeader, leftovers) }
        self.roles = try roles.map { try CSVFile($0, header: Self.rolesHeader, leftovers) }
    }

    /// What the audit writes into.
    var books: AuditBooks {
        var books = AuditBooks()
        if let journal {
            var clock = BookClock()
            books.journal = { entry throws(StoreFault) in
                try journal.write(Self.row(entry, &clock))
            }
        }
        if let roles {
            var clock = BookClock()
            books.roles = { change throws(StoreFault) in
                try roles.write(Self.row(change, &clock))
            }
        }
        return books
    }

    /// Gives the files their names, or removes what there is of them.
    ///
    /// - Returns: the rows of each.
    func end(whole: Bool) throws -> (journal: Int?, roles: Int?) {
        guard whole else {
            journal?.discard()
            roles?.discard()
            return (nil, nil)
        }
        // Where there is no room for one of them there is neither.
        try journal?.complete()
        try roles?.complete()
        try journal?.finish()
        try roles?.finish()
        return (journal?.count, roles?.count)
    }

    private static func row(_ entry: JournalEntry, _ clock: inout BookClock) -> [String] {
        let payment = entry.payment
        let currency = Currency(
            address: entry.token.address, symbol: Output.clean(entry.token.symbol, atMost: 32),
            decimals: Int(entry.token.decimals))
        return [
            "\(entry.height)", "\(entry.number)", clock.text(entry.timeMillis),
            entry.transaction?.hex ?? "", payment.kind.rawValue, entry.debit.checksummed,
            entry.credit.checksummed, currency.address.checksummed, currency.symbol,
            "\(currency.decimals)", "\(payment.amount)", currency.plain(payment.amount),
            payment.order.map { "\($0)" } ?? "", payment.line.map { "\($0)" } ?? "",
            payment.toOrder.map { "\($0)" } ?? "", entry.heldFor?.checksummed ?? "",
            payment.redemption.map { "\($0)" } ?? "", payment.reference?.hex ?? "",
        ]
    }

    private static func row(_ change: RoleChange, _ clock: inout BookClock) -> [String] {
        [
            "\(change.height)", clock.text(change.timeMillis), change.transaction?.hex ?? "",
            change.proposal.map { "\($0)" } ?? "", change.what, Output.clean(change.of),
            Output.clean(change.before ?? ""), Output.clean(change.after ?? ""),
            change.by.map(\.checksummed).joined(separator: " "),
        ]
    }
}

/// Tells times of blocks as ISO 8601 does; the rows of a block have one time.
private struct BookClock {
    private var millis: UInt64 = 0
    private var last = ""

    mutating func text(_ millis: UInt64) -> String {
        if millis != self.millis || last.isEmpty {
            let fraction = String(millis % 1000 + 1000).dropFirst()
            let seconds = CivilTime.text(millis / 1000) ?? "\(millis / 1000)"
            last = seconds.replacing(" ", with: "T").replacing("Z", with: ".\(fraction)Z")
            self.millis = millis
        }
        return last
    }
}
