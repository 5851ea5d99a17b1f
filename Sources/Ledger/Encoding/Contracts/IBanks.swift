/// The banks' contract at 0x…d105, as clients see it: deposit tokens, issues, redemptions.
public enum IBanks {
    /// How far a redemption has come.
    public enum Redemption: UInt8, Hashable, Sendable, CaseIterable, ABIEnum {
        /// There is no such redemption.
        case none
        /// Asked for; the tokens are out of the owner's reach.
        case requested
        /// The bank has sent the payment order, or is about to.
        case instructed
        /// Paid; the tokens are destroyed.
        case settled
        /// The bank could not pay; the tokens went back.
        case rejected
        /// The bank did not answer in time; the tokens went back.
        case returned

        /// Whether the tokens wait at 0x…d105.
        public var isInFlight: Bool { self == .requested || self == .instructed }
    }

    /// A bank with deposit tokens.
    public struct Bank: Hashable, Sendable {
        /// Its Business Identifier Code (ISO 9362); empty where it never said one.
        public var bic: String
        /// Its name, as governance has it.
        public var name: String
        /// The account that acts for it; the last one of a bank that left.
        public var `operator`: Address
        /// Whether it is a bank of the consortium now.
        public var active: Bool

        /// Makes one from its members, unchecked.
        public init(bic: String, name: String, operator account: Address, active: Bool) {
            self.bic = bic
            self.name = name
            self.operator = account
            self.active = active
        }
    }
}

extension IBanks.Bank: ABICodable {
    /// Four members.
    public static var abiWords: Int { 4 }
    /// It holds members without a fixed size.
    public static var abiIsDynamic: Bool { true }

    /// Reads the members in order.
    /// - Throws: ``Rejection/badCalldata(_:)``.
    public init(abi reader: inout ABIReader) throws(Rejection) {
        bic = try reader.read()
        name = try reader.read()
        `operator` = try reader.address()
        active = try reader.bool()
    }

    /// Writes the members in order.
    public func encode(to writer: inout ABIWriter) {
        writer.write(bic)
        writer.write(name)
        writer.write(`operator`)
        writer.write(active)
    }
}
