import GRDB
import ISO20022

/// Credits of this message that look like one which another kind of message told under another reference.
///
/// Midnight is not the same everywhere, and some messages tell no day: a day more or less is the same day.
/// Debits are told apart by the redemption that they pay.
struct TwinSearch {
    let db: Database
    /// The message whose credits are looked at, and its kind.
    let message: Int64
    let source: String
    let now: UInt64

    /// Puts aside each that looks like another.
    func putAside() throws {
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
        try Journal.putAside(
            where: """
                message = ?1 AND state = 'new' AND reason IS NULL
                AND (\(twins.joined(separator: " OR ")))
                """,
            [message, others[0], others[1]], .twin, at: now, in: db)
    }
}
