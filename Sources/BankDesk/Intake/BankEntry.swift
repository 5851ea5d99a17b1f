import JSON
import Ledger

/// One movement of the bank's account as a message tells it: an entry, or one transaction of a collective one.
struct BankEntry: Sendable, Equatable {
    /// The account servicer's reference; nil where it gave none.
    var reference: String?
    /// The reference of the collective entry that the movement is part of.
    var groupReference: String?
    /// In smallest units.
    var amount: UInt128
    /// A code of ISO 4217.
    var currency: String
    /// Whether money came in.
    var isCredit: Bool
    /// Whether it takes an earlier entry back.
    var isReversal: Bool
    /// The day of the booking, `2026-11-25`.
    var bookedOn: String?
    /// What is personal of it.
    var details: EntryDetails
    /// Why a person has to look at it, where the message itself says so.
    var doubt: EntryDoubt?

    /// Drops references that banks give where they have none: they tell nothing apart.
    mutating func dropPlaceholders() {
        if let stated = reference, Self.isPlaceholder(stated) {
            details.statedReference = stated
            reference = nil
        }
        if let stated = groupReference, Self.isPlaceholder(stated) { groupReference = nil }
    }

    /// Whether a text stands where there is no reference, however it is spelt.
    static func isPlaceholder(_ reference: String) -> Bool {
        let plain = reference.uppercased().filter { $0.isLetter || $0.isNumber }
        return placeholders.contains(plain) || plain.allSatisfy { $0 == "0" }
            || plain.allSatisfy { $0 == "X" }
    }

    private static let placeholders: Set = [
        "NONREF", "NOTPROVIDED", "NOREF", "NOREFERENCE", "NONE", "NA", "NIL", "NULL", "UNKNOWN",
        "NOTAVAILABLE", "NOTAPPLICABLE", "NOTSPECIFIED", "UNDEFINED",
    ]
}

/// Why an entry was put aside for a person.
public enum EntryDoubt: String, Sendable, CaseIterable {
    /// The bank gave no reference, so that nobody can tell whether it is known already.
    case noReference = "no-reference"
    /// The bank used a reference again for another amount.
    case referenceReused = "reference-reused"
    /// A message of another kind told of an entry like it under another reference.
    case twin
    /// The parts of a collective entry do not add up to it.
    case badSum = "bad-sum"
    /// A collective entry of which some part was dealt with as a whole, or the other way round.
    case groupKnown = "group-known"
    /// It is for another account.
    case otherAccount = "other-account"
    /// It is in another currency than the token.
    case otherCurrency = "other-currency"
    /// It was booked later than today.
    case future
    /// It takes an earlier entry back.
    case reversal
    /// A payment of ours that came back.
    case returned
    /// Nothing says for whom it is.
    case unknownPayer = "unknown-payer"
    /// It names several customers.
    case ambiguous
    /// The customer is not served any more.
    case inactiveCustomer = "inactive-customer"
    /// It names an order that is not there, or is no customer's.
    case unknownOrder = "unknown-order"
    /// Money left for something that is no redemption.
    case unknownDebit = "unknown-debit"
    /// Its amount is not the redemption's.
    case otherAmount = "other-amount"
    /// It went to another account than the redemption's.
    case otherPayee = "other-payee"
    /// The redemption was paid already.
    case paidTwice = "paid-twice"
    /// The redemption was rejected or returned, and then paid.
    case paidAfterReject = "paid-after-reject"
    /// The ledger refused it.
    case ledgerRefused = "ledger-refused"
    /// The ledger has the reference already; for what, its case says.
    case onLedger = "on-ledger"
}

/// What is personal of an entry; encrypted in the journal.
struct EntryDetails: Sendable, Equatable {
    /// Who paid, or was paid.
    var name = ""
    /// From or to which account.
    var account = ""
    /// To which account of ours the payer sent it, where the message says so.
    var creditorAccount = ""
    /// The payer's own reference; not unique, and for redemptions their number.
    var endToEnd = ""
    /// The message with which we asked for the payment, where the bank says so.
    var batchMessage = ""
    /// What the payer wrote.
    var remittance: [String] = []
    /// Creditor references that the payer gave.
    var references: [String] = []
    /// The order that the payer names without check digits, as a purchase order or as `ORDER 42`.
    var order: UInt64?
    /// The bank's reference as it stands in the message, where it does not count.
    var statedReference = ""
    /// The account of which the bank told it, where that is not the desk's.
    var statedAccount = ""
    /// Why a payment came back.
    var returnReason = ""

    var json: JSON {
        [
            "name": .string(name), "account": .string(account),
            "creditorAccount": .string(creditorAccount), "endToEnd": .string(endToEnd),
            "batchMessage": .string(batchMessage),
            "remittance": .array(remittance.map { .string($0) }),
            "references": .array(references.map { .string($0) }),
            "order": order.map { .string(String($0)) } ?? nil,
            "statedReference": .string(statedReference),
            "statedAccount": .string(statedAccount), "returnReason": .string(returnReason),
        ]
    }

    init() {}

    init(_ json: JSON) {
        func text(_ name: String) -> String { json[name]?.string ?? "" }
        name = text("name")
        account = text("account")
        creditorAccount = text("creditorAccount")
        endToEnd = text("endToEnd")
        batchMessage = text("batchMessage")
        remittance = (json["remittance"]?.array ?? []).compactMap(\.string)
        references = (json["references"]?.array ?? []).compactMap(\.string)
        order = UInt64(text("order"))
        statedReference = text("statedReference")
        statedAccount = text("statedAccount")
        returnReason = text("returnReason")
    }

    /// As the journal has it.
    func sealed(_ cipher: FieldCipher) throws(DeskFault) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(json)
        return try cipher.seal(writer.bytes, .entryDetails)
    }

    /// Reads what the journal has.
    init(sealed: [UInt8], _ cipher: FieldCipher) throws(DeskFault) {
        let bytes = try cipher.open(sealed, .entryDetails)
        guard let json = try? JSON(parsing: bytes) else {
            throw .journal("an entry's details are damaged")
        }
        self.init(json)
    }
}

/// What stands for a payment on the ledger.
enum LedgerReference {
    /// Keccak-256 of the account servicer's reference, a zero byte and the account.
    static func of(_ reference: String, account: String) -> Hash32 {
        Keccak256.hash(Array(reference.utf8) + [0] + Array(account.utf8))
    }

    /// For an entry without a reference that a person released: Keccak-256 of the message's hash and the
    /// entry's place in it.
    static func of(message: Hash32, place: Int) -> Hash32 {
        Keccak256.hash(message.bytes + Array("#\(place)".utf8))
    }
}

extension DeskSettings {
    /// What stands for a payment on the ledger, by the account servicer's reference.
    public func ledgerReference(of reference: String) -> Hash32 {
        LedgerReference.of(reference, account: account)
    }
}
