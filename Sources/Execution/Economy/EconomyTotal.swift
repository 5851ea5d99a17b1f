/// A sum over the whole life of a ledger, in DIP units.
///
/// Kept modulo 2^128: the same DIP may be paid again and again. The raw value is part of the state's key.
public enum EconomyTotal: UInt8, CaseIterable, Sendable {
    /// Fees of transactions, to the treasury.
    case transactionFee
    /// Fees for publishing templates, to the treasury.
    case publicationFee
    /// Fees for reviewing templates, to the reviewers.
    case reviewFee
    /// The developers' parts of royalties.
    case royaltyDeveloper
    /// The reviewers' parts of royalties.
    case royaltyReviewers
    /// The treasury's part of royalties, odd units included.
    case royaltyTreasury
    /// What the treasury paid, for epochs, to the banks whose nodes signed.
    case epochPayment
    /// What the treasury paid because the banks decided so.
    case treasuryPayment

    /// What comes into the treasury.
    public static let receipts: [EconomyTotal] = [
        .transactionFee, .publicationFee, .royaltyTreasury,
    ]
    /// What leaves the treasury.
    public static let expenses: [EconomyTotal] = [.epochPayment, .treasuryPayment]
    /// What the nodes that sign have a part in.
    static let shared: [EconomyTotal] = [.transactionFee, .publicationFee]
}
