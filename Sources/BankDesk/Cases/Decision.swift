import GRDB
import Ledger

/// What a person decides about something that was put aside.
public struct Decision: Sendable {
    /// The customer whose money it is.
    public var customer: Int64?
    /// The order that it is for.
    public var order: UInt64?
    /// The redemption that a debit paid.
    public var redemption: UInt64?
    /// The payment file all of which a debit paid, by its message id.
    public var batch: String?
    /// Why, in the person's words.
    public var text: String

    /// Makes a decision.
    public init(
        customer: Int64? = nil, order: UInt64? = nil, redemption: UInt64? = nil,
        batch: String? = nil, text: String = ""
    ) {
        self.customer = customer
        self.order = order
        self.redemption = redemption
        self.batch = batch
        self.text = text
    }
}

extension Journal {
    /// Lets what was put aside go its way; the desk does the rest.
    ///
    /// - Throws: ``DeskFault/refused(_:)`` where it cannot go on, or was decided already.
    public func release(
        _ id: Int64, _ decision: Decision, _ settings: DeskSettings, at time: UInt64
    ) throws(DeskFault) {
        guard let found = try deskCase(id) else { throw .refused("there is no case \(id)") }
        try write { db in
            switch (found.kind, found.entry, found.message) {
            case (.message, _, let message?) where found.reason != "statement-not-attested":
                try db.execute(
                    sql: """
                        UPDATE message SET state = 'taken', isReleased = 1
                        WHERE id = ? AND state = 'quarantined'
                        """, arguments: [message])
                guard db.changesCount == 1 else {
                    throw DeskFault.refused("the message is not in quarantine")
                }
            case (.entry, let entry?, _):
                try Self.refuseIfMoreIsKnown(of: entry, than: id, at: time, in: db)
                if found.reason == Case.unpaid {
                    try payOrder(with: entry, decision, db)
                } else {
                    try release(entry: entry, decision, settings, at: time, db)
                }
            case (.redemption, _, _) where found.isOfFile:
                // A held one was not sent; what another could not carry was set right.
                try db.execute(
                    sql: """
                        UPDATE paymentBatch
                        SET state = CASE state WHEN 'held' THEN 'released' ELSE 'instructing' END
                        WHERE id = (SELECT batch FROM redemption WHERE id = ?)
                        AND state IN ('held', 'faulty')
                        """, arguments: [found.redemption.map { Int64(bitPattern: $0) }])
            case (.entry, nil, _) where found.reason == Case.submitted:
                // It was not made.
                try Self.decide(found, "accepted", in: db)
            default:
                throw DeskFault.refused(
                    "there is nothing to release: do what has to be done, and close it with 'refuse'"
                )
            }
            try Self.close(id, "released \(decision.text)", at: time, in: db)
        }
    }

    /// Closes a case: what was put aside stays off the ledger.
    ///
    /// - Parameters:
    ///   - id: the case.
    ///   - text: why.
    ///   - isKnown: whether an entry is one that the journal has already, so that it does not count in the books.
    ///   - time: seconds since 1970.
    /// - Throws: ``DeskFault/refused(_:)`` where it was decided already.
    public func refuse(
        _ id: Int64, _ text: String, isKnown: Bool = false, at time: UInt64
    ) throws(DeskFault) {
        guard let found = try deskCase(id) else { throw .refused("there is no case \(id)") }
        try write { db in
            if let entry = found.entry {
                try db.execute(
                    sql: "UPDATE entry SET state = ? WHERE id = ? AND state = 'aside'",
                    arguments: [isKnown ? "superseded" : "refused", entry])
            } else if found.isOfFile {
                try Self.wasSent(found, in: db)
            } else if found.reason == Case.submitted {
                try Self.decide(found, "paid", in: db)
            } else if found.kind == .message {
                try db.execute(
                    sql:
                        "UPDATE message SET state = 'refused' WHERE id = ? AND state = 'quarantined'",
                    arguments: [found.message])
            }
            try Self.close(id, "\(isKnown ? "known" : "refused") \(text)", at: time, in: db)
        }
    }

    /// Has whoever lets a movement go see the last that is known of it, which decides all.
    ///
    /// It may be put aside a second time: taken back, for instance, after its payer was not known.
    private static func refuseIfMoreIsKnown(
        of entry: Int64, than id: Int64, at time: UInt64, in db: Database
    ) throws {
        let last = try Int64.fetchOne(
            db, sql: "SELECT max(id) FROM deskCase WHERE entry = ? AND state = 'open'",
            arguments: [entry])
        if let last, last > id {
            throw DeskFault.refused(
                "case \(last) was opened later about the same entry: look at that one, and release it where it "
                    + "changes nothing")
        }
        try db.execute(
            sql: """
                UPDATE deskCase SET state = 'closed', decision = 'see case ' || ?1, closedAt = ?3
                WHERE entry = ?2 AND state = 'open' AND id < ?1
                """, arguments: [id, entry, Int64(time)])
    }

    /// Says what became of a customer's own payment.
    private static func decide(_ found: Case, _ state: String, in db: Database) throws {
        try db.execute(
            sql: "UPDATE submission SET state = ?, call = NULL WHERE id = ? AND state = 'unclear'",
            arguments: [state, found.place])
    }

