extension IOrders {
    /// What an order is opened with.
    public struct Terms: Hashable, Sendable {
        /// The token that it settles in.
        public var token: Address
        /// Who owes.
        public var buyer: Address
        /// Who resolves disputes; zero for nobody.
        public var arbiter: Address
        /// By when the escrow should be full, seconds; 0 for no date.
        public var dueAt: UInt64
        /// A hash of the contract behind it; zero for none.
        public var document: Hash32
        /// Who gets what, 1 to 1,024.
        public var lines: [Line]
        /// What they wait for, at most 64.
        public var gates: [Gate]

        /// Makes terms, unchecked.
        public init(
            token: Address, buyer: Address, arbiter: Address = .zero, dueAt: UInt64 = 0,
            document: Hash32 = .zero, lines: [Line], gates: [Gate] = []
        ) {
            self.token = token
            self.buyer = buyer
            self.arbiter = arbiter
            self.dueAt = dueAt
            self.document = document
            self.lines = lines
            self.gates = gates
        }
    }

    /// One entitlement of an order.
    public struct Line: Hashable, Sendable {
        /// Lower tiers are paid first.
        public var tier: UInt16
        /// Who has the claim at first.
        public var payee: Address
        /// In the token's smallest unit.
        public var amount: UInt128
        /// What it waits for: 0 for nothing, else the gate's index + 1.
        public var gate: UInt8

        /// Makes a line, unchecked.
        public init(tier: UInt16, payee: Address, amount: UInt128, gate: UInt8 = 0) {
            self.tier = tier
            self.payee = payee
            self.amount = amount
            self.gate = gate
        }
    }

    /// A condition of lines.
    public struct Gate: Hashable, Sendable {
        /// Who may say how much is fulfilled, at most 32.
        public var attestors: [Address]
        /// How many of them must say so; 0 for a time alone.
        public var threshold: UInt8
        /// Not met before, seconds; a duration where it follows another gate.
        public var notBefore: UInt64
        /// Decided by, seconds; a duration where it follows another gate; 0 for a time alone.
        public var deadline: UInt64
        /// What happens at the deadline.
        public var onTimeout: OnTimeout
        /// The earlier gate that it follows: 0 for none, else its index + 1.
        public var follows: UInt8
        /// What an arbiter's silence does: true meets the gate, false fails it.
        public var silenceMeets: Bool
        /// How long the arbiter has, seconds.
        public var arbitrationPeriod: UInt64

        /// Makes a gate, unchecked.
        public init(
            attestors: [Address], threshold: UInt8, notBefore: UInt64 = 0, deadline: UInt64 = 0,
            onTimeout: OnTimeout = .fail, follows: UInt8 = 0, silenceMeets: Bool = false,
            arbitrationPeriod: UInt64 = 0
        ) {
            self.attestors = attestors
            self.threshold = threshold
            self.notBefore = notBefore
            self.deadline = deadline
            self.onTimeout = onTimeout
            self.follows = follows
            self.silenceMeets = silenceMeets
            self.arbitrationPeriod = arbitrationPeriod
        }
    }

    /// Claim units that become a source of an order.
    public struct Pledge: Hashable, Sendable {
        /// The order that the claim is on.
        public var order: UInt64
        /// Its line, from 0.
        public var line: UInt16
        /// How much of it.
        public var units: UInt128

        /// Makes a pledge, unchecked.
        public init(order: UInt64, line: UInt16, units: UInt128) {
            self.order = order
            self.line = line
            self.units = units
        }
    }
}

extension IOrders.Terms: ABICodable {
    /// Seven members.
    public static var abiWords: Int { 7 }
    /// Lines and gates are arrays.
    public static var abiIsDynamic: Bool { true }

    /// Reads the members in order.
    /// - Throws: ``Rejection/badCalldata(_:)``, ``Rejection/amountTooLarge(_:)``.
    public init(abi reader: inout ABIReader) throws(Rejection) {
        token = try reader.address()
        buyer = try reader.address()
        arbiter = try reader.address()
        dueAt = try reader.uint()
        document = try reader.word()
        lines = try reader.array()
        gates = try reader.array()
    }

    /// Writes the members in order.
    public func encode(to writer: inout ABIWriter) {
        writer.write(token)
        writer.write(buyer)
        writer.write(arbiter)
        writer.write(dueAt)
        writer.write(document)
        writer.write(array: lines)
        writer.write(array: gates)
    }
}

extension IOrders.Line: ABICodable {
    /// Four members.
    public static var abiWords: Int { 4 }

    /// Reads the members in order.
    /// - Throws: ``Rejection/badCalldata(_:)``, ``Rejection/amountTooLarge(_:)``.
    public init(abi reader: inout ABIReader) throws(Rejection) {
        tier = try reader.uint()
        payee = try reader.address()
        amount = try reader.amount()
        gate = try reader.uint()
    }

    /// Writes the members in order.
    public func encode(to writer: inout ABIWriter) {
        writer.write(tier)
        writer.write(payee)
        writer.write(amount)
        writer.write(gate)
    }
}

extension IOrders.Gate: ABICodable {
    /// Eight members.
    public static var abiWords: Int { 8 }
    /// Attestors are an array.
    public static var abiIsDynamic: Bool { true }

    /// Reads the members in order.
    /// - Throws: ``Rejection/badCalldata(_:)``.
    public init(abi reader: inout ABIReader) throws(Rejection) {
        attestors = try reader.array()
        threshold = try reader.uint()
        notBefore = try reader.uint()
        deadline = try reader.uint()
        onTimeout = try reader.read()
        follows = try reader.uint()
        silenceMeets = try reader.bool()
        arbitrationPeriod = try reader.uint()
    }

    /// Writes the members in order.
    public func encode(to writer: inout ABIWriter) {
        writer.write(array: attestors)
        writer.write(threshold)
        writer.write(notBefore)
        writer.write(deadline)
        writer.write(onTimeout)
        writer.write(follows)
        writer.write(silenceMeets)
        writer.write(arbitrationPeriod)
    }
}

extension IOrders.Pledge: ABICodable {
    /// Three members.
    public static var abiWords: Int { 3 }

    /// Reads the members in order.
    /// - Throws: ``Rejection/badCalldata(_:)``, ``Rejection/amountTooLarge(_:)``.
    public init(abi reader: inout ABIReader) throws(Rejection) {
        order = try reader.uint()
        line = try reader.uint()
        units = try reader.amount()
    }

    /// Writes the members in order.
    public func encode(to writer: inout ABIWriter) {
        writer.write(order)
        writer.write(line)
        writer.write(units)
    }
}
