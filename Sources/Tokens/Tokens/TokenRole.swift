import Ledger

/// The roles of an issued token, with the names that AccessControl contracts use.
public enum TokenRole: String, CaseIterable, Sendable {
    /// Gives and takes all roles; the 32 zero bytes.
    case admin = "DEFAULT_ADMIN_ROLE"
    /// Makes more of the token.
    case minter = "MINTER_ROLE"
    /// Stops all transfers.
    case pauser = "PAUSER_ROLE"
    /// Freezes accounts.
    case freezer = "FREEZER_ROLE"
    /// Takes units back.
    case clawback = "CLAWBACK_ROLE"
    /// Keeps the allow-list.
    case allower = "ALLOWER_ROLE"

    /// The role as 32 bytes: Keccak-256 of its name, zero for the admin's.
    public var id: Hash32 { Self.ids[ordinal] }

    /// The control without which the role has nothing to do.
    public var control: TokenControls {
        switch self {
        case .admin: []
        case .minter: .mint
        case .pauser: .pause
        case .freezer: .freeze
        case .clawback: .clawback
        case .allower: .allowList
        }
    }

    /// What a token's issuer gets when it is issued, in this order.
    public static func granted(by controls: TokenControls) -> [TokenRole] {
        allCases.filter { $0.control.isSubset(of: controls) }
    }

    private var ordinal: Int {
        switch self {
        case .admin: 0
        case .minter: 1
        case .pauser: 2
        case .freezer: 3
        case .clawback: 4
        case .allower: 5
        }
    }

    private static let ids: [Hash32] = allCases.map {
        $0 == .admin ? .zero : Keccak256.hash($0.rawValue)
    }
}
