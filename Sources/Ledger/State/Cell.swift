/// The name of a cell: which ledger of amounts, and whose entry in it.
///
/// `space` is a token's id for balances, with the top bit set for payouts held back for an account.
@frozen
public struct CellKey: Hashable, Sendable, Comparable {
    /// Whose entry.
    public let address: Address
    /// Which ledger of amounts.
    public let space: UInt32

    /// Names a cell.
    @inlinable
    public init(space: UInt32, address: Address) {
        self.space = space
        self.address = address
    }

    /// Whether it is about payouts that are held back for the account, which are in nobody's balance.
    public var isHeld: Bool { space >> 31 == 1 }

    /// Byte order of the stored key: first the space, then the address.
    @inlinable
    public static func < (left: CellKey, right: CellKey) -> Bool {
        left.space != right.space ? left.space < right.space : left.address < right.address
    }

    /// The stored key, 25 bytes: 0x01, the space in four bytes, the address.
    public var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 25)
        writer.write(byte: 0x01)
        writer.write(space)
        writer.write(address)
        return writer.bytes
    }
}

/// A fixed-size record of state: an amount, a word whose meaning the space gives, and when it changed.
///
/// A cell that was never written reads as all zero.
@frozen
public struct Cell: Hashable, Sendable {
    /// The balance, in the token's smallest unit.
    public var amount: UInt128
    /// What the space makes of it.
    ///
    /// DIP: the account's ``nonce``, in bit 63 ``namesFeePayer``, in bit 62 ``namesPayoutToken``. Issued
    /// tokens: bit 0 frozen, bit 1 allowed, bit 2 payouts are redeemed.
    public var aux: UInt64
    /// The height of the last block that wrote the cell; 0 if none did since genesis.
    ///
    /// History is a chain through it: each block keeps the height that its own write replaced.
    public var touched: UInt64

    /// Makes a cell.
    @inlinable
    public init(amount: UInt128 = 0, aux: UInt64 = 0, touched: UInt64 = 0) {
        self.amount = amount
        self.aux = aux
        self.touched = touched
    }

    /// Of a DIP cell: how many transactions of the account were executed.
    ///
    /// Adding 1 to `aux` advances it.
    @inlinable
    public var nonce: UInt64 { aux & (1 << 62 - 1) }

    /// Of a DIP cell: whether somebody else may pay the account's fees, which an object then names.
    ///
    /// Kept here so that the others, nearly all, cost no look-up.
    @inlinable
    public var namesFeePayer: Bool { aux & Self.feePayerBit != 0 }

    /// Of a DIP cell: whether payouts to the account may be converted, to tokens that an object names.
    @inlinable
    public var namesPayoutToken: Bool { aux & Self.payoutTokenBit != 0 }

    /// ``namesFeePayer`` in ``aux``.
    public static var feePayerBit: UInt64 { 1 << 63 }
    /// ``namesPayoutToken`` in ``aux``.
    public static var payoutTokenBit: UInt64 { 1 << 62 }
}

/// One cell that a block changed.
@frozen
public struct CellChange: Sendable {
    /// Which cell.
    public let key: CellKey
    /// Its value after the block; `touched` is the block's height.
    public let cell: Cell
    /// The height of the block that wrote it before, 0 if none did.
    public let previous: UInt64

    /// Records a change.
    @inlinable
    public init(key: CellKey, cell: Cell, previous: UInt64) {
        self.key = key
        self.cell = cell
        self.previous = previous
    }
}

/// One object that a block changed.
public struct ObjectChange: Sendable {
    /// Which object.
    public let key: [UInt8]
    /// Its value after the block, nil if it was removed.
    public let value: [UInt8]?

    /// Records a change.
    public init(key: [UInt8], value: [UInt8]?) {
        self.key = key
        self.value = value
    }
}

/// What a block, or several, changed: each key once.
public struct StateChanges: Sendable {
    /// Cells.
    public var cells: [CellChange]
    /// Objects; their keys start with 0x02 or more, so that in byte order they follow all cells.
    public var objects: [ObjectChange]

    /// Makes a set of changes.
    public init(cells: [CellChange] = [], objects: [ObjectChange] = []) {
        self.cells = cells
        self.objects = objects
    }
}
