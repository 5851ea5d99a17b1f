extension IOrders {
    /// An order as it stands, without its lines and gates.
    public struct OrderView: Hashable, Sendable {
        /// Where it stands.
        public var status: Status
        /// The token that it settles in.
        public var token: Address
        /// Who owes.
        public var buyer: Address
        /// Who opened it.
        public var proposer: Address
        /// Who resolves disputes; zero for nobody.
        public var arbiter: Address
        /// When it was opened, seconds.
        public var openedAt: UInt64
        /// By when the escrow should be full, seconds; 0 for no date.
        public var dueAt: UInt64
        /// A hash of the contract behind it.
        public var document: Hash32
        /// The template that it came from; zero for raw terms.
        public var templateId: Hash32
        /// The sum of its lines.
        public var price: UInt128
        /// What came in.
        public var funded: UInt128
        /// What went back.
        public var refunded: UInt128
        /// What its buyer still owes.
        public var outstanding: UInt128
        /// Who guarantees; zero for nobody.
        public var guarantor: Address
        /// What is locked for it.
        public var guarantee: UInt128
        /// The order by which the guarantor is paid back; 0 for none.
        public var reimbursement: UInt64
        /// How many lines it has.
        public var lineCount: UInt16
        /// How many gates it has.
        public var gateCount: UInt8

        /// Makes one from its members, unchecked.
        public init(
            status: Status, token: Address, buyer: Address, proposer: Address, arbiter: Address,
            openedAt: UInt64, dueAt: UInt64, document: Hash32, templateId: Hash32, price: UInt128,
            funded: UInt128, refunded: UInt128, outstanding: UInt128, guarantor: Address,
            guarantee: UInt128, reimbursement: UInt64, lineCount: UInt16, gateCount: UInt8
        ) {
            self.status = status
            self.token = token
            self.buyer = buyer
            self.proposer = proposer
            self.arbiter = arbiter
            self.openedAt = openedAt
            self.dueAt = dueAt
            self.document = document
            self.templateId = templateId
            self.price = price
            self.funded = funded
            self.refunded = refunded
            self.outstanding = outstanding
            self.guarantor = guarantor
            self.guarantee = guarantee
            self.reimbursement = reimbursement
            self.lineCount = lineCount
            self.gateCount = gateCount
        }
    }
}

extension IOrders.OrderView: ABICodable {
    /// Eighteen members.
    public static var abiWords: Int { 18 }

    /// Reads the members in order.
    /// - Throws: ``Rejection/badCalldata(_:)``, ``Rejection/amountTooLarge(_:)``.
    public init(abi reader: inout ABIReader) throws(Rejection) {
        status = try reader.read()
        token = try reader.address()
        buyer = try reader.address()
        proposer = try reader.address()
        arbiter = try reader.address()
        openedAt = try reader.uint()
        dueAt = try reader.uint()
        document = try reader.word()
        templateId = try reader.word()
        price = try reader.amount()
        funded = try reader.amount()
        refunded = try reader.amount()
        outstanding = try reader.amount()
        guarantor = try reader.address()
        guarantee = try reader.amount()
        reimbursement = try reader.uint()
        lineCount = try reader.uint()
        gateCount = try reader.uint()
    }

    /// Writes the members in order.
    public func encode(to writer: inout ABIWriter) {
        writer.write(status)
        writer.write(token)
        writer.write(buyer)
        writer.write(proposer)
        writer.write(arbiter)
        writer.write(openedAt)
        writer.write(dueAt)
        writer.write(document)
        writer.write(templateId)
        writer.write(price)
        writer.write(funded)
        writer.write(refunded)
        writer.write(outstanding)
        writer.write(guarantor)
        writer.write(guarantee)
        writer.write(reimbursement)
        writer.write(lineCount)
        writer.write(gateCount)
    }
}
