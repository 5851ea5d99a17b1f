import Ledger

/// What there is to know of a token itself.
public struct TokenInfo: Hashable, Sendable {
    /// Its number.
    public let id: TokenID
    /// Where its contract answers.
    public let address: Address
    /// Who issued it; zero for DIP.
    public let issuer: Address
    /// Its name, as a wallet shows it.
    public let name: String
    /// Its short name.
    public let symbol: String
    /// Where more is said of it; may be empty.
    public let uri: String
    /// How many decimal places a whole unit has.
    public let decimals: UInt8
    /// What its issuer can do with it.
    public let controls: TokenControls
    /// The most that there may ever be, 0 where that is 2^128 − 1.
    public let cap: UInt128
    /// How much there is, in smallest units.
    public let supply: UInt128
    /// Whether transfers are stopped.
    public let isPaused: Bool
    /// Whether a bank makes and destroys it, at 0x…d105.
    public let isDeposit: Bool

    init(id: TokenID, _ record: TokenRecord) {
        self.id = id
        address = record.address
        issuer = record.issuer
        name = record.name
        symbol = record.symbol
        uri = record.uri
        decimals = record.decimals
        controls = record.controls
        cap = record.cap
        supply = record.supply
        isPaused = record.isPaused
        isDeposit = record.isDeposit
    }
}