    /// Takes a held payment file as one that the bank has.
    private static func wasSent(_ found: Case, in db: Database) throws {
        guard found.reason == Case.held else {
            throw DeskFault.refused("set right what the file cannot carry, and release it")
        }
        let redemption = found.redemption.map { Int64(bitPattern: $0) }
        try db.execute(
            sql: """
                UPDATE redemption SET state = 'sent' WHERE state = 'instructed'
                AND batch = (SELECT batch FROM redemption WHERE id = ?)
                """, arguments: [redemption])
        try db.execute(
            sql: """
                UPDATE paymentBatch SET state = 'written' WHERE state = 'held'
                AND id = (SELECT batch FROM redemption WHERE id = ?)
                """, arguments: [redemption])
    }

    private func release(
        entry id: Int64, _ decision: Decision, _ settings: DeskSettings, at time: UInt64,
        _ db: Database
    ) throws {
        guard
            let entry = try Row.fetchOne(
                db, sql: "SELECT * FROM entry WHERE id = ? AND state = 'aside'", arguments: [id]
            ).map(stored)
        else { throw DeskFault.refused("the entry is not put aside any more") }
        guard entry.currency == settings.currency.description else {
            throw DeskFault.refused(
                "the entry is in \(entry.currency), the token in \(settings.currency)")
        }
        if entry.isCredit {
            guard let number = decision.customer ?? entry.customer,
                let customer = try customer("id", number, db)
            else { throw DeskFault.refused("say for which customer it is: --customer") }
            try db.execute(
                sql: """
                    UPDATE entry SET state = 'ready', reason = 'alone', customer = ?, ledgerOrder = ?
                    WHERE id = ?
                    """,
                arguments: [
                    customer.id, (decision.order ?? entry.order).map { String($0) }, id,
                ])
            return
        }
        try Self.confirm(entry, Self.paid(entry, decision, db), settings, at: time, in: db)
    }

    /// Has an order paid with money that is the customer's on the ledger since an order did not take it.
    private func payOrder(with id: Int64, _ decision: Decision, _ db: Database) throws {
        guard
            let entry = try Row.fetchOne(
                db, sql: "SELECT * FROM entry WHERE id = ?", arguments: [id]
            )
            .map(stored), let owner = entry.customer
        else { throw DeskFault.journal("entry \(id) of a case is not there") }
        guard decision.customer ?? owner == owner else {
            throw DeskFault.refused(
                "the money is customer \(owner)'s on the ledger already, and pays only its orders")
        }
        // Once: of an order that took a part of it the rest is less than the entry, and may be spent.
        try db.execute(
            sql: """
                UPDATE entry SET funding = 'wanted', fundingCall = NULL, ledgerOrder = ?
                WHERE id = ? AND state = 'issued' AND funding IN ('not-payable', 'refused')
                """, arguments: [(decision.order ?? entry.order).map { String($0) }, id])
        guard db.changesCount == 1 else {
            throw DeskFault.refused(
                "an order took a part of it: the rest is the customer's, who can pay with it or have it "
                    + "paid out; close the case with 'refuse'")
        }
    }

    /// The redemptions that a person says a debit paid.
    private static func paid(
        _ entry: StoredEntry, _ decision: Decision, _ db: Database
    ) throws -> [Payout] {
        if let file = decision.batch {
            let paid = try payouts(ofFile: file, in: db).filter { payable.contains($0.state) }
            guard !paid.isEmpty, paid.sum == entry.amount else {
                throw DeskFault.refused(
                    "what may have been paid of \(file) comes to \(paid.sum), not \(entry.amount)")
            }
            return paid
        }
        guard let paid = try decision.redemption.flatMap({ try payout($0, in: db) }) else {
            throw DeskFault.refused("say which redemption it paid: --redemption or --batch")
        }
        // One that another desk, or this one before its journal was put back, had the bank pay is the person's to know.
        guard payable.contains(paid.state) || paid.state == "foreign" else {
            throw DeskFault.refused("the redemption is \(paid.state): it cannot be settled")
        }
        return [paid]
    }

    /// What a person has to know of an entry, decrypted.
    public func facts(ofEntry id: Int64) throws(DeskFault) -> [(name: String, value: String)] {
        guard let entry = try entry(id) else { return [] }
        let details = entry.details
        let pairs: [(String, String?)] = [
            ("amount", String(entry.amount)), ("currency", entry.currency),
            ("direction", entry.isCredit ? "credit" : "debit"), ("bookedOn", entry.bookedOn),
            ("reference", entry.reference ?? details.statedReference), ("source", entry.source),
            ("account", details.statedAccount.isEmpty ? entry.account : details.statedAccount),
            ("name", details.name), ("from", details.account),
            ("to", details.creditorAccount), ("endToEnd", details.endToEnd),
            ("remittance", (details.remittance + details.references).joined(separator: " / ")),
            ("returnReason", details.returnReason), ("state", entry.state),
            ("customer", entry.customer.map { String($0) }),
            ("order", entry.order.map { String($0) }),
        ]
        return pairs.compactMap { name, value in
            value.flatMap { $0.isEmpty ? nil : (name, $0) }
        }
    }
}
