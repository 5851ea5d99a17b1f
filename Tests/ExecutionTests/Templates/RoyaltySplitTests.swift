import Testing

@testable import Execution

@Suite struct RoyaltySplitTests {
    @Test(arguments: [
        // royalty, reviewers, developer, each reviewer, treasury
        (10_000, 2, 7_000, 500, 2_000), (10_001, 2, 7_000, 500, 2_001), (19, 3, 13, 0, 6),
        (1, 2, 0, 0, 1), (0, 2, 0, 0, 0), (10_000, 0, 7_000, 0, 3_000),
        (10_000, 3, 7_000, 333, 2_001),
    ])
    func `the treasury takes the odd units`(
        royalty: Int, reviewers: Int, developer: Int, each: Int, treasury: Int
    ) {
        let split = RoyaltySplit(
            UInt128(royalty), developerShare: 7_000, reviewerShare: 1_000, reviewers: reviewers)
        #expect(split.developer == UInt128(developer))
        #expect(split.eachReviewer == UInt128(each))
        #expect(split.treasury == UInt128(treasury))
    }

    @Test(
        arguments: [
            (10_000, 0), (0, 10_000), (0, 0), (9_999, 1), (10_000, 10_000), (65_535, 65_535),
        ] as [(UInt16, UInt16)])
    func `the parts add up to the royalty, whatever the shares`(developer: UInt16, reviewer: UInt16)
    {
        for royalty in [0, 1, 3, 9_999, 10_000, 1 << 64, .max - 1, .max] as [UInt128] {
            for reviewers in 0...15 {
                let split = RoyaltySplit(
                    royalty, developerShare: developer, reviewerShare: reviewer,
                    reviewers: reviewers)
                let parts = [split.developer, split.treasury].reduce(
                    split.eachReviewer * UInt128(reviewers), +)
                #expect(parts == royalty)
            }
        }
    }
}
