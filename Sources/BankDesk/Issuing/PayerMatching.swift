import GRDB
import ISO20022
import Ledger

/// Finds out for whom money came in.
///
/// What a payer writes counts in any of its forms, and all of them must lead to the same customer: a virtual account
/// number, a reference of ISO 11649 for a customer or an order, an address with its checksum.
struct PayerMatching: Sendable {
    let journal: Journal
    let ledger: any DeskLedger
    let points: FaultPoints
    let clock: DeskClock

    /// What an entry led to.
    private enum Finding {
        case customer(Int64, order: UInt64?)
        case doubt(EntryDoubt)
    }

    /// Looks at entries that nobody looked at yet.
    ///
    /// - Returns: whether there were any.
    /// - Throws: ``DeskFault``.
    func work() async throws(DeskFault) -> Bool {
        let entries = try journal.entries(in: "new")
        guard !entries.isEmpty else { return false }
        var findings: [(Int64, Finding)] = []
        var orders: [UInt64: Address?] = [:]
        for entry in entries {
            let references = Self.references(in: entry.details)
            var buyers: [Address] = []
            var isUnknownOrder = false
            for case .order(let id) in references {
                if orders[id] == nil { orders[id] = try await ledger.order(id).map(\.buyer) }
                if let buyer = orders[id] ?? nil {
                    buyers.append(buyer)
                } else {
                    isUnknownOrder = true
                }
            }
            var finding = try find(entry, references, buyers, isUnknownOrder: isUnknownOrder)
            // A number without check digits finds nobody, but may say what a known customer pays for.
            if case .customer(let id, nil) = finding, let order = entry.details.order,
                let buyer = try await ledger.order(order)?.buyer,
                try journal.customer(id)?.address == buyer
            {
                finding = .customer(id, order: order)
            }
            findings.append((entry.id, finding))
        }
        try journal.write { db in
            for (id, finding) in findings {
                switch finding {
                case .customer(let customer, let order):
                    try db.execute(
                        sql: """
                            UPDATE entry SET state = 'ready', customer = ?, ledgerOrder = ?
                            WHERE id = ? AND state = 'new'
                            """, arguments: [customer, order.map { String($0) }, id])
                case .doubt(let doubt):
                    try Journal.putAside(id, doubt, at: clock.now(), in: db)
                }
            }
        }
        try points.reach(.payersMatched)
        return true
    }

    private func find(
        _ entry: Journal.StoredEntry, _ references: Set<PaymentReference>, _ buyers: [Address],
        isUnknownOrder: Bool
    ) throws(DeskFault) -> Finding {
        let (found, isUnknown): ([Customer], Bool) = try journal.read { db in
            var found: [Customer] = []
            var isUnknown = false
            let account = AccountNumber.plain(entry.details.creditorAccount)
            if !account.isEmpty, let customer = try journal.customer(virtual: account, db) {
                found.append(customer)
            }
            for case .customer(let id) in references {
                let customer = try journal.customer("id", id, db)
                if let customer { found.append(customer) }
                isUnknown = isUnknown || customer == nil
            }
            for address in Self.addresses(in: entry.details) + buyers {
                if let customer = try journal.customer("address", address.hex, db) {
                    found.append(customer)
                }
            }
            return (found, isUnknown)
        }
        let orders = references.compactMap { reference in
            if case .order(let id) = reference { id } else { nil }
        }
        guard let customer = found.first else {
            return .doubt(isUnknownOrder || !buyers.isEmpty ? .unknownOrder : .unknownPayer)
        }
        // Also one that names a customer of another desk: the payer meant somebody.
        guard found.allSatisfy({ $0.id == customer.id }), !isUnknown, orders.count <= 1 else {
            return .doubt(.ambiguous)
        }
        // An order that is not there, or another's, makes no guess: the payer meant something.
        guard !isUnknownOrder, buyers.allSatisfy({ $0 == customer.address }) else {
            return .doubt(.unknownOrder)
        }
        guard customer.isActive else { return .doubt(.inactiveCustomer) }
        return .customer(customer.id, order: orders.first)
    }

    private static func references(in details: EntryDetails) -> Set<PaymentReference> {
        var found = Set(details.references.compactMap { PaymentReference($0) })
        for line in details.remittance { found.formUnion(PaymentReference.all(in: line)) }
        return found
    }

    /// Addresses that stand in a text, with a checksum that is right.
    static func addresses(in details: EntryDetails) -> [Address] {
        details.remittance.flatMap { line in
            line.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.compactMap { word in
                guard word.utf8.count == 42, word.hasPrefix("0x") else { return nil }
                // Without capitals it has no checksum: with one wrong digit it may be somebody else's.
                let address = Address(checked: String(word))
                return address?.checksummed == String(word) ? address : nil
            }
        }
    }
}
