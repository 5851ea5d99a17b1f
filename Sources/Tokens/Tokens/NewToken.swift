import Ledger

/// What a new token shall be.
public struct NewToken: Hashable, Sendable {
    /// The most bytes of UTF-8 that a name may have.
    public static let nameBytesMax = 64
    /// The most bytes of UTF-8 that a symbol may have.
    public static let symbolBytesMax = 16
    /// The most bytes of UTF-8 that a uri may have.
    public static let uriBytesMax = 256
    /// The most decimal places: 10^38 is the last power of ten below 2^128.
    public static let decimalsMax: UInt8 = 38

    /// Its name, 1 to 64 bytes.
    public var name: String
    /// Its short name, 1 to 16 bytes.
    public var symbol: String
    /// How many decimal places a whole unit has, at most 38.
    public var decimals: UInt8
    /// The most that there may ever be; 0 says 2^128 − 1.
    public var cap: UInt128
    /// What the issuer gets at once, at most the cap.
    public var initialSupply: UInt128
    /// What the issuer will be able to do.
    public var controls: TokenControls
    /// Where more is said of it, at most 256 bytes; may be empty.
    public var uri: String

    /// Describes a token.
    public init(
        name: String, symbol: String, decimals: UInt8, cap: UInt128 = 0, initialSupply: UInt128 = 0,
        controls: TokenControls = [], uri: String = ""
    ) {
        self.name = name
        self.symbol = symbol
        self.decimals = decimals
        self.cap = cap
        self.initialSupply = initialSupply
        self.controls = controls
        self.uri = uri
    }

    /// Checks it, field by field in the order of the call.
    ///
    /// - Throws: ``Rejection/badToken(_:)`` naming the field;
    ///   ``Rejection/capExceeded(cap:wanted:)`` for too large an initial supply.
    func check() throws(Rejection) {
        try Self.check(name, "name", 1...Self.nameBytesMax)
        try Self.check(symbol, "symbol", 1...Self.symbolBytesMax)
        if symbol.utf8.elementsEqual(TokenRecord.dip.symbol.utf8, by: { $0 & 0xdf == $1 }) {
            throw .badToken("symbol: DIP is the ledger's own")
        }
        if decimals > Self.decimalsMax { throw .badToken("decimals: more than 38") }
        if !controls.isSubset(of: .known) { throw .badToken("controls: unknown bits") }
        try Self.check(uri, "uri", 0...Self.uriBytesMax)
        if cap > 0, initialSupply > cap {
            throw .capExceeded(cap: cap, wanted: initialSupply)
        }
    }

    private static func check(
        _ text: String, _ field: String, _ sizes: ClosedRange<Int>
    ) throws(Rejection) {
        guard sizes.contains(text.utf8.count) else {
            throw .badToken("\(field): \(sizes.lowerBound) to \(sizes.upperBound) bytes wanted")
        }
        // Wallets print these beside amounts: two that look the same must be the same, and a line break misleads people.
        guard text.unicodeScalars.allSatisfy(\.isShown) else {
            throw .badToken("\(field): control characters, or such as nobody sees")
        }
    }
}
