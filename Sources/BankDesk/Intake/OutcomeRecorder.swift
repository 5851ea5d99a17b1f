import GRDB
import ISO20022

/// Writes into the journal what a message says became of payments.
struct OutcomeRecorder {
    let journal: Journal
    let db: Database
    let message: Int64
    let now: UInt64

    /// Keeps what became of a payment or a file of payments.
    ///
    /// Of what is still under way, only that the bank says so of the payment itself: what it says of the file does not
    /// count for that one.
    ///
    /// - Parameters:
    ///   - report: of the payment or file.
    ///   - code: why, by all that the same message says of it and of what it is part of.
    ///   - place: in the message.
    /// - Throws: what SQLite throws.
    func add(_ report: StatusReport, _ code: String, at place: Int) throws {
        guard let status = report.status else { return }
        let outcome: String
        switch status.outcome {
        case .settled: outcome = "settled"
        case .refused: outcome = "refused"
        case .partly, .underway:
            guard report.scope == .transaction else { return }
            outcome = "underway"
        }
        try db.execute(
            sql: """
                INSERT INTO status (message, place, originalMessage, endToEnd, outcome, reasonCode, state)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                message, place, report.originalMessageID ?? "",
                report.scope == .transaction ? report.references.endToEndID ?? "" : nil, outcome,
                code, outcome == "underway" ? "done" : "new",
            ])
    }

    /// Asks a person about a payment that came back.
    func add(_ payment: ReturnedPayment, at place: Int) throws {
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
                text: "a payment came back between banks: \(payment.money)", message: message,
                redemption: payment.references.endToEndID.flatMap { UInt64($0) },
                place: Int64(place), details: details.joined(separator: ", ")),
            sealing: journal.cipher, at: now, in: db)
    }
}
