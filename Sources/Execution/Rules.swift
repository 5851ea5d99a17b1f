import Ledger

/// What governance can set: prices and limits.
///
/// Part of the state, so that every node applies the same.
public struct Rules: Hashable, Sendable {
    /// DIP units a unit of gas costs.
    public var gasPrice: UInt128
    /// The gas that the transactions of a block may ask for together.
    public var blockGasLimit: UInt64
    /// The size that a leader cuts bodies to, in bytes.
    public var blockByteLimit: UInt32
    /// Payments that one transaction makes inline before its cascade goes on in later blocks.
    public var stepLimit: UInt32
    /// What publishing a template costs, in DIP units.
    public var publicationFee: UInt128
    /// What a reviewer of a template gets, in DIP units.
    public var reviewFee: UInt128
    /// How many approvals make a template active, and how many rejections end it.
    public var requiredReviews: UInt8
    /// The developer's part of a royalty, in ten thousandths.
    public var royaltyDeveloper: UInt16
    /// The reviewers' part of a royalty, in ten thousandths; the treasury has the rest.
    public var royaltyReviewers: UInt16
    /// How many blocks an epoch has.
    public var epochBlocks: UInt32
    /// The part of an epoch's fees that goes to the banks whose nodes signed, in ten thousandths.
    public var nodeShare: UInt16
    /// How long a redemption waits for its bank before it returns by itself, in seconds.
    public var redemptionDeadline: UInt64

    /// Makes rules.
    ///
    /// - Parameters:
    ///   - gasPrice: 10^9 units by default: sending DIP costs 0.000021 DIP.
    ///   - blockGasLimit: by default enough for a hundred batches of 1,000 payments.
    ///   - blockByteLimit: from 1 MiB, since a transaction may have 512 KiB, to 64 MiB.
    ///   - stepLimit: at least 1.
    ///   - publicationFee: 10 DIP by default.
    ///   - reviewFee: 5 DIP by default.
    ///   - requiredReviews: at least 1.
    ///   - royaltyDeveloper: seven tenths by default.
    ///   - royaltyReviewers: a tenth by default; with the developer's at most ``whole``.
    ///   - epochBlocks: at least 16.
    ///   - nodeShare: half by default.
    ///   - redemptionDeadline: three days by default.
    public init(
        gasPrice: UInt128 = 1_000_000_000, blockGasLimit: UInt64 = 1_000_000_000,
        blockByteLimit: UInt32 = 8 << 20, stepLimit: UInt32 = 20_000,
        publicationFee: UInt128 = 10 * Rules.oneDIP, reviewFee: UInt128 = 5 * Rules.oneDIP,
        requiredReviews: UInt8 = 2, royaltyDeveloper: UInt16 = 7000,
        royaltyReviewers: UInt16 = 1000, epochBlocks: UInt32 = 10_000, nodeShare: UInt16 = 5000,
        redemptionDeadline: UInt64 = 259_200
    ) {
        self.gasPrice = gasPrice
        self.blockGasLimit = blockGasLimit
        self.blockByteLimit = blockByteLimit
        self.stepLimit = stepLimit
        self.publicationFee = publicationFee
        self.reviewFee = reviewFee
        self.requiredReviews = requiredReviews
        self.royaltyDeveloper = royaltyDeveloper
        self.royaltyReviewers = royaltyReviewers
        self.epochBlocks = epochBlocks
        self.nodeShare = nodeShare
        self.redemptionDeadline = redemptionDeadline
    }

    /// One DIP in its units.
    public static let oneDIP: UInt128 = 1_000_000_000_000_000_000
    /// What the parts of a sum are counted in: ten thousandths.
    public static let whole: UInt16 = 10_000

    /// What the price may be: at the most, a million times the usual one, sending DIP costs 21 DIP and a vote 40.
    ///
    /// How far the banks may raise it also hangs on what they have, see ``Governance/refusal(toRaisePriceTo:)``.
    public static let gasPriceRange: ClosedRange<UInt128> = 0...1_000_000_000_000_000
    /// What the gas limit may be.
    ///
    /// A node executes the most in some seconds where calls are usual ones, and within a minute where all of them are
    /// the dearest for it that there are (`docs/PERFORMANCE.md`); meanwhile it answers nobody who asks for the state.
    public static let blockGasLimitRange: ClosedRange<UInt128> = 1_000_000...4_000_000_000
    /// What the size may be.
    public static let blockByteLimitRange: ClosedRange<UInt128> = (1 << 20)...(64 << 20)
    /// What the step limit may be.
    public static let stepLimitRange: ClosedRange<UInt128> = 1...10_000_000
    /// What a fee around templates may be: above a thousand million DIP nobody could pay it.
    public static let templateFeeRange: ClosedRange<UInt128> = 0...(1_000_000_000 * oneDIP)
    /// How many reviews may be wanted.
    public static let requiredReviewsRange: ClosedRange<UInt128> = 1...15
    /// What a part of a sum may be.
    public static let partRange: ClosedRange<UInt128> = 0...UInt128(whole)
    /// How many blocks an epoch may have.
    public static let epochBlocksRange: ClosedRange<UInt128> = 16...1_000_000
    /// How long a redemption may wait: a minute to a year.
    public static let redemptionDeadlineRange: ClosedRange<UInt128> = 60...31_536_000

