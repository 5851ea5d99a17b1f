/// Whoever handed transactions in, as far as they answer for what a block skips, and what waits behind that.
///
/// Held as long as one of them waits: their signers were looked for, and nobody pays for that.
package protocol TransactionSource: AnyObject, Sendable {
    /// So many transactions were dropped.
    func charge(refused: Int)
}

/// What sources are to be charged: mostly many in a row are of the same one.
struct Charges {
    private var source: (any TransactionSource)?
    private var count = 0

    /// One more.
    mutating func note(_ next: (any TransactionSource)?) {
        if next !== source {
            tell()
            source = next
        }
        count += 1
    }

    /// Charges what was noted and is not charged yet.
    mutating func tell() {
        if count > 0 { source?.charge(refused: count) }
        count = 0
    }
}
