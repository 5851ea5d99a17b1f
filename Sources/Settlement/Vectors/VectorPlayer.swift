import Ledger
import Tokens

/// Plays cases on the settlement code itself and says where it differs from them.
public struct VectorPlayer {
    /// Whether everything is written and read again after each step, as if the node had been restarted.
    public var restartsAfterEachStep: Bool

    /// Makes a player.
    public init(restartsAfterEachStep: Bool = false) {
        self.restartsAfterEachStep = restartsAfterEachStep
    }

    /// Plays a case.
    ///
    /// - Returns: each difference in one line; empty if there is none.
    public func play(_ vector: VectorCase) -> [String] {
        var game: VectorGame
        do throws(Rejection) {
            game = try VectorGame(vector)
        } catch {
            return ["\(vector.name): what accounts have at the start: \(error.name)"]
        }
        var differences: [String] = []
        for (index, step) in vector.steps.enumerated() {
            let outcome = game.perform(step.operation)
            if outcome != step.expected {
                differences.append(
                    "\(vector.name), step \(index): expected \(step.expected), got \(outcome)")
            }
            if restartsAfterEachStep { game.restart() }
        }
        let balances = Dictionary(
            vector.balances.map { ($0.account, $0.amount) }, uniquingKeysWith: { $1 })
        for account in game.accounts {
            let expected = balances[account] ?? 0
            let got = game.balance(account)
            if expected != got {
                differences.append(
                    "\(vector.name), at the end: \(account) has \(got), expected \(expected)")
            }
        }
        let orders = game.orders
        for index in 0..<max(orders.count, vector.orders.count) {
            let expected = index < vector.orders.count ? vector.orders[index] : nil
            let got = index < orders.count ? orders[index] : nil
            guard expected != got else { continue }
            differences.append(
                "\(vector.name), at the end: expected \(expected?.description ?? "nothing"), got "
                    + "\(got?.description ?? "nothing")")
        }
        return differences
    }
}

/// The ledger on which one case is played.
struct VectorGame {
    private let source = MemorySource()
    private var state: State
    private var tokens: TokenLedger
    private(set) var book: OrderBook
    private var ids: [String: TokenID] = [:]
    /// Names by address, of all accounts that were named so far.
    private var names: [Address: String] = [:]
    private let limits: VectorLimits
    private let issuer = Address(high: 1, middle: 0, low: 0)

    /// Makes a ledger on which accounts have what the case says.
    ///
    /// - Throws: a ``Rejection`` if they cannot have it.
    init(_ vector: VectorCase) throws(Rejection) {
        limits = vector.limits
        state = State(source: source)
        tokens = TokenLedger(state: state)
        book = OrderBook(state: state, tokens: tokens)
        book.budget = limits.payments
        for symbol in ["T", "U"] {
            let new = NewToken(
                name: symbol, symbol: symbol, decimals: 0, cap: 0, initialSupply: 0,
                controls: .mint, uri: "")
            ids[symbol] = try tokens.create(new, by: issuer)
        }
        for (account, amount) in vector.mint where amount > 0 {
            let (name, token) = split(account)
            try tokens.mint(amount, of: token, to: address(name), by: issuer)
        }
        for (account, _) in vector.mint + vector.balances { _ = address(split(account).name) }
        source.write(state.endBlock())
        state.beginBlock(BlockContext(height: 1, stepLimit: limits.steps))
    }

    // MARK: Names

    private func split(_ account: String) -> (name: String, token: TokenID) {
        let parts = account.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let symbol = parts.count > 1 ? String(parts[1]) : "T"
        return (String(parts.first ?? ""), ids[symbol] ?? TokenID(rawValue: .max >> 1))
    }

    /// The same name has the same address everywhere; the empty name is nobody's.
    private mutating func address(_ name: String) -> Address {
        guard !name.isEmpty else { return .zero }
        let digest = Keccak256.hash(Array(name.utf8)).bytes
        guard let address = Address(digest.suffix(20)) else { return .zero }
        names[address] = name
        return address
    }

    private func name(_ address: Address) -> String {
        if let order = address.orderID { return "order:\(order)" }
        return names[address] ?? address.hex
    }

    private mutating func terms(_ vector: VectorTerms) -> Terms {
        let token = ids[vector.token].map { tokens.address(of: $0) } ?? .zero
        var terms = Terms(
            token: token, buyer: address(vector.buyer),
            arbiter: vector.arbiter.map { address($0) } ?? .zero, dueAt: vector.dueAt, lines: [],
            gates: vector.gates)
        for line in vector.lines {
            terms.lines.append(
                Terms.Line(
                    tier: line.tier, payee: address(line.payee), amount: line.amount,
                    gate: UInt8(clamping: (line.gate ?? -1) + 1)))
        }
        for (index, attestors) in vector.attestors.enumerated() {
            terms.gates[index].attestors = attestors.map { address($0) }
        }
        return terms
    }

