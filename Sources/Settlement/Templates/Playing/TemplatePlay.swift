import Ledger
import Tokens

/// Plays an order on the settlement code itself, through every combination of outcomes of its gates.
///
/// A combination is a path of a tree: what two have in common is played once and undone behind the
/// first. Everything happens on a ledger in memory that is made for it.
struct TemplatePlay {
    private let template: Template
    private let lines: [InstantiatedLine]
    private let roleSizes: [Int]
    private let terms: Terms
    private let start: UInt64
    private let state: State
    private let tokens: TokenLedger
    private let book: OrderBook
    private let order: Order
    private var id: UInt64 { order.id }

    /// How the attested gates end on the path that is played; nil for those that were not reached yet.
    private var chosen: [GateOutcome?]
    private var payments: [TemplateOutcome.Payment] = []
    /// What each line had been paid, and the buyer been given back, when payments were last noted.
    private var noted: [UInt128]
    private var refundNoted: UInt128 = 0
    /// Whether payments are kept one by one.
    private let keepsPayments: Bool

    /// How much was done so far: each change of an order counts its gates and lines.
    private(set) var work: UInt64 = 0

    /// Opens and funds an order on a new ledger.
    ///
    /// - Throws: the ``Rejection`` of terms that did not pass.
    init(
        _ template: Template, _ bindings: TemplateBindings, _ terms: Terms,
        _ lines: [InstantiatedLine], now: UInt64, keepsPayments: Bool
    ) throws(Rejection) {
        self.template = template
        self.lines = lines
        roleSizes = bindings.parties.map(\.count)
        start = now
        self.keepsPayments = keepsPayments
        state = State(source: MemorySource())
        tokens = TokenLedger(state: state)
        book = OrderBook(state: state, tokens: tokens)
        // Nobody can have this address, so that it is none of the parties'.
        let funder = Address(Keccak256.hash("funder of template plays").bytes.suffix(20)) ?? .zero
        let token = try tokens.create(
            NewToken(name: "T", symbol: "T", decimals: 0, controls: .mint), by: funder)
        var terms = terms
        terms.token = token.address
        self.terms = terms
        chosen = Array(repeating: nil, count: terms.gates.count)
        noted = Array(repeating: 0, count: terms.lines.count)
        state.block.now = now
        try tokens.mint(
            lines.reduce(0) { $0 + $1.line.amount }, of: token, to: funder, by: funder)
        order = book.known(try book.open(terms, by: terms.buyer))
        try book.fund(order: order.id, amount: nil, by: funder)
        work += UInt64(terms.gates.count + terms.lines.count)
    }

    // MARK: The tree

    /// Plays every combination.
    ///
    /// - Parameters:
    ///   - choices: the outcomes to try of an attested gate that is reached.
    ///   - visit: what to do where a combination has ended; false ends the play.
    /// - Throws: the ``Rejection`` of an operation that must be possible.
    mutating func run(
        choices: (Int) -> [GateOutcome], visit: (TemplatePlay) -> Bool
    ) throws(Rejection) {
        note()
        _ = try explore(choices, visit)
    }

    private mutating func explore(
        _ choices: (Int) -> [GateOutcome], _ visit: (TemplatePlay) -> Bool
    ) throws(Rejection) -> Bool {
        while true {
            // Once all is paid or voided, gates that are still open decide nothing.
            if order.head.status == .closed { return visit(self) }
            if let gate = undecided {
                return try decide(gate, choices, visit)
            }
            guard let next = book.nextTimer else { return visit(self) }
            let before = state.block.now
            state.block.now = max(before, next)
            book.fireTimers(upTo: state.block.now, after: before, limit: 1)
            note()
        }
    }

    /// The first gate on which somebody may speak and nobody has decided how it ends.
    private var undecided: Int? {
        return order.gates.indices.first {
            chosen[$0] == nil && order.gates[$0].state == .pending && order.gates[$0].isReached
                && order.gates[$0].terms.threshold > 0
        }
    }

