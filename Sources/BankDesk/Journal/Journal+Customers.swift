import GRDB
import Ledger

/// Customers: names and account numbers are encrypted, and found by keyed hashes.
extension Journal {
    /// Adds a customer.
    ///
    /// - Throws: ``DeskFault/refused(_:)`` where the address or the virtual account is another customer's, an account
    ///   number would lead to two, or no payment order could name it.
    public func add(
        _ new: NewCustomer, _ settings: DeskSettings, at time: UInt64
    ) throws(DeskFault) -> Customer {
        try PaymentFile.check(new, settings)
        guard !new.fundsOrders || new.isKept else {
            throw .refused("orders can be paid only with a key that the desk keeps")
        }
        try Self.check(new.address)
        guard (1...140).contains(new.name.count), (1...34).contains(new.account.utf8.count) else {
            throw .refused("a name has 1 to 140 characters, an account number 1 to 34")
        }
        return try write { db in
            try refuseIfTaken(new.address, db)
            try refuseIfAmbiguous(new, settings, db)
            let lookup = cipher.lookup(new.account, .accountNumber)
            let payout = cipher.lookup("\(new.address.hex) \(new.account)", .payout)
            if let former = try customer(payout: payout, db) {
                throw DeskFault.refused(
                    "customer \(former.id) had this address with the same account: give it the address again"
                )
            }
            try db.execute(
                sql: """
                    INSERT INTO customer (address, isKept, name, account, agent, accountLookup, virtual,
                        virtualLookup, payout, fundsOrders, addedAt)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    new.address.hex, new.isKept,
                    DatabaseBytes(try cipher.seal(new.name, .customerName)),
                    DatabaseBytes(try cipher.seal(new.account, .accountNumber)), new.agent,
                    lookup.hex,
                    try new.virtualAccount.map {
                        DatabaseBytes(try cipher.seal($0, .virtualAccount))
                    },
                    new.virtualAccount.map { cipher.lookup($0, .virtualAccount).hex },
                    payout.hex, new.fundsOrders, Int64(time),
                ])
            guard let customer = try customer("id", db.lastInsertedRowID, db) else {
                throw DeskFault.journal("a customer is gone that was just added")
            }
            return customer
        }
    }

    private static func check(_ address: Address) throws(DeskFault) {
        guard address != .zero, !address.isNativeContract, address.orderID == nil else {
            throw .refused("nobody can have the key of \(address.checksummed)")
        }
    }

    /// Why no customer has the account in which the money of all of them stands.
    static let ownAccount =
        "that is the bank's own account, into which the money of all customers comes"

    /// Refuses account numbers by which one customer's money would be taken for another's, or for the bank's.
    private func refuseIfAmbiguous(
        _ new: NewCustomer, _ settings: DeskSettings, _ db: Database
    ) throws {
        guard new.account != settings.account, new.virtualAccount != settings.account else {
            throw DeskFault.refused(Self.ownAccount)
        }
        if let other = try customer(virtual: new.account, db) {
            throw DeskFault.refused(
                "the account is customer \(other.id)'s virtual one: what is paid out would come in again"
            )
        }
        guard let virtual = new.virtualAccount else { return }
        guard try customer(virtual: virtual, db) == nil else {
            throw DeskFault.refused("the virtual account is another customer's")
        }
        let isPaidOutTo =
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM customer WHERE accountLookup = ?)",
                arguments: [cipher.lookup(virtual, .accountNumber).hex]) ?? false
        guard virtual != new.account, !isPaidOutTo else {
            throw DeskFault.refused(
                "the virtual account is one to which redemptions are paid: what is paid out would come in again"
            )
        }
    }

    private func refuseIfTaken(
        _ address: Address, by id: Int64? = nil, _ db: Database
    ) throws {
        guard let owner = try customer("address", address.hex, db), owner.id != id else { return }
        throw DeskFault.refused("customer \(owner.id) has this address")
    }

    /// Changes what may change of a customer: its name and account stay with what was done for it.
    ///
    /// - Throws: ``DeskFault/refused(_:)`` for an address that is another customer's or can be nobody's, and for
    ///   orders that are to be paid without the key.
    public func update(
        _ id: Int64, address: Address? = nil, fundsOrders: Bool? = nil, isActive: Bool? = nil
    ) throws(DeskFault) {
        if let address { try Self.check(address) }
        try write { db in
            if let address {
                try refuseIfTaken(address, by: id, db)
                // The key that the desk has is not that of the new address; calls up to here were made for the old one.
                try db.execute(
                    sql: """
                        UPDATE customer SET address = ?, isKept = 0, fundsOrders = 0,
                            movedBehind = (SELECT coalesce(max(id), 0) FROM ledgerCall)
                        WHERE id = ?
                        """, arguments: [address.hex, id])
            }
            if let fundsOrders {
                try db.execute(
                    sql: "UPDATE customer SET fundsOrders = ? WHERE id = ? AND isKept",
                    arguments: [fundsOrders, id])
                guard db.changesCount == 1 else {
                    throw DeskFault.refused(
                        "orders can be paid only with a key that the desk keeps")
                }
            }
            if let isActive {
                try db.execute(
                    sql: "UPDATE customer SET isActive = ? WHERE id = ?", arguments: [isActive, id])
            }
        }
    }

    /// All customers, in the order in which they were added.
    public func customers() throws(DeskFault) -> [Customer] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM customer ORDER BY id").map(customer)
        }
    }

    /// A customer by its number.
    public func customer(_ id: Int64) throws(DeskFault) -> Customer? {
        try read { db in try customer("id", id, db) }
    }

    /// A customer by its account on the ledger.
    public func customer(at address: Address) throws(DeskFault) -> Customer? {
        try read { db in try customer("address", address.hex, db) }
    }

    /// The customer whose payers name it by an account number.
    func customer(virtual account: String, _ db: Database) throws -> Customer? {
        try customer("virtualLookup", cipher.lookup(account, .virtualAccount).hex, db)
    }

    /// The customer for whom 32 bytes on the ledger stand.
    func customer(payout: Hash32, _ db: Database) throws -> Customer? {
        try customer("payout", payout.hex, db)
    }

    /// The customer with a value in a column in which no two have the same.
    func customer(
        _ column: String, _ value: some DatabaseValueConvertible, _ db: Database
    ) throws -> Customer? {
        let statement = try db.cachedStatement(sql: "SELECT * FROM customer WHERE \(column) = ?")
        return try Row.fetchOne(statement, arguments: [value]).map(customer)
    }

    private func customer(_ row: Row) throws -> Customer {
        let isVirtual: Bool = row["virtualLookup"] != nil
        return Customer(
            id: row["id"], address: try row.address("address"), isKept: row["isKept"],
            name: try cipher.text(row.bytes("name"), .customerName),
            account: try cipher.text(row.bytes("account"), .accountNumber), agent: row["agent"],
            virtualAccount: isVirtual
                ? try cipher.text(row.bytes("virtual"), .virtualAccount) : nil,
            payout: try row.hash("payout"), fundsOrders: row["fundsOrders"],
            isActive: row["isActive"])
    }
}
