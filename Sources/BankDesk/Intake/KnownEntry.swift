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

    /// Whether it was told before its day had come.
    var isExpected: Bool {
        reason == EntryDoubt.future.rawValue && ["aside", "refused"].contains(state)
    }

    init(_ row: Row) throws {
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
