import GRDB
import ISO20022
import Ledger

/// Takes a customer's pain.001, whose payments are for orders: those that can be made are kept for the desk, the
/// others are told with a reason.
///
/// A payment is known by its customer, message, instruction and EndToEndId: however often it is submitted, and in
/// however many files, it is made once.
public struct Submitting: Sendable {
    /// The most payments in one file.
    public static let most = 10_000

    private let journal: Journal
    private let ledger: any DeskLedger
    private let settings: DeskSettings

    /// Works with a desk's journal and settings.
    public init(_ journal: Journal, _ ledger: any DeskLedger, _ settings: DeskSettings) {
        self.journal = journal
        self.ledger = ledger
        self.settings = settings
    }

    /// Submits a file: all of it is read before anything of it counts.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - time: seconds since 1970.
    /// - Returns: the message, and each payment with its state.
    /// - Throws: ``DeskFault/refused(_:)`` for a file that cannot be read or is another kind of message, and what
    ///   journal and node throw.
    public func submit(
        _ bytes: [UInt8], at time: UInt64
    ) async throws(DeskFault) -> Submission {
        var payments: [SubmittedPayment] = []
        var orders: [UInt64: OrderFacts] = [:]
        var names: Set<[String]> = []
        let (header, all) = try Self.read(bytes)
        for asked in all {
            var payment = asked.payment
            if let order = payment.order, orders[order] == nil {
                orders[order] = try await ledger.order(order)
            }
            try check(&payment, debtor: asked.debtor, orders)
            let name = [payment.instruction, payment.endToEnd]
            if let customer = payment.customer, !names.insert(["\(customer)"] + name).inserted {
                payment.refuse(.twice)
            }
            // Several payments of one order share what is left of it, from which is gone what was paid before.
            if payment.state == .accepted, let order = payment.order,
                try ![.paid, .refused].contains(journal.submitted(payment)?.state)
            {
                orders[order]?.outstanding -= payment.amount
            }
            payments.append(payment)
        }
        var known = try journal.submit(payments, at: time)
        for (index, payment) in payments.enumerated() {
            known[index].instructedID = payment.instructedID
        }
        return Submission(header: header, payments: known)
    }

    private func check(
        _ payment: inout SubmittedPayment, debtor: String, _ orders: [UInt64: OrderFacts]
    ) throws(DeskFault) {
        guard let customer = try journal.customer(account: debtor) else {
            return payment.refuse(.unknownAccount)
        }
        payment.customer = customer.id
        guard customer.isKept, customer.isActive else { return payment.refuse(.notAllowed) }
        guard payment.currency == settings.currency.description else {
            return payment.refuse(.otherCurrency)
        }
        guard let facts = payment.order.flatMap({ orders[$0] }), facts.buyer == customer.address,
            facts.token == settings.token
        else { return payment.refuse(.noOrder) }
        guard payment.amount <= facts.outstanding else { return payment.refuse(.tooMuch) }
    }

    // MARK: The file

    private struct Asked {
        let payment: SubmittedPayment
        let debtor: String
    }

    private static func read(
        _ bytes: [UInt8]
    ) throws(DeskFault) -> (MessageHeader, [Asked]) {
        do {
            var reader = try MessageReader(bytes: bytes)
            var message: MessageHeader?
            var instruction = ""
            var asked: [Asked] = []
            while let part = try reader.next() {
                switch part {
                case .header(let header):
                    guard header.definition.kind == .paymentInitiation else {
                        let kind = header.definition.kind.rawValue
                        throw DeskFault.refused("a \(kind) is no pain.001")
                    }
                    message = header
                case .instruction(let begun): instruction = begun.id
                case .transfer(let transfer):
                    guard asked.count < most else {
                        throw DeskFault.refused("the file has more than \(most) payments")
                    }
                    asked.append(Self.asked(transfer, message?.id ?? "", instruction))
                default: break
                }
            }
            guard let message else { throw DeskFault.refused("the file has no header") }
            return (message, asked)
        } catch let fault as MessageFault {
            throw .refused("the file cannot be read: \(fault)")
        } catch let fault as DeskFault {
            throw fault
        } catch {
            throw .refused("the file cannot be read: \(error)")
        }
    }

