import Ledger

/// The number of a token: 0 is DIP, n + 1 is the n-th token that was issued.
@frozen
public struct TokenID: Hashable, Sendable, Comparable {
    /// The number, also the space of the token's cells; below 2^31.
    public let rawValue: UInt32

    /// Names a token by its number.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Native DIP.
    @inlinable public static var dip: TokenID { TokenID(rawValue: 0) }

    /// How many tokens can be issued: the top bit of a cell's space says "held".
    static let issuedMax: UInt32 = 0x7FFF_FFFF

    /// Order of issue, DIP first.
    @inlinable
    public static func < (left: TokenID, right: TokenID) -> Bool { left.rawValue < right.rawValue }

    /// Where an account's balance is kept.
    @inlinable
    public func balanceKey(_ account: Address) -> CellKey {
        CellKey(space: rawValue, address: account)
    }

    /// Where payouts held back for an account are kept.
    @inlinable
    public func heldKey(_ account: Address) -> CellKey {
        CellKey(space: rawValue | 0x8000_0000, address: account)
    }

    /// The contract's address: 0x…d100 for DIP, else the last 20 bytes of keccak256(rlp([0x…d101, n])).
    ///
    /// Worked out anew at each call, one permutation; ``TokenLedger/address(of:)`` remembers it.
    public var address: Address {
        guard rawValue > 0 else { return .dip }
        let name = RLP.Value.list([
            .bytes(Address.tokens.bytes), .number(UInt64(rawValue - 1)),
        ])
        let digest = Keccak256.hash(RLP.encode(name))
        return Address(
            high: digest.parts.1 << 32 | digest.parts.2 >> 32,
            middle: digest.parts.2 << 32 | digest.parts.3 >> 32,
            low: UInt32(truncatingIfNeeded: digest.parts.3))
    }
}
