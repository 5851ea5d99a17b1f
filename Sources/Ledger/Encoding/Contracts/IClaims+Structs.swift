extension IClaims {
    /// Units of a claim in one hand.
    public struct Holding: Hashable, Sendable {
        /// The account; for an order its address as a holder.
        public var holder: Address
        /// The order that holds them; 0 for an account.
        public var order: UInt64
        /// How many, unpaid.
        public var units: UInt128

        /// Makes one from its members, unchecked.
        public init(holder: Address, order: UInt64, units: UInt128) {
            self.holder = holder
            self.order = order
            self.units = units
        }
    }
}

extension IClaims.Holding: ABICodable {
    /// Three members.
    public static var abiWords: Int { 3 }

    /// Reads the members in order.
    /// - Throws: ``Rejection/badCalldata(_:)``, ``Rejection/amountTooLarge(_:)``.
    public init(abi reader: inout ABIReader) throws(Rejection) {
        holder = try reader.address()
        order = try reader.uint()
        units = try reader.amount()
    }

    /// Writes the members in order.
    public func encode(to writer: inout ABIWriter) {
        writer.write(holder)
        writer.write(order)
        writer.write(units)
    }
}

extension IClaims {
    /// A claim offered for a price.
    public struct Offer: Hashable, Sendable {
        /// Who offers.
        public var seller: Address
        /// The order that the claim is on.
        public var order: UInt64
        /// Its line, from 0.
        public var line: UInt16
        /// How many.
        public var units: UInt128
        /// For what, in the order's token.
        public var price: UInt128
        /// Who alone may buy; zero for anybody.
        public var onlyTo: Address
        /// Until when, seconds; 0 for no end.
        public var expiry: UInt64
        /// Whether it can still be bought.
        public var open: Bool

        /// Makes one from its members, unchecked.
        public init(
            seller: Address, order: UInt64, line: UInt16, units: UInt128, price: UInt128,
            onlyTo: Address, expiry: UInt64, open: Bool
        ) {
            self.seller = seller
            self.order = order
            self.line = line
            self.units = units
            self.price = price
            self.onlyTo = onlyTo
            self.expiry = expiry
            self.open = open
        }
    }
}

extension IClaims.Offer: ABICodable {
    /// Eight members.
    public static var abiWords: Int { 8 }

    /// Reads the members in order.
    /// - Throws: ``Rejection/badCalldata(_:)``, ``Rejection/amountTooLarge(_:)``.
    public init(abi reader: inout ABIReader) throws(Rejection) {
        seller = try reader.address()
        order = try reader.uint()
        line = try reader.uint()
        units = try reader.amount()
        price = try reader.amount()
        onlyTo = try reader.address()
        expiry = try reader.uint()
        open = try reader.bool()
    }

    /// Writes the members in order.
    public func encode(to writer: inout ABIWriter) {
        writer.write(seller)
        writer.write(order)
        writer.write(line)
        writer.write(units)
        writer.write(price)
        writer.write(onlyTo)
        writer.write(expiry)
        writer.write(open)
    }
}
