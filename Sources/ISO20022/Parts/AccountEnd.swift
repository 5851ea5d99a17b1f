/// What the entries of an account came to: facts for the desk, which decides what a difference means.
public struct AccountEnd: Hashable, Sendable {
    /// How many entries there were.
    public var entries = 0
    /// How many of them were booked credits and debits.
    public var bookedCredits = 0
    /// Booked debits.
    public var bookedDebits = 0
    /// Sum of the booked entries in the currency of the balances, smallest units, debits negative.
    public var bookedUnits: Int128 = 0
    /// Whether a booked entry was in another currency than the balances, so that the sum says nothing.
    public var hasOtherCurrencies = false
    /// Closing minus opening booked balance minus booked entries, in smallest units.
    ///
    /// 0 in a statement that is right; nil where a balance is missing, or entries are in another currency.
    public var difference: Int128?
    /// Whether the numbers of entries are those of the bank's summary; nil without one.
    public var summaryAgrees: Bool?

    /// Makes the end of an account without entries.
    public init() {}
}
