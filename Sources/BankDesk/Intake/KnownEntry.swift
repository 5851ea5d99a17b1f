import GRDB

/// A movement that is in the journal.
struct KnownEntry {
    let id: Int64
    let amount: UInt128
    let currency: String
    let state: String
    let reason: String?
    let message: Int64
    let place: Int
    let bookedOn: String?
    private let details: [UInt8]

    /// Whether it was told before its day had come.
    var isExpected: Bool {
        reason == EntryDoubt.future.rawValue && ["aside", "refused"].contains(state)
    }

    /// Whether it is put aside for a reason that holds for all of it, whatever its parts say.
    var isStopped: Bool {
        let reasons: [EntryDoubt] = [.reversal, .twin, .returned, .onLedger, .ledgerRefused]
        return state == "aside" && reasons.contains { $0.rawValue == reason }
    }

    /// Whether it was booked on another day than a movement, as far as both tell theirs.
    func isOfAnotherDay(than entry: BankEntry) -> Bool {
        guard let first = bookedOn, let second = entry.bookedOn else { return false }
        return first != second
    }

    /// Whether it was told under another name that the payer gave, as far as both have one: banks have given two
    /// payments one reference.
    func isOfAnotherName(than entry: BankEntry, _ cipher: FieldCipher) throws -> Bool {
        let names = [try EntryDetails(sealed: details, cipher).endToEnd, entry.details.endToEnd]
        return names[0] != names[1] && !names.contains(where: BankEntry.isPlaceholder)
    }

    init(_ row: Row) throws {
        details = row.bytes("details")
        id = row["id"]
        reason = row["reason"]
        message = row["message"]
        place = row["place"]
        bookedOn = row["bookedOn"]
        amount = try row.amount("amount")
        currency = row["currency"]
        state = row["state"]
    }
}
