/// What an issuer can do with a token besides moving it; fixed for ever when the token is issued.
public struct TokenControls: OptionSet, Hashable, Sendable {
    /// The bits as they stand in the call that issues the token.
    public let rawValue: UInt64

    /// Takes bits as they are, known or not.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Make more of it, up to the cap.
    public static let mint = TokenControls(rawValue: 1)
    /// Holders may destroy what they hold.
    public static let burn = TokenControls(rawValue: 2)
    /// Stop all transfers.
    public static let pause = TokenControls(rawValue: 4)
    /// Stop an account.
    public static let freeze = TokenControls(rawValue: 8)
    /// Take units back from an account.
    public static let clawback = TokenControls(rawValue: 16)
    /// Only allowed accounts send and receive.
    public static let allowList = TokenControls(rawValue: 32)

    /// Every bit with a meaning.
    public static let known = TokenControls(rawValue: 63)
}
