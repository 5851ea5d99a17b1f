/// The native contracts, each at a fixed address. Computed, so that hot paths compare with constants.
extension Address {
    /// Native DIP, seen as an ERC-20.
    @inlinable public static var dip: Address { .contract(0xd100) }
    /// The token factory.
    @inlinable public static var tokens: Address { .contract(0xd101) }
    /// Orders; holds their cash, guarantee locks and held payouts.
    @inlinable public static var orders: Address { .contract(0xd102) }
    /// Claims, seen as an ERC-1155.
    @inlinable public static var claims: Address { .contract(0xd103) }
    /// Templates; holds their deposits.
    @inlinable public static var templates: Address { .contract(0xd104) }
    /// Banks; holds redemptions in flight.
    @inlinable public static var banks: Address { .contract(0xd105) }
    /// Legal entities behind addresses.
    @inlinable public static var entities: Address { .contract(0xd106) }
    /// Governance; holds the treasury.
    @inlinable public static var governance: Address { .contract(0xd107) }
    /// The treasury, to which fees go: the same address as governance.
    @inlinable public static var treasury: Address { governance }
    /// Several calls with one signature.
    @inlinable public static var batch: Address { .contract(0xd109) }

    /// Whether this is one of the 256 addresses 0x…d100 to 0x…d1ff, for which nobody has a key.
    @inlinable
    public var isNativeContract: Bool { high == 0 && middle == 0 && low >> 8 == 0xd1 }
}
