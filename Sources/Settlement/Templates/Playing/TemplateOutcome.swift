import Ledger

/// How a gate can end.
public enum GateOutcome: Hashable, Sendable {
    /// Attestors say that all of it is fulfilled; or, of a time alone, the time came.
    case met
    /// They say that so much of it is, in basis points; where there is an arbiter, the arbiter says so.
    case partial(UInt16)
    /// Attestors say no, and the arbiter, if they are asked, agrees.
    case refused
    /// Nobody says anything: neither attestors nor arbiter.
    case late
    /// The gate that it follows failed.
    case skipped
    /// All was paid or voided before it ended.
    case moot

    /// The share that stands for all shares between none and all of it: four fifths.
    public static let representative = GateOutcome.partial(8000)

    /// The outcomes of an attested gate that a check plays.
    public static let attested: [GateOutcome] = [.met, .representative, .refused, .late]

    /// `met`, `partial`, `refused`, `late`, `skipped` or `moot`; another share than four fifths as `75%`.
    public var name: String {
        switch self {
        case .met: "met"
        case .representative: "partial"
        case .partial(let bps): ValueText.share(ofBasisPoints: UInt128(bps))
        case .refused: "refused"
        case .late: "late"
        case .skipped: "skipped"
        case .moot: "moot"
        }
    }
}

/// What comes of an order that is fully funded when it is opened, where its gates end in some way.
public struct TemplateOutcome: Sendable, Equatable {
    /// How each gate ends, in the order of ``Template/gates``.
    public let gates: [Gate]
    /// Every payment, in the order in which they are made.
    public let payments: [Payment]
    /// What each member of each role gets, in the order of ``Template/roles``.
    public let paid: [[UInt128]]
    /// What the buyer gets back.
    public let refund: UInt128
    /// When the order is closed, in seconds; nil where it never is.
    public let closedAt: UInt64?

    /// How a gate ends.
    public struct Gate: Sendable, Hashable {
        /// In which way.
        public let outcome: GateOutcome
        /// What of it counts as fulfilled, in basis points; 0 where it failed.
        public let share: UInt16
        /// When, in seconds; nil where it never does.
        public let endedAt: UInt64?
    }

    /// Money that moves.
    public struct Payment: Sendable, Hashable {
        /// When, in seconds.
        public let at: UInt64
        /// To which role; nil for what the buyer gets back.
        public let role: Int?
        /// To which of its members.
        public let member: Int
        /// By which of the template's lines; nil for what the buyer gets back.
        public let line: Int?
        /// Whether it is what was retained.
        public let isRetained: Bool
        /// How much.
        public let amount: UInt128
    }
}