    /// The names that ``setting(_:to:)`` knows, in the order of the canonical bytes.
    public static let names = [
        "gasPrice", "blockGasLimit", "blockByteLimit", "stepLimit", "publicationFee", "reviewFee",
        "requiredReviews", "royaltyDeveloper", "royaltyReviewers", "epochBlocks", "nodeShare",
        "redemptionDeadline",
    ]

    /// The value of a rule by its name, nil if there is none of that name.
    public subscript(name: String) -> UInt128? {
        switch name {
        case "gasPrice": gasPrice
        case "blockGasLimit": UInt128(blockGasLimit)
        case "blockByteLimit": UInt128(blockByteLimit)
        case "stepLimit": UInt128(stepLimit)
        case "publicationFee": publicationFee
        case "reviewFee": reviewFee
        case "requiredReviews": UInt128(requiredReviews)
        case "royaltyDeveloper": UInt128(royaltyDeveloper)
        case "royaltyReviewers": UInt128(royaltyReviewers)
        case "epochBlocks": UInt128(epochBlocks)
        case "nodeShare": UInt128(nodeShare)
        case "redemptionDeadline": UInt128(redemptionDeadline)
        default: nil
        }
    }

    /// The rules with another value of one of them.
    ///
    /// - Returns: nil if none of them has this name.
    /// - Throws: ``RuleFault`` if the value is out of its range.
    func setting(_ name: String, to value: UInt128) throws(RuleFault) -> Rules? {
        var rules = self
        switch name {
        case "gasPrice": rules.gasPrice = try value.checked(Self.gasPriceRange)
        case "blockGasLimit":
            rules.blockGasLimit = UInt64(try value.checked(Self.blockGasLimitRange))
        case "blockByteLimit":
            rules.blockByteLimit = UInt32(try value.checked(Self.blockByteLimitRange))
        case "stepLimit": rules.stepLimit = UInt32(try value.checked(Self.stepLimitRange))
        case "publicationFee": rules.publicationFee = try value.checked(Self.templateFeeRange)
        case "reviewFee": rules.reviewFee = try value.checked(Self.templateFeeRange)
        case "requiredReviews":
            rules.requiredReviews = UInt8(try value.checked(Self.requiredReviewsRange))
        case "royaltyDeveloper":
            rules.royaltyDeveloper = UInt16(try value.checked(rest(beside: royaltyReviewers)))
        case "royaltyReviewers":
            rules.royaltyReviewers = UInt16(try value.checked(rest(beside: royaltyDeveloper)))
        case "epochBlocks": rules.epochBlocks = UInt32(try value.checked(Self.epochBlocksRange))
        case "nodeShare": rules.nodeShare = UInt16(try value.checked(Self.partRange))
        case "redemptionDeadline":
            rules.redemptionDeadline = UInt64(try value.checked(Self.redemptionDeadlineRange))
        default: return nil
        }
        return rules
    }

    /// What one part of a royalty may be beside the other: together they are at most the whole.
    private func rest(beside other: UInt16) -> ClosedRange<UInt128> {
        0...UInt128(Self.whole - min(other, Self.whole))
    }

    /// The canonical bytes, 83 of them.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 83)
        writer.write(gasPrice)
        writer.write(blockGasLimit)
        writer.write(blockByteLimit)
        writer.write(stepLimit)
        writer.write(publicationFee)
        writer.write(reviewFee)
        writer.write(byte: requiredReviews)
        writer.write(royaltyDeveloper)
        writer.write(royaltyReviewers)
        writer.write(epochBlocks)
        writer.write(nodeShare)
        writer.write(redemptionDeadline)
        return writer.bytes
    }

    /// Decodes rules.
    public init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        gasPrice = try reader.read()
        blockGasLimit = try reader.read()
        blockByteLimit = try reader.read()
        stepLimit = try reader.read()
        publicationFee = try reader.read()
        reviewFee = try reader.read()
        requiredReviews = try reader.read()
        royaltyDeveloper = try reader.read()
        royaltyReviewers = try reader.read()
        epochBlocks = try reader.read()
        nodeShare = try reader.read()
        redemptionDeadline = try reader.read()
        try reader.finish()
    }
}

/// A value of a rule that is out of its range.
struct RuleFault: Error, Equatable {
    /// What it may be.
    let range: ClosedRange<UInt128>
}

extension UInt128 {
    fileprivate func checked(_ range: ClosedRange<UInt128>) throws(RuleFault) -> UInt128 {
        guard range.contains(self) else { throw RuleFault(range: range) }
        return self
    }
}