    // MARK: Steps

    /// Does one step, or nothing of it.
    mutating func perform(_ operation: VectorOperation) -> VectorOutcome {
        if case .advance(let time) = operation { return advance(to: time) }
        let mark = state.mark()
        let start = state.effects.bytes.count
        do {
            let order = try apply(operation)
            defer { state.adopt() }
            return .done(order: order, paid: payments(from: start))
        } catch {
            state.rollback(to: mark)
            return .refused(error.name == "GateIsClosed" ? "GateClosed" : error.name)
        }
    }

    private mutating func advance(to time: UInt64) -> VectorOutcome {
        let before = state.block
        source.write(state.endBlock())
        state.effects.removeAll()
        state.beginBlock(
            BlockContext(height: before.height + 1, now: time, stepLimit: limits.steps))
        let made = book.continueCascades(budget: limits.payments)
        book.fireTimers(upTo: time, after: before.now, budget: limits.payments - made)
        book.budget = limits.payments
        state.adopt()
        return .done(order: nil, paid: payments(from: 0))
    }

    private mutating func apply(_ operation: VectorOperation) throws(Rejection) -> UInt64? {
        switch operation {
        case .advance: break
        case .open(let terms, let by):
            return try book.open(self.terms(terms), by: address(by))
        case .accept(let order, let by):
            try book.accept(order: order, by: address(by))
        case .decline(let order, let by):
            try book.decline(order: order, by: address(by))
        case .fund(let order, let amount, let by):
            try book.fund(order: order, amount: amount, by: address(by))
        case .attest(let order, let gate, let bps, let by):
            try book.attest(order: order, gate: gate, bps: bps, by: address(by))
        case .dispute(let order, let gate, let by):
            try book.dispute(order: order, gate: gate, by: address(by))
        case .resolve(let order, let gate, let bps, let by):
            try book.resolve(order: order, gate: gate, bps: bps, by: address(by))
        case .waive(let order, let line, let units, let by):
            try book.waive(order: order, line: line, units: units, by: address(by))
        case .transferClaim(let order, let line, let to, let units, let by):
            try book.transferClaim(
                order: order, line: line, to: address(to), units: units, from: address(by))
        case .pledge(let order, let line, let child, let units, let by):
            try book.pledge(order: order, line: line, child: child, units: units, by: address(by))
        case .guarantee(let order, let amount, let by):
            try book.guarantee(order: order, amount: amount, by: address(by))
        case .consent(let isOn, let by):
            book.setConsent(isOn, by: address(by))
        case .setOff(let entries):
            try book.setOff(entries)
        }
        return nil
    }

    /// Forgets everything in memory and reads it again from the store.
    mutating func restart() {
        let block = state.block
        let (floor, budget) = (book.progress.floor, book.budget)
        source.write(state.endBlock())
        state = State(source: source, height: block.height)
        tokens = TokenLedger(state: state)
        book = OrderBook(state: state, tokens: tokens)
        state.beginBlock(
            BlockContext(height: block.height + 1, now: block.now, stepLimit: block.stepLimit))
        // Timers and cascades that wait go on waiting: for the case, this is the same block.
        book.progress.floor = floor
        book.budget = budget
    }

    /// The payments among the effects from an offset on.
    private func payments(from start: Int) -> [VectorPayment] {
        var payments: [VectorPayment] = []
        for effect in EffectReader(state.effects.bytes[start...]) {
            guard let known = try? SettlementEffect(tag: effect.tag, payload: effect.payload)
            else { continue }
            switch known {
            case .paid(let order, let line, _, let to, let amount, _):
                payments.append(
                    VectorPayment(order: order, line: line, to: name(to), amount: amount))
            case .paidToOrder(let order, let line, let to, let amount):
                payments.append(
                    VectorPayment(order: order, line: line, to: "order:\(to)", amount: amount))
            default: break
            }
        }
        return payments
    }

    // MARK: Results

    /// All accounts that were named, in both tokens, as cases name them.
    var accounts: [String] {
        names.values.sorted().flatMap { [$0, $0 + "@U"] }
    }

    mutating func balance(_ account: String) -> UInt128 {
        let (name, token) = split(account)
        return tokens.balance(of: address(name), in: token)
    }

    var orders: [VectorOrder] {
        guard book.count > 0 else { return [] }
        return (1...book.count).map { id in
            let order = book.known(id)
            return VectorOrder(
                id: id, status: "\(order.head.status)", buyer: name(order.fixed.buyer),
                funded: order.head.funded, refunded: order.head.refunded,
                gates: order.gates.map { "\($0.state)" },
                lines: order.lines.map { line in
                    VectorOrder.Line(
                        amount: line.amount, voided: line.voided, paid: line.paid,
                        claims: line.open.map {
                            VectorOrder.Entry(holder: name($0.holder), units: $0.units)
                        })
                })
        }
    }
}
