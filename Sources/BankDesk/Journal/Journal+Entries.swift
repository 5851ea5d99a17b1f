import GRDB
import Ledger

/// Movements of the bank's account.
extension Journal {
    /// A movement as the journal has it.
    struct StoredEntry: Sendable {
        let id: Int64
        let message: Int64
        let account: String
        let reference: String?
        let ledgerReference: Hash32
        let amount: UInt128
        let currency: String
        let isCredit: Bool
        let bookedOn: String?
        let source: String
        let details: EntryDetails
        let state: String
        let customer: Int64?
        let order: UInt64?
    }

    /// Movements in a state, the oldest first.
    func entries(in state: String, atMost limit: Int = 500) throws(DeskFault) -> [StoredEntry] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM entry WHERE state = ? ORDER BY id LIMIT ?",
                arguments: [state, limit]
            ).map(stored)
        }
    }

    /// A movement by its number.
    func entry(_ id: Int64) throws(DeskFault) -> StoredEntry? {
        try read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM entry WHERE id = ?", arguments: [id])
                .map(stored)
        }
    }

    /// Puts a movement aside for a person.
    static func putAside(
        _ id: Int64, _ doubt: EntryDoubt, _ more: String = "", at time: UInt64, in db: Database
    ) throws {
        try db.execute(
            sql: "UPDATE entry SET state = 'aside', reason = ?, call = NULL WHERE id = ?",
            arguments: [doubt.rawValue, id])
        let text = more.isEmpty ? doubt.words : "\(doubt.words): \(more)"
        try open(
            Case(kind: .entry, reason: doubt.rawValue, text: text, entry: id), at: time, in: db)
    }

    /// Puts movements aside for a person, each by itself.
    static func putAside(
        where condition: String, _ arguments: StatementArguments, _ doubt: EntryDoubt,
        at time: UInt64, in db: Database
    ) throws {
        let ids = try Int64.fetchAll(
            db, sql: "SELECT id FROM entry WHERE \(condition)", arguments: arguments)
        for id in ids { try putAside(id, doubt, at: time, in: db) }
    }

    func stored(_ row: Row) throws -> StoredEntry {
        let order: String? = row["ledgerOrder"]
        return StoredEntry(
            id: row["id"], message: row["message"], account: row["account"],
            reference: row["reference"], ledgerReference: try row.hash("ledgerReference"),
            amount: try row.amount("amount"), currency: row["currency"],
            isCredit: row["isCredit"], bookedOn: row["bookedOn"], source: row["source"],
            details: try EntryDetails(sealed: row.bytes("details"), cipher), state: row["state"],
            customer: row["customer"], order: order.flatMap { UInt64($0) })
    }
}

extension EntryDoubt {
    /// Why, in a sentence.
    public var words: String {
        switch self {
        case .noReference: "the bank gave no reference, so it may be known already"
        case .referenceReused: "the bank's reference stands for another entry already"
        case .twin:
            "another kind of message told of the same amount at that time under another reference"
        case .badSum: "the parts of the booking do not add up to it"
        case .groupKnown: "the booking is known already, as a whole or in other parts"
        case .otherAccount: "it is for an account that is not the desk's"
        case .otherCurrency: "it is not in the token's currency"
        case .future: "it is booked later than today"
        case .reversal: "it takes an earlier entry back"
        case .returned: "a payment came back"
        case .unknownPayer: "nothing in it says for which customer it is"
        case .ambiguous: "it names several customers or orders"
        case .inactiveCustomer: "its customer is not served any more"
        case .unknownOrder: "it names an order that is not there, or whose buyer is no customer"
        case .unknownDebit: "money left for something that is no redemption"
        case .otherAmount: "its amount is not the redemption's"
        case .otherPayee: "it went to another account than that of the redemption which it names"
        case .paidTwice: "the redemption was paid already"
        case .paidAfterReject: "the redemption was rejected or returned, and then paid"
        case .ledgerRefused: "the ledger refused it"
        case .onLedger: "the ledger has its reference already"
        }
    }
}
