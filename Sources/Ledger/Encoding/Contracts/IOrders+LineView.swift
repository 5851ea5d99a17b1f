extension IOrders {
    /// A line as it stands.
    public struct LineView: Hashable, Sendable {
        /// Lower tiers are paid first.
        public var tier: UInt16
        /// Who had the claim at first.
        public var payee: Address
        /// What was agreed.
        public var amount: UInt128
        /// How much of it fell away.
        public var voided: UInt128
        /// How much was paid.
        public var paid: UInt128
        /// How much the cash covers by now.
        public var allocated: UInt128
        /// What it waits for: 0 for nothing, else the gate's index + 1.
        public var gate: UInt8

        /// Makes one from its members, unchecked.
        public init(
            tier: UInt16, payee: Address, amount: UInt128, voided: UInt128, paid: UInt128,
            allocated: UInt128, gate: UInt8
        ) {
            self.tier = tier
            self.payee = payee
            self.amount = amount
            self.voided = voided
            self.paid = paid
            self.allocated = allocated
            self.gate = gate
        }
    }
}

extension IOrders.LineView: ABICodable {
    /// Seven members.
    public static var abiWords: Int { 7 }

    /// Reads the members in order.
    /// - Throws: ``Rejection/badCalldata(_:)``, ``Rejection/amountTooLarge(_:)``.
    public init(abi reader: inout ABIReader) throws(Rejection) {
        tier = try reader.uint()
        payee = try reader.address()
        amount = try reader.amount()
        voided = try reader.amount()
        paid = try reader.amount()
        allocated = try reader.amount()
        gate = try reader.uint()
    }

    /// Writes the members in order.
    public func encode(to writer: inout ABIWriter) {
        writer.write(tier)
        writer.write(payee)
        writer.write(amount)
        writer.write(voided)
        writer.write(paid)
        writer.write(allocated)
        writer.write(gate)
    }
}
