extension ITokens {
    /// What a new token shall be.
    public struct NewToken: Hashable, Sendable {
        /// Its name.
        public var name: String
        /// Its short name.
        public var symbol: String
        /// How many decimal places a whole unit has.
        public var decimals: UInt8
        /// The most that there may ever be; 0 says 2^128 − 1.
        public var cap: UInt128
        /// What the issuer gets at once.
        public var initialSupply: UInt128
        /// What the issuer will be able to do, as bits.
        public var controls: UInt64
        /// Where more is said of it.
        public var uri: String

        /// Makes one from its members, unchecked.
        public init(
            name: String, symbol: String, decimals: UInt8, cap: UInt128, initialSupply: UInt128,
            controls: UInt64, uri: String
        ) {
            self.name = name
            self.symbol = symbol
            self.decimals = decimals
            self.cap = cap
            self.initialSupply = initialSupply
            self.controls = controls
            self.uri = uri
        }
    }
}

extension ITokens.NewToken: ABICodable {
    /// Seven members.
    public static var abiWords: Int { 7 }
    /// It holds members without a fixed size.
    public static var abiIsDynamic: Bool { true }

    /// Reads the members in order.
    /// - Throws: ``Rejection/badCalldata(_:)``, ``Rejection/amountTooLarge(_:)``.
    public init(abi reader: inout ABIReader) throws(Rejection) {
        name = try reader.read()
        symbol = try reader.read()
        decimals = try reader.uint()
        cap = try reader.amount()
        initialSupply = try reader.amount()
        controls = try reader.uint()
        uri = try reader.read()
    }

    /// Writes the members in order.
    public func encode(to writer: inout ABIWriter) {
        writer.write(name)
        writer.write(symbol)
        writer.write(decimals)
        writer.write(cap)
        writer.write(initialSupply)
        writer.write(controls)
        writer.write(uri)
    }
}