    private mutating func decide(
        _ gate: Int, _ choices: (Int) -> [GateOutcome], _ visit: (TemplatePlay) -> Bool
    ) throws(Rejection) -> Bool {
        let (noted, refundNoted, count) = (noted, refundNoted, payments.count)
        let now = state.block.now
        for outcome in choices(gate) {
            let mark = state.mark()
            chosen[gate] = outcome
            try end(UInt8(gate), outcome)
            note()
            let goesOn = try explore(choices, visit)
            state.rollback(to: mark)
            state.block.now = now
            self.noted = noted
            self.refundNoted = refundNoted
            payments.removeLast(payments.count - count)
            chosen[gate] = nil
            if !goesOn { return false }
        }
        return true
    }

    // MARK: Operations

    /// Does what makes a gate end in some way; what only time does comes later.
    private func end(_ gate: UInt8, _ outcome: GateOutcome) throws(Rejection) {
        let terms = terms.gates[Int(gate)]
        switch outcome {
        case .late, .skipped, .moot: break
        case .met: try attest(gate, Int(terms.threshold), Gate.whole)
        case .partial(let bps) where terms.onTimeout == .arbitrate:
            try book.dispute(order: id, gate: gate, by: self.terms.buyer)
            try book.resolve(order: id, gate: gate, bps: bps, by: self.terms.arbiter)
        case .partial(let bps): try attest(gate, Int(terms.threshold), bps)
        case .refused:
            try attest(gate, terms.attestors.count - Int(terms.threshold) + 1, 0)
            guard terms.onTimeout == .arbitrate else { return }
            try book.resolve(order: id, gate: gate, bps: 0, by: self.terms.arbiter)
        }
    }

    private func attest(_ gate: UInt8, _ count: Int, _ bps: UInt16) throws(Rejection) {
        for attestor in terms.gates[Int(gate)].attestors.prefix(count) {
            try book.attest(order: id, gate: gate, bps: bps, by: attestor)
        }
    }

    /// Notes what was paid since the last time.
    private mutating func note() {
        work += UInt64(terms.gates.count + terms.lines.count)
        guard keepsPayments else { return }
        let now = state.block.now
        for (index, line) in order.lines.enumerated() where line.paid > noted[index] {
            payments.append(
                TemplateOutcome.Payment(
                    at: now, role: template.lines[lines[index].rule].to,
                    member: lines[index].member, line: lines[index].rule,
                    isRetained: lines[index].isRetained, amount: line.paid - noted[index]))
            noted[index] = line.paid
        }
        if order.head.refunded > refundNoted {
            payments.append(
                TemplateOutcome.Payment(
                    at: now, role: nil, member: 0, line: nil, isRetained: false,
                    amount: order.head.refunded - refundNoted))
            refundNoted = order.head.refunded
        }
    }

    // MARK: What came of it

    /// What is wrong where a combination has ended: money that is stuck, or nowhere; nil for nothing.
    var fault: String? {
        if order.head.status != .closed,
            let gate = order.gates.firstIndex(where: { $0.state != .met && $0.state != .failed })
        {
            return "gate \(template.gates[gate].name) never ends"
        }
        let paid = order.lines.reduce(0) { $0 + $1.paid }
        guard paid + order.head.refunded == order.fixed.price,
            tokens.balance(of: .orders, in: order.fixed.token) == 0
        else {
            let left = order.head.cash - paid
            return "\(left) of \(order.fixed.price) stay in the order for ever"
        }
        return order.head.status == .closed ? nil : "the order is never closed"
    }

    /// How the gates ended on the path that is played.
    var outcomes: [GateOutcome] {
        order.gates.indices.map { index in
            if let chosen = chosen[index] { return chosen }
            switch order.gates[index].state {
            case .met: return .met
            case .failed: return .skipped
            default: return .moot
            }
        }
    }

    /// All of it.
    var outcome: TemplateOutcome {
        var paid = roleSizes.map { [UInt128](repeating: 0, count: $0) }
        for (line, made) in zip(order.lines, lines) {
            paid[template.lines[made.rule].to][made.member] += line.paid
        }
        return TemplateOutcome(
            gates: zip(outcomes, order.gates).map { outcome, gate in
                TemplateOutcome.Gate(
                    outcome: outcome, share: gate.bps,
                    endedAt: gate.state == .met || gate.state == .failed ? gate.closedAt : nil)
            },
            payments: payments, paid: paid, refund: order.head.refunded,
            closedAt: order.head.status == .closed ? payments.last?.at ?? start : nil)
    }
}
