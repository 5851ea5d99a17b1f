import Ledger

/// What an order says, agreed when it is opened and never changed.
public struct Terms: Hashable, Sendable {
    /// The contract of the token in which the order settles.
    public var token: Address
    /// Who owes.
    public var buyer: Address
    /// Who decides disputes; the zero address where there is none.
    public var arbiter: Address
    /// When the escrow should be full, in seconds; 0 where no time is set.
    public var dueAt: UInt64
    /// The hash of the contract, purchase order or invoice.
    public var document: Hash32
    /// Who is to be paid, 1 to 1,024 lines.
    public var lines: [Line]
    /// What payments wait for, at most 64.
    public var gates: [Gate]

    /// Makes terms; nothing is checked.
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

    /// One entitlement.
    public struct Line: Hashable, Sendable {
        /// Lower tiers are paid first.
        public var tier: UInt16
        /// Who is entitled.
        public var payee: Address
        /// How much, in the token's smallest unit; more than 0.
        public var amount: UInt128
        /// The gate it waits for as index + 1; 0 for none.
        public var gate: UInt8

        /// Makes a line.
        public init(tier: UInt16 = 0, payee: Address, amount: UInt128, gate: UInt8 = 0) {
            self.tier = tier
            self.payee = payee
            self.amount = amount
            self.gate = gate
        }
    }

    /// A condition that ends by itself.
    public struct Gate: Hashable, Sendable {
        /// Who may say how much is fulfilled; at most 32, distinct.
        public var attestors: [Address]
        /// How many of them must say more than 0; 0 for a gate of time alone.
        public var threshold: UInt8
        /// From when it can be met, in seconds; counted from the gate it follows, if it follows one.
        public var notBefore: UInt64
        /// When it ends without an outcome, in seconds, counted likewise; 0 for none.
        public var deadline: UInt64
        /// What its deadline means.
        public var onTimeout: OnTimeout
        /// The earlier gate it follows as index + 1; 0 for none.
        public var follows: UInt8
        /// Whether an arbiter who stays silent lets it be met; else it fails.
        public var silenceMeets: Bool
        /// How long the arbiter has, in seconds.
        public var arbitrationPeriod: UInt64

        /// Makes a gate; as it stands by default it is a gate of time alone.
        public init(
            attestors: [Address] = [], threshold: UInt8 = 0, notBefore: UInt64 = 0,
            deadline: UInt64 = 0, onTimeout: OnTimeout = .fail, follows: UInt8 = 0,
            silenceMeets: Bool = false, arbitrationPeriod: UInt64 = 0
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
}

/// What happens when a gate's deadline passes without an outcome.
public enum OnTimeout: UInt8, Hashable, Sendable {
    /// It fails.
    case fail
    /// It is met in full.
    case meet
    /// The arbiter decides.
    case arbitrate
}

/// Where a gate stands.
public enum GateState: UInt8, Hashable, Sendable {
    /// No outcome yet.
    case pending
    /// Met, with a share.
    case met
    /// Failed.
    case failed
    /// In the arbiter's hands.
    case disputed
}

/// Where an order stands.
public enum OrderStatus: UInt8, Hashable, Sendable {
    /// There is no such order.
    case none
    /// Opened by somebody else than the buyer, who has yet to accept.
    case proposed
    /// Binding.
    case open
    /// Every line is paid or voided.
    case closed
}
