/// One worked case with exact results: `docs/settlement-rules.md` §10.
///
/// Accounts are names; `name@U` is the account of that name in a second token U.
public struct VectorCase: Sendable {
    /// Its name, unique in its file.
    public var name: String
    /// Why it matters, in one line; may be empty.
    public var why: String
    /// What accounts have before the first step.
    public var mint: [(account: String, amount: UInt128)]
    /// What is done, in order.
    public var steps: [VectorStep]
    /// What accounts have after the last step; those that are not listed have nothing.
    public var balances: [(account: String, amount: UInt128)]
    /// What every order is after the last step.
    public var orders: [VectorOrder]
    /// What a transaction and a block may do.
    public var limits: VectorLimits

    /// Makes a case.
    public init(
        name: String, why: String, mint: [(account: String, amount: UInt128)],
        steps: [VectorStep], balances: [(account: String, amount: UInt128)],
        orders: [VectorOrder], limits: VectorLimits = VectorLimits()
    ) {
        self.name = name
        self.why = why
        self.mint = mint
        self.steps = steps
        self.balances = balances
        self.orders = orders
        self.limits = limits
    }
}

/// What a transaction and a block may do; as a rule more than any case does.
public struct VectorLimits: Sendable, Decodable {
    /// Payments that one step makes before the rest waits for the next block.
    public var steps: Int
    /// Payments that the start of a block makes, and as many that its steps set off without paying for them.
    public var payments: Int

    /// Makes limits.
    public init(steps: Int = 20_000, payments: Int = .max) {
        self.steps = steps
        self.payments = payments
    }
}

/// One step of a case.
public struct VectorStep: Sendable {
    /// What is done.
    public var operation: VectorOperation
    /// What must come of it.
    public var expected: VectorOutcome

    /// Makes a step.
    public init(_ operation: VectorOperation, expected: VectorOutcome) {
        self.operation = operation
        self.expected = expected
    }
}

/// What a step does.
public enum VectorOperation: Sendable {
    /// Time passes: a block with this time, in seconds, is made.
    case advance(to: UInt64)
    case open(VectorTerms, by: String)
    case accept(order: UInt64, by: String)
    case decline(order: UInt64, by: String)
    case fund(order: UInt64, amount: UInt128, by: String)
    case attest(order: UInt64, gate: UInt8, bps: UInt16, by: String)
    case dispute(order: UInt64, gate: UInt8, by: String)
    case resolve(order: UInt64, gate: UInt8, bps: UInt16, by: String)
    case waive(order: UInt64, line: UInt16, units: UInt128, by: String)
    case transferClaim(order: UInt64, line: UInt16, to: String, units: UInt128, by: String)
    case pledge(order: UInt64, line: UInt16, child: UInt64, units: UInt128, by: String)
    case guarantee(order: UInt64, amount: UInt128, by: String)
    case consent(isOn: Bool, by: String)
    case setOff([SetOffEntry])
}

/// Terms with names instead of addresses.
public struct VectorTerms: Sendable {
    /// The token, T or U.
    public var token: String
    /// Who owes.
    public var buyer: String
    /// Who decides disputes, nil for nobody.
    public var arbiter: String?
    /// In seconds, 0 for none.
    public var dueAt: UInt64
    /// Tier, payee, amount, and the gate as index from 0, nil for none.
    public var lines: [(tier: UInt16, payee: String, amount: UInt128, gate: Int?)]
    /// Gates, whose attestors are in ``attestors`` at the same place.
    public var gates: [Terms.Gate]
    /// The attestors of each gate.
    public var attestors: [[String]]

    /// Makes terms.
    public init(
        token: String, buyer: String, arbiter: String?, dueAt: UInt64,
        lines: [(tier: UInt16, payee: String, amount: UInt128, gate: Int?)],
        gates: [Terms.Gate], attestors: [[String]]
    ) {
        self.token = token
        self.buyer = buyer
        self.arbiter = arbiter
        self.dueAt = dueAt
        self.lines = lines
        self.gates = gates
        self.attestors = attestors
    }
}

/// What comes of a step.
public enum VectorOutcome: Hashable, Sendable, CustomStringConvertible {
    /// It happened: the order that it opened, if it opened one, and the payments it set off, in order.
    case done(order: UInt64?, paid: [VectorPayment])
    /// It was refused, with the error of this name.
    case refused(String)

    /// In one line.
    public var description: String {
        switch self {
        case .refused(let name): name
        case .done(let order, let paid):
            "ok" + (order.map { " order \($0)" } ?? "")
                + (paid.isEmpty ? "" : " paid ")
                + paid.map(\.description).joined(separator: ", ")
        }
    }
}

/// One payment of a line.
public struct VectorPayment: Hashable, Sendable, CustomStringConvertible {
    /// The order that paid.
    public var order: UInt64
    /// The line's index.
    public var line: UInt16
    /// An account's name, or `order:` and an id.
    public var to: String
    /// In the token's smallest unit.
    public var amount: UInt128

    /// Makes a payment.
    public init(order: UInt64, line: UInt16, to: String, amount: UInt128) {
        self.order = order
        self.line = line
        self.to = to
        self.amount = amount
    }

    /// In one line.
    public var description: String { "\(order).\(line) \(amount) to \(to)" }
}

/// An order as a case describes it at its end.
public struct VectorOrder: Hashable, Sendable, CustomStringConvertible {
    /// Its id.
    public var id: UInt64
    /// proposed, open or closed.
    public var status: String
    /// Who owes.
    public var buyer: String
    /// What came in.
    public var funded: UInt128
    /// What went back.
    public var refunded: UInt128
    /// pending, met, failed or disputed.
    public var gates: [String]
    /// Its lines.
    public var lines: [Line]

    /// A line of it.
    public struct Line: Hashable, Sendable {
        /// What was agreed.
        public var amount: UInt128
        /// What will never be paid.
        public var voided: UInt128
        /// What was paid.
        public var paid: UInt128
        /// From the front: an account's name or `order:` and an id, and its units.
        public var claims: [Entry]

        /// Makes a line.
        public init(amount: UInt128, voided: UInt128, paid: UInt128, claims: [Entry]) {
            self.amount = amount
            self.voided = voided
            self.paid = paid
            self.claims = claims
        }
    }

    /// A claim.
    public struct Entry: Hashable, Sendable {
        /// An account's name, or `order:` and an id.
        public var holder: String
        /// What it is of the line.
        public var units: UInt128

        /// Makes an entry.
        public init(holder: String, units: UInt128) {
            self.holder = holder
            self.units = units
        }
    }

    /// Makes an order.
    public init(
        id: UInt64, status: String, buyer: String, funded: UInt128, refunded: UInt128,
        gates: [String], lines: [Line]
    ) {
        self.id = id
        self.status = status
        self.buyer = buyer
        self.funded = funded
        self.refunded = refunded
        self.gates = gates
        self.lines = lines
    }

    /// In one line.
    public var description: String {
        let parts = lines.map { line in
            "[\(line.amount) voided \(line.voided) paid \(line.paid)"
                + line.claims.map { " \($0.holder):\($0.units)" }.joined() + "]"
        }
        return "order \(id) \(status) buyer \(buyer) funded \(funded) refunded \(refunded) gates "
            + gates.joined(separator: ",") + " lines " + parts.joined()
    }
}
