import Ledger

/// An offer to sell units of a claim; it locks nothing.
public struct Offer: Hashable, Sendable {
    /// Who offers.
    public var seller: Address
    /// The order.
    public var order: UInt64
    /// The line's index.
    public var line: UInt16
    /// How many, more than 0.
    public var units: UInt128
    /// In the order's token; may be 0.
    public var price: UInt128
    /// How many units of others may stand before the last of those that are sold.
    public var maxAhead: UInt128
    /// Who alone may buy; zero for anybody.
    public var onlyTo: Address
    /// The last second at which it can be bought; 0 for no end.
    public var expiry: UInt64
    /// Whether it was neither bought nor withdrawn.
    public internal(set) var isOpen: Bool

    /// `docs/formats/order.md`, *Offers*.
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 116)
        writer.write(seller)
        writer.write(order)
        writer.write(line)
        writer.write(compact: units)
        writer.write(compact: price)
        writer.write(compact: maxAhead)
        writer.write(onlyTo)
        writer.write(expiry)
        writer.write(byte: isOpen ? 1 : 0)
        return writer.bytes
    }

    /// Makes an offer.
    public init(
        seller: Address, order: UInt64, line: UInt16, units: UInt128, price: UInt128,
        maxAhead: UInt128 = .max, onlyTo: Address = .zero, expiry: UInt64 = 0
    ) {
        self.seller = seller
        self.order = order
        self.line = line
        self.units = units
        self.price = price
        self.maxAhead = maxAhead
        self.onlyTo = onlyTo
        self.expiry = expiry
        isOpen = true
    }

    init(from reader: inout ByteReader) throws(DecodingFault) {
        seller = try reader.readAddress()
        order = try reader.read()
        line = try reader.read()
        units = try reader.readCompact()
        price = try reader.readCompact()
        maxAhead = try reader.readCompact()
        onlyTo = try reader.readAddress()
        expiry = try reader.read()
        isOpen = try reader.read(UInt8.self) == 1
    }
}
