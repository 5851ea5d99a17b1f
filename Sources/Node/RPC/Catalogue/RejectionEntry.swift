import Ledger

/// A refusal of the ledger as the catalogue explains it.
public struct RejectionEntry: Sendable {
    /// What kind of contract meets it; each contract's ABI lists those of its kinds.
    public enum Group: String, Hashable, Sendable, CaseIterable {
        /// Any call.
        case call
        /// Several calls in one.
        case batch
        /// ERC-20 money, DIP included.
        case money
        /// What an issuer's controls do to a payment.
        case token
        /// The controls themselves.
        case control
        /// Issuing a token.
        case factory
        /// Orders.
        case order
        /// Attestations signed off-line.
        case signature
        /// Claims.
        case claim
        /// Claims seen as an ERC-1155.
        case claimToken
        /// What the banks decide together.
        case governance
        /// Legal entities.
        case entity
        /// Banks, deposit tokens and redemptions.
        case bank
        /// Templates.
        case template
    }

    /// The stable number, never reused.
    public let code: UInt16
    /// The custom error: name, arguments, selector.
    public let item: InterfaceItem
    /// What kind of contract meets it.
    public let group: Group
    /// Why it happens.
    public let cause: String
    /// What to do.
    public let cure: String

    init(_ code: UInt16, _ group: Group, _ declaration: String, _ cause: String, _ cure: String) {
        self.code = code
        self.group = group
        self.cause = cause
        self.cure = cure
        let (contract, cases) =
            switch group {
            case .template:
                ("ITemplates", "Status { None, Draft, Active, Rejected, Deprecated, Suspended }")
            case .bank:
                (
                    "IBanks",
                    "Redemption { None, Requested, Instructed, Settled, Rejected, Returned }"
                )
            default: ("IOrders", "Status { None, Proposed, Open, Closed }")
            }
        var parser = InterfaceParser(contract, "enum \(cases) error \(declaration);")
        item = parser.items()[0]
    }
}

/// Every refusal that a call can meet, with cause and cure: what `dip_errors` and `dip errors` show.
public enum RejectionCatalogue {
    /// All entries by their numbers.
    public static let entries: [RejectionEntry] =
        calls + money + controls + orders + claims + governance + entities + templates
        + banks

    private static let bySelector = Dictionary(
        entries.map { ($0.item.selector, $0) }, uniquingKeysWith: { first, _ in first })
    private static let byCode = Dictionary(
        entries.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })

    /// The entry of a custom error's first four bytes.
    public static func entry(selector: UInt32) -> RejectionEntry? { bySelector[selector] }

    /// The entry of a refusal.
    public static func entry(of rejection: Rejection) -> RejectionEntry? {
        byCode[rejection.code]
    }
}
