import Ledger
import Settlement

/// A template as it stands in the state, apart from its text and from how much it is used.
public struct StoredTemplate: Hashable, Sendable {
    /// Its place among all templates, from 0.
    public let index: UInt64
    /// Who published it.
    public let developer: Address
    /// The template that it is a later version of; zero for none.
    public let replaces: Hash32
    /// When it was published, seconds.
    public let publishedAt: UInt64
    /// How many approvals make it active, and how many rejections end it.
    public let reviewsRequired: UInt8
    /// What a review is paid, in DIP units: as it was when the template was published.
    public let reviewFee: UInt128
    /// What the check found out about it.
    public let bounds: TemplateBounds
    /// Where it stands.
    public internal(set) var status: ITemplates.Status = .draft
    /// What is left of the deposit for reviews, in DIP units; nothing once it is no draft any more.
    public internal(set) var deposit: UInt128
    /// The template that replaced it; zero for none.
    public internal(set) var replacedBy: Hash32 = .zero
    /// What reviewers said, in the order of speaking.
    public internal(set) var reviews: [ITemplates.Review] = []

    init(
        index: UInt64, developer: Address, replaces: Hash32, publishedAt: UInt64,
        reviewsRequired: UInt8, reviewFee: UInt128, deposit: UInt128, bounds: TemplateBounds
    ) {
        self.index = index
        self.developer = developer
        self.replaces = replaces
        self.publishedAt = publishedAt
        self.reviewsRequired = reviewsRequired
        self.reviewFee = reviewFee
        self.deposit = deposit
        self.bounds = bounds
    }

    /// The reviewers that share in its royalties.
    var approvers: [Address] { reviews.filter(\.approved).map(\.reviewer) }

    // MARK: Bytes

    /// The stored value; `docs/formats/state.md`.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 178 + 53 * reviews.count)
        writer.write(byte: status.rawValue)
        writer.write(index)
        writer.write(developer)
        writer.write(replaces)
        writer.write(replacedBy)
        writer.write(publishedAt)
        writer.write(byte: reviewsRequired)
        writer.write(reviewFee)
        writer.write(deposit)
        writer.write(bounds.outcomes)
        writer.write(bounds.openGas)
        writer.write(bounds.settleGas)
        writer.write(byte: UInt8(clamping: reviews.count))
        for review in reviews {
            writer.write(review.reviewer)
            writer.write(byte: review.approved ? 1 : 0)
            writer.write(review.report)
        }
        return writer.bytes
    }

    /// Decodes a stored value.
    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        guard let status = ITemplates.Status(rawValue: try reader.read()), status != .none else {
            throw DecodingFault("no status of a template has this number")
        }
        self.status = status
        index = try reader.read()
        developer = try reader.readAddress()
        replaces = try reader.readHash()
        replacedBy = try reader.readHash()
        publishedAt = try reader.read()
        reviewsRequired = try reader.read()
        reviewFee = try reader.read()
        deposit = try reader.read()
        bounds = TemplateBounds(
            outcomes: try reader.read(), openGas: try reader.read(), settleGas: try reader.read())
        for _ in 0..<(try reader.read(UInt8.self)) {
            reviews.append(
                ITemplates.Review(
                    reviewer: try reader.readAddress(),
                    approved: try reader.read(UInt8.self) == 1, report: try reader.readHash()))
        }
        try reader.finish()
    }
}

/// What checking a template found out about all orders that can be opened from it.
public struct TemplateBounds: Hashable, Sendable {
    /// How many combinations of gate outcomes were tried.
    public let outcomes: UInt32
    /// The most gas that opening an order takes, that of the call's bytes left out.
    public let openGas: UInt64
    /// The most gas of speaking on all its gates and of funding it at once; what payees want done with what they are
    /// paid comes besides.
    public let settleGas: UInt64
}

extension TemplateBounds {
    init(_ facts: TemplateFacts) {
        self.init(
            outcomes: UInt32(clamping: facts.outcomeCount), openGas: facts.openingGas,
            settleGas: facts.settlingGas)
    }
}

/// How much a template is used.
public struct TemplateUse: Hashable, Sendable {
    /// How many orders were opened from it.
    public internal(set) var orders: UInt64 = 0
    /// What its developer earned with it, in DIP units.
    public internal(set) var earned: UInt128 = 0

    /// Not used yet.
    init() {}

    /// The stored value.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 24)
        writer.write(orders)
        writer.write(earned)
        return writer.bytes
    }

    /// Decodes a stored value.
    init(decoding bytes: [UInt8]) throws(DecodingFault) {
        var reader = ByteReader(bytes)
        orders = try reader.read()
        earned = try reader.read()
        try reader.finish()
    }
}
