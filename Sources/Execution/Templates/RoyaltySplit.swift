import Ledger

/// Who gets how much of a royalty; the parts add up to it.
struct RoyaltySplit: Hashable {
    /// The developer's part.
    let developer: UInt128
    /// What each reviewer gets that approved the template.
    let eachReviewer: UInt128
    /// The rest: the treasury's share, and the units that cannot be divided.
    let treasury: UInt128

    /// Splits a royalty.
    ///
    /// - Parameters:
    ///   - royalty: DIP units.
    ///   - developerShare: of 10,000.
    ///   - reviewerShare: of 10,000, for all reviewers together; what goes beyond the whole does not count.
    ///   - reviewers: how many share it.
    init(
        _ royalty: UInt128, developerShare: UInt16, reviewerShare: UInt16, reviewers: Int
    ) {
        let whole: UInt16 = 10_000
        let first = min(developerShare, whole)
        developer = Self.part(royalty, first)
        let pool = Self.part(royalty, min(reviewerShare, whole - first))
        eachReviewer = reviewers > 0 ? pool / UInt128(reviewers) : 0
        treasury = royalty - developer - eachReviewer * UInt128(reviewers)
    }

    /// ⌊amount × share / 10,000⌋, which is at most the amount.
    private static func part(_ amount: UInt128, _ share: UInt16) -> UInt128 {
        Amount(amount).scaled(by: UInt128(share), over: 10_000)?.units ?? amount
    }
}
