extension IEntities {
    /// A legal entity behind an address, as a bank attests it.
    public struct Entity: Hashable, Sendable {
        /// Its Legal Entity Identifier (ISO 17442), 20 characters, then zeros; zero for none.
        public var lei: Hash32
        /// Its Unified Social Credit Code (GB 32100); empty for none.
        public var creditCode: String
        /// Its name.
        public var name: String
        /// Its line of business.
        public var industry: String
        /// Which bank says so.
        public var bank: Address
        /// Since when, seconds.
        public var since: UInt64
        /// Whether that still holds.
        public var active: Bool

        /// Makes one from its members, unchecked.
        public init(
            lei: Hash32, creditCode: String, name: String, industry: String, bank: Address,
            since: UInt64, active: Bool
        ) {
            self.lei = lei
            self.creditCode = creditCode
            self.name = name
            self.industry = industry
            self.bank = bank
            self.since = since
            self.active = active
        }
    }
}

extension IEntities.Entity: ABICodable {
    /// Seven members.
    public static var abiWords: Int { 7 }
    /// It holds members without a fixed size.
    public static var abiIsDynamic: Bool { true }

    /// Reads the members in order.
    /// - Throws: ``Rejection/badCalldata(_:)``.
    public init(abi reader: inout ABIReader) throws(Rejection) {
        lei = try reader.word()
        creditCode = try reader.read()
        name = try reader.read()
        industry = try reader.read()
        bank = try reader.address()
        since = try reader.uint()
        active = try reader.bool()
    }

    /// Writes the members in order.
    public func encode(to writer: inout ABIWriter) {
        writer.write(lei)
        writer.write(creditCode)
        writer.write(name)
        writer.write(industry)
        writer.write(bank)
        writer.write(since)
        writer.write(active)
    }
}
