/// What the payments of an entry came to: facts for the desk, which decides what a difference means.
public struct EntryEnd: Hashable, Sendable {
    /// How many payments were given one by one; 0 where the bank gives the entry alone.
    public var transactions = 0
    /// What the bank says of the payments, for each block of details.
    public var batches: [Batch] = []
    /// Sum of the payments in the entry's direction and currency, in smallest units, those in the other direction negative.
    public var units: Int128 = 0
    /// How many payments have no amount, or one in another currency; they are not in the sum.
    public var unsummed = 0
    /// Entry minus sum in smallest units.
    ///
    /// nil without payments, or where one has no amount in the entry's currency. Charges that the bank kept make it other than 0.
    public var difference: Int128?
    /// Whether each block has as many payments, and they add up to as much, as its batch says; true where it says nothing.
    public var batchesAgree = true
    /// What else the bank says, in words.
    public var additionalInformation: String?

    /// Makes the end of an entry without payments.
    public init() {}
}
