import ISO20022
import Ledger

/// Puts the parts of entries together into movements of the account.
///
/// A booking without payments, or with one, is one movement of the booking's amount; a collective booking is as
/// many as it has payments, each under its own reference.
struct EntryGathering {
    private var entry: Entry?
    private var first: EntryTransaction?
    private var count = 0

    /// Takes the beginning of a booking.
    mutating func begin(_ entry: Entry) {
        self.entry = entry
        first = nil
        count = 0
    }

    /// Takes a payment.
    ///
    /// - Returns: movements that are known now; none before it is known whether there are several.
    mutating func take(_ payment: EntryTransaction) -> [BankEntry] {
        guard let entry else { return [] }
        count += 1
        if count == 1 {
            first = payment
            return []
        }
        let one = Self.part(payment, of: entry)
        guard let held = first else { return [one] }
        first = nil
        return [Self.part(held, of: entry), one]
    }

    /// The movement that the booking is, where it is one.
    func whole(_ end: EntryEnd) -> BankEntry? {
        guard let entry, count <= 1 else { return nil }
        var movement = Self.movement(entry, first)
        if count == 0, end.batches.count == 1 {
            movement.details.batchMessage = end.batches[0].messageID ?? ""
        }
        // Where it is more than the one payment, it is known by its own reference: all of its parts may come yet.
        let reference = isWrong(end) ? nil : first?.references.servicerReference
        movement.reference = reference ?? entry.servicerReference
        movement.groupReference = entry.servicerReference
        return movement
    }

    /// Whether the payments that are told are not what was booked.
    ///
    /// Of a single one the bank may have kept charges, but a credit is never more than what was paid: of a collective
    /// booking only one payment is told then, and the rest is not for whom that one is. Debits are held against
    /// redemptions later on.
    func isWrong(_ end: EntryEnd) -> Bool {
        guard count == 1 else {
            return count > 1 && (end.difference != 0 || !end.batchesAgree)
        }
        return entry?.direction == .credit
            && (end.difference ?? 0 > 0 || end.batches.contains { $0.transactions ?? 1 > 1 })
    }

    /// The booking's amount, in smallest units.
    var amount: UInt128? { entry?.money.amount.units }

    /// Whether the booking is in the account.
    var isBooked: Bool { entry?.status == .booked }

    private static func part(_ payment: EntryTransaction, of entry: Entry) -> BankEntry {
        var movement = movement(entry, payment)
        movement.reference = payment.references.servicerReference
        movement.groupReference = entry.servicerReference
        if let stated = movement.reference, stated == entry.servicerReference {
            // The booking's reference, repeated in each part, tells none of them apart.
            movement.details.statedReference = stated
            movement.reference = nil
        }
        if let money = payment.money {
            movement.amount = money.amount.units
            movement.currency = money.currency.description
        } else {
            movement.doubt = .badSum
        }
        if let direction = payment.direction { movement.isCredit = direction == .credit }
        return movement
    }

    private static func movement(_ entry: Entry, _ payment: EntryTransaction?) -> BankEntry {
        var details = EntryDetails()
        let isCredit = entry.direction == .credit
        if let payment {
            let party = isCredit ? payment.debtor : payment.creditor
            let account = isCredit ? payment.debtorAccount : payment.creditorAccount
            details.name = party?.name ?? ""
            details.account = account?.id.text ?? ""
            details.creditorAccount = isCredit ? payment.creditorAccount?.id.text ?? "" : ""
            details.endToEnd = payment.references.endToEndID ?? ""
            details.batchMessage = payment.references.messageID ?? ""
            details.remittance = payment.remittance.allLines
            details.references = payment.remittance.structured.compactMap(\.creditorReference)
            details.order = OrderReference(payment.remittance)?.order
            details.returnReason =
                payment.returnReason.map { $0.code?.text ?? $0.proprietary ?? "unknown" } ?? ""
        }
        return BankEntry(
            amount: entry.money.amount.units, currency: entry.money.currency.description,
            isCredit: isCredit, isReversal: entry.isReversal,
            bookedOn: entry.booked?.day.description, details: details,
            doubt: details.returnReason.isEmpty ? nil : .returned)
    }
}
