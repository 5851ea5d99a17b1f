import GRDB
import Ledger

/// A payment of an order that a customer asked for in a pain.001 of its own.
public struct SubmittedPayment: Sendable, Equatable {
    /// How far it has come.
    public enum State: String, Sendable {
        /// The desk will pay it.
        case accepted
        /// A transaction was made.
        case paying
        /// The order has the money.
        case paid
        /// A person has to find out whether it has.
        case unclear
        /// It is not paid, and never will be under this name.
        case refused
    }

    /// Its number in the journal; 0 where the journal does not have it.
    public var id: Int64 = 0
    /// The customer's message.
    public let message: String
    /// The customer's instruction in it.
    public let instruction: String
    /// What the customer calls the payment.
    public let endToEnd: String
    /// What the file that was submitted calls it beside that; the journal has it not.
    public var instructedID: String?
    /// Whose; nil where the debtor's account is nobody's.
    public var customer: Int64?
    /// The order; nil where the payment names none.
    public var order: UInt64?
    /// In smallest units.
    public var amount: UInt128
    /// A code of ISO 4217.
    public var currency: String
    /// How far it has come.
    public var state = State.accepted
    /// Why it was refused: a code of ISO 20022's external status reasons.
    public var reason: String?
    /// The same in a sentence.
    public var text: String?
}

extension SubmittedPayment {
    /// Why a payment is not made.
    enum Refusal: String {
        /// The debtor's account is no customer's.
        case unknownAccount = "AC01"
        /// The desk does not keep the key of the debtor's account on the ledger, or does not serve it.
        case notAllowed = "AG01"
        /// It names no order of the debtor's that can be paid.
        case noOrder = "BE23"
        /// It is in another currency than the bank's token.
        case otherCurrency = "AM03"
        /// It is more than the order still takes.
        case tooMuch = "AM09"
        /// The same payment was submitted with other content.
        case changed = "AM05"
        /// The file has two payments of that name.
        case twice = "DU04"
        /// The customer has not enough.
        case notEnough = "AM04"
        /// The ledger refused it.
        case ledgerRefused = "MS03"

        /// Why, in a sentence.
        var words: String {
            switch self {
            case .unknownAccount:
                "the debtor's account is no customer's of the desk, or that of several"
            case .notAllowed: "the desk may not pay from the debtor's account on the ledger"
            case .noOrder: "it names no order of the debtor's that is open in the bank's token"
            case .otherCurrency: "it is not in the token's currency"
            case .tooMuch: "the order does not take so much any more"
            case .changed: "a payment of that name was submitted with other content"
            case .twice: "the file has a payment of that name before it"
            case .notEnough: "the debtor has not enough on the ledger"
            case .ledgerRefused: "the ledger refused it"
            }
        }
    }

    mutating func refuse(_ refusal: Refusal, _ more: String = "") {
        state = .refused
        reason = refusal.rawValue
        text = more.isEmpty ? refusal.words : "\(refusal.words): \(more)"
    }
}

// MARK: In the journal

extension JournalSchema {
    /// Payments that customers asked for; each name of a customer's once.
    static let submissions = """
        CREATE TABLE submission (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            customer INTEGER NOT NULL REFERENCES customer (id),
            message TEXT NOT NULL,
            instruction TEXT NOT NULL,
            endToEnd TEXT NOT NULL,
            ledgerOrder TEXT,
            amount TEXT NOT NULL,
            currency TEXT NOT NULL,
            state TEXT NOT NULL,
            reason TEXT,
            text TEXT,
            call INTEGER REFERENCES ledgerCall (id),
            submittedAt INTEGER NOT NULL,
            UNIQUE (customer, message, instruction, endToEnd)
        ) STRICT;
        CREATE INDEX submissionOfState ON submission (state, id) WHERE state IN ('accepted', 'paying');
        """
}

extension Journal {
    /// Keeps submitted payments that can be made, each name once; what was known keeps its fate.
    ///
    /// - Returns: all of them as the journal has them now.
    /// - Throws: ``DeskFault``.
    func submit(
        _ payments: [SubmittedPayment], at time: UInt64
    ) throws(DeskFault) -> [SubmittedPayment] {
        try write { db in
            try payments.map { payment in
                // What became of the other payment of that name says nothing of this one.
                guard payment.reason != SubmittedPayment.Refusal.twice.rawValue else {
                    return payment
                }
                // Nobody has to give a payment another name because its order was not open yet.
                if var known = try find(payment, db) {
                    let isSame =
                        known.amount == payment.amount && known.currency == payment.currency
                        && (known.order == payment.order || payment.order == nil)
                    if !isSame { known.refuse(.changed) }
                    return known
                }
                guard payment.state == .accepted else { return payment }
                try db.execute(
                    sql: """
                        INSERT INTO submission (customer, message, instruction, endToEnd, ledgerOrder,
                            amount, currency, state, reason, text, submittedAt)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        payment.customer, payment.message, payment.instruction, payment.endToEnd,
                        payment.order.map { String($0) }, String(payment.amount), payment.currency,
                        payment.state.rawValue, payment.reason, payment.text, Int64(time),
                    ])
                var kept = payment
                kept.id = db.lastInsertedRowID
                return kept
            }
        }
    }

    /// A payment of the same name, as the journal has it.
    func submitted(_ payment: SubmittedPayment) throws(DeskFault) -> SubmittedPayment? {
        try read { db in try find(payment, db) }
    }

    private func find(_ payment: SubmittedPayment, _ db: Database) throws -> SubmittedPayment? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT * FROM submission
                WHERE customer = ? AND message = ? AND instruction = ? AND endToEnd = ?
                """,
            arguments: [payment.customer, payment.message, payment.instruction, payment.endToEnd]
        ).map(Self.submission)
    }

    /// The customer with an account number, or whose payers name it by that; nil where several have it.
    func customer(account: String) throws(DeskFault) -> Customer? {
        let account = AccountNumber.plain(account)
        return try read { db in
            if let found = try customer(virtual: account, db) { return found }
            let ids = try Int64.fetchAll(
                db, sql: "SELECT id FROM customer WHERE accountLookup = ? LIMIT 2",
                arguments: [cipher.lookup(account, .accountNumber).hex])
            return try ids.count == 1 ? customer("id", ids[0], db) : nil
        }
    }

    static func submission(_ row: Row) throws -> SubmittedPayment {
        guard let state = SubmittedPayment.State(rawValue: row["state"]) else {
            throw DeskFault.journal("a submitted payment in an unknown state")
        }
        let order: String? = row["ledgerOrder"]
        return SubmittedPayment(
            id: row["id"], message: row["message"], instruction: row["instruction"],
            endToEnd: row["endToEnd"], customer: row["customer"],
            order: order.flatMap { UInt64($0) }, amount: try row.amount("amount"),
            currency: row["currency"], state: state, reason: row["reason"], text: row["text"])
    }
}
