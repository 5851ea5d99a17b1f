extension IOrders {
    /// A gate as it stands.
    public struct GateView: Hashable, Sendable {
        /// What was agreed.
        public var terms: Gate
        /// Where it stands.
        public var state: GateState
        /// The attestors who have spoken.
        public var said: [Address]
        /// What each of them said, basis points.
        public var shares: [UInt16]
        /// Not met before, seconds; 0 while it waits for the gate that it follows.
        public var opensAt: UInt64
        /// Decided by, seconds; 0 while it waits.
        public var dueAt: UInt64
        /// Until when the arbiter has time, seconds; 0 where it is not disputed.
        public var arbitrationEndsAt: UInt64
        /// Its share once it is met, basis points.
        public var bps: UInt16
        /// When it ended, seconds; 0 while it has not.
        public var closedAt: UInt64

        /// Makes one from its members, unchecked.
        public init(
            terms: Gate, state: GateState, said: [Address], shares: [UInt16], opensAt: UInt64,
            dueAt: UInt64, arbitrationEndsAt: UInt64, bps: UInt16, closedAt: UInt64
        ) {
            self.terms = terms
            self.state = state
            self.said = said
            self.shares = shares
            self.opensAt = opensAt
            self.dueAt = dueAt
            self.arbitrationEndsAt = arbitrationEndsAt
            self.bps = bps
            self.closedAt = closedAt
        }
    }
}

extension IOrders.GateView: ABICodable {
    /// Nine members.
    public static var abiWords: Int { 9 }
    /// It holds members without a fixed size.
    public static var abiIsDynamic: Bool { true }

    /// Reads the members in order.
    /// - Throws: ``Rejection/badCalldata(_:)``.
    public init(abi reader: inout ABIReader) throws(Rejection) {
        terms = try reader.read()
        state = try reader.read()
        said = try reader.array()
        shares = try reader.array()
        opensAt = try reader.uint()
        dueAt = try reader.uint()
        arbitrationEndsAt = try reader.uint()
        bps = try reader.uint()
        closedAt = try reader.uint()
    }

    /// Writes the members in order.
    public func encode(to writer: inout ABIWriter) {
        writer.write(terms)
        writer.write(state)
        writer.write(array: said)
        writer.write(array: shares)
        writer.write(opensAt)
        writer.write(dueAt)
        writer.write(arbitrationEndsAt)
        writer.write(bps)
        writer.write(closedAt)
    }
}
