/// How many votes each bank's node handed over as the bank's that the bank had not signed.
///
/// A node sends its own votes only, and only those that its key in the ledger signed, so an honest one never has
/// any here, whatever keys were changed. Its connection stays nevertheless: this node's own ledger may be the one
/// that is wrong about the key.
struct ForgedVotes {
    /// How many may come at one time before no more are looked at.
    ///
    /// Each block that is executed takes one of them back.
    static let limit = 64

    private struct Count {
        var votes = 0
        /// Whether the limit was reached since the first of them.
        var isTold = false
    }

    private var counts: [UInt64: Count] = [:]

    /// Whether it is worth looking who signed what a bank's node hands over.
    func isBelieved(_ bank: UInt64) -> Bool { (counts[bank]?.votes ?? 0) < Self.limit }

    /// Takes note of one.
    ///
    /// - Returns: whether to tell of it: for the first time there are too many.
    mutating func add(_ bank: UInt64) -> Bool {
        var count = counts[bank] ?? Count()
        count.votes += 1
        let isNews = count.votes >= Self.limit && !count.isTold
        if isNews { count.isTold = true }
        counts[bank] = count
        return isNews
    }

    /// A block was executed.
    mutating func forgive() {
        for (bank, count) in counts {
            counts[bank] =
                count.votes > 1 ? Count(votes: count.votes - 1, isTold: count.isTold) : nil
        }
    }
}