    private static func asked(
        _ transfer: Transfer, _ message: String, _ instruction: String
    ) -> Asked {
        let remittance = transfer.parts.remittance
        let written =
            remittance.structured.compactMap(\.creditorReference).compactMap {
                PaymentReference($0)
            } + remittance.lines.flatMap { PaymentReference.all(in: $0) }
        let named = Set(
            written.compactMap { reference -> UInt64? in
                if case .order(let id) = reference { id } else { nil }
            })
        // With check digits first, then as a purchase order or in words.
        let order =
            named.isEmpty
            ? OrderReference(remittance)?.order : named.count == 1 ? named.first : nil
        return Asked(
            payment: SubmittedPayment(
                message: message, instruction: instruction,
                endToEnd: transfer.references.endToEndID ?? "",
                instructedID: transfer.references.instructedID, order: order,
                amount: transfer.money.amount.units,
                currency: transfer.money.currency.description),
            debtor: transfer.debtorAccount?.id.text ?? "")
    }
}

/// Pays orders as customers asked for in files of their own, each payment once.
struct SubmittedFunding: Sendable {
    let journal: Journal
    let clock: DeskClock

    /// Makes calls of what was accepted.
    ///
    /// - Returns: whether there was anything.
    /// - Throws: ``DeskFault``.
    func choose() throws(DeskFault) -> Bool {
        try journal.write { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT submission.id, ledgerOrder, amount, customer.address FROM submission
                    JOIN customer ON customer.id = submission.customer
                    WHERE submission.state = 'accepted' ORDER BY submission.id LIMIT 500
                    """)
            for row in rows {
                guard let order = UInt64(row["ledgerOrder"] as String) else {
                    throw DeskFault.journal("a submitted payment without its order")
                }
                let call = try Journal.add(
                    .fund, signer: try row.address("address"), target: .orders,
                    data: DeskCall.fund(order, try row.amount("amount")), at: clock.now(), in: db)
                try db.execute(
                    sql: "UPDATE submission SET state = 'paying', call = ? WHERE id = ?",
                    arguments: [call, row["id"] as Int64])
            }
            return !rows.isEmpty
        }
    }

    /// Notes what became of calls.
    ///
    /// - Returns: whether something became known.
    /// - Throws: ``DeskFault``.
    func conclude() throws(DeskFault) -> Bool {
        try journal.write { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT submission.id, ledgerCall.state, ledgerCall.reason FROM submission
                    JOIN ledgerCall ON ledgerCall.id = call
                    WHERE submission.state = 'paying' AND ledgerCall.state IN ('done', 'refused')
                    """)
            for row in rows {
                guard row["state"] as String == "refused" else {
                    try db.execute(
                        sql: "UPDATE submission SET state = 'paid' WHERE id = ?",
                        arguments: [row["id"] as Int64])
                    continue
                }
                let name = LedgerRefusal(text: row["reason"] as String? ?? "").name
                guard name != LedgerRefusal.nonceTaken.name else {
                    try ask(about: row["id"], db)
                    continue
                }
                let refusal: SubmittedPayment.Refusal =
                    name == LedgerRefusal.noKey.name
                    ? .notAllowed
                    : name.hasPrefix("Insufficient") || name.hasPrefix("ERC20Insufficient")
                        ? .notEnough : .ledgerRefused
                try db.execute(
                    sql: """
                        UPDATE submission SET state = 'refused', reason = ?, text = ? WHERE id = ?
                        """,
                    arguments: [
                        refusal.rawValue, "\(refusal.words): \(name)", row["id"] as Int64,
                    ])
            }
            return !rows.isEmpty
        }
    }

    /// Asks a person about a payment that may have been made: its receipt may be gone.
    private func ask(about id: Int64, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE submission SET state = 'unclear' WHERE id = ?", arguments: [id])
        let order = try String.fetchOne(
            db, sql: "SELECT ledgerOrder FROM submission WHERE id = ?", arguments: [id])
        try Journal.open(
            Case(
                kind: .entry, reason: Case.submitted,
                text:
                    "another transaction of the customer has the nonce of the one that paid order "
                    + "\(order ?? ""): look whether it is paid", place: id), at: clock.now(), in: db
        )
    }
}
