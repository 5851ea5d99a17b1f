import Ledger
import Settlement
import TestSupport
import Tokens

/// One thing that somebody does, drawn by chance; the same on any ledger.
enum RandomAction {
    case operation((OrderBook) throws(Rejection) -> Void)
    case block(seconds: UInt64, timerLimit: Int, budget: Int)
}

/// Draws histories in a small world, in which people meet often.
struct RandomWorld {
    static let accounts = ["ada", "bo", "cy", "di", "ed", "flo", "arbiter"]
    private var chance: SeededNumbers
    private var now: UInt64 = 0

    init(seed: UInt64) { chance = SeededNumbers(seed: seed) }

    private mutating func account() -> Address {
        TestLedger.address(chance.pick(Self.accounts.dropLast(chance.chance(97) ? 1 : 0)))
    }

    private mutating func token() -> TokenID { TokenID(rawValue: chance.chance(75) ? 1 : 2) }

    /// An order that fits, mostly, so that histories get somewhere.
    private mutating func order(
        in book: OrderBook, where fits: (OrderView) -> Bool = { $0.summary.status == .open }
    ) -> UInt64 {
        for _ in 0..<(chance.chance(92) ? 30 : 0) {
            // Those of late are more likely to be open.
            let back = min(chance.below(Int(book.count) + 1), chance.below(Int(book.count) + 1))
            let id = book.count - UInt64(back)
            if let order = book.view(of: id), fits(order) { return id }
        }
        return UInt64(chance.below(Int(book.count) + 2))
    }

    private mutating func amount(upTo most: UInt128) -> UInt128 {
        guard most > 0, !chance.chance(3) else { return UInt128(chance.below(300)) }
        if chance.chance(40) { return most }
        return UInt128(chance.next()) % (most + 1)
    }

    mutating func next(_ book: OrderBook) -> RandomAction {
        let roll = chance.below(100)
        switch roll {
        case 0..<9:
            now += UInt64(chance.below(20))
            return .block(
                seconds: now, timerLimit: chance.chance(30) ? 1 : .max,
                budget: chance.chance(50) ? 3 : .max)
        case 9..<14: return control()
        case 14..<30: return open()
        case 30..<42: return fund(book)
        case 42..<52: return attest(book)
        case 52..<59: return arbitrate(book)
        case 59..<71: return trade(book)
        case 71..<85: return pledge(book)
        case 85..<90: return guarantee(book)
        case 90..<96: return setOff(book)
        default: return answer(book)
        }
    }

    private mutating func control() -> RandomAction {
        let (account, on, which) = (account(), chance.chance(40), chance.below(4))
        let u = TokenID(rawValue: 2)
        return .operation { book throws(Rejection) in
            switch which {
            case 0: try book.tokens.setFrozen(on, account, in: u, by: TestLedger.issuer)
            case 1: try book.tokens.setAllowed(!on, account, in: u, by: TestLedger.issuer)
            case 2: try book.tokens.setPaused(on, in: u, by: TestLedger.issuer)
            default: try book.tokens.releaseHeld(account, in: u)
            }
        }
    }

    private mutating func open() -> RandomAction {
        let token = token().address
        let buyer = account()
        let by = chance.chance(80) ? buyer : account()
        var terms = Terms(
            token: token, buyer: buyer,
            arbiter: chance.chance(60) ? TestLedger.address("arbiter") : .zero,
            dueAt: chance.chance(60) ? now + UInt64(chance.below(30)) : 0, lines: [])
        for _ in 0..<chance.below(4) { terms.gates.append(gate(after: terms.gates.count)) }
        for _ in 0..<(1 + chance.below(chance.chance(20) ? 12 : 4)) {
            terms.lines.append(
                Terms.Line(
                    tier: UInt16(chance.below(3)), payee: account(),
                    amount: UInt128(1 + chance.below(chance.chance(20) ? 5 : 200)),
                    gate: chance.chance(50) ? UInt8(chance.below(terms.gates.count + 1)) : 0))
        }
        let agreed = terms
        return .operation { book throws(Rejection) in try book.open(agreed, by: by) }
    }

    private mutating func gate(after earlier: Int) -> Terms.Gate {
        var gate = Terms.Gate(attestors: [], threshold: 0)
        gate.follows = chance.chance(40) ? UInt8(chance.below(earlier + 1)) : 0
        let start = gate.follows > 0 ? 0 : now
        gate.notBefore = chance.chance(50) ? start + UInt64(chance.below(15)) : 0
        guard chance.chance(75) else { return gate }
        var attestors = Self.accounts.dropLast().map { TestLedger.address($0) }
        attestors.shuffle(using: &chance)
        gate.attestors = Array(attestors.prefix(1 + chance.below(4)))
        gate.threshold = UInt8(1 + chance.below(gate.attestors.count))
        gate.deadline = max(gate.notBefore, start) + UInt64(1 + chance.below(25))
        gate.onTimeout = [.fail, .meet, .arbitrate, .arbitrate][chance.below(4)]
        gate.silenceMeets = chance.chance(50)
        gate.arbitrationPeriod = UInt64(chance.below(12)) + (chance.chance(95) ? 1 : 0)
        return gate
    }

    private mutating func fund(_ book: OrderBook) -> RandomAction {
        let (id, by) = (order(in: book), account())
        let owed = book.view(of: id)?.summary.outstanding ?? 0
        let amount = amount(upTo: owed)
        return .operation { book throws(Rejection) in
            try book.fund(order: id, amount: amount, by: by)
        }
    }

    private mutating func attest(_ book: OrderBook) -> RandomAction {
        let id = order(in: book) { $0.gates.contains { $0.state == .pending } }
        let gates = book.view(of: id)?.gates ?? []
        let gate = UInt8(chance.below(gates.count + 1))
        let attestors = Int(gate) < gates.count ? gates[Int(gate)].terms.attestors : []
        let by = attestors.isEmpty || chance.chance(5) ? account() : chance.pick(attestors)
        let bps: UInt16 = [0, 10_000, 10_000, UInt16(chance.below(10_002))][chance.below(4)]
        return .operation { book throws(Rejection) in
            try book.attest(order: id, gate: gate, bps: bps, by: by)
        }
    }

    private mutating func arbitrate(_ book: OrderBook) -> RandomAction {
        let disputes = chance.chance(50)
        let wanted: GateState = disputes ? .pending : .disputed
        let id = order(in: book) { $0.gates.contains { $0.state == wanted } }
        let gates = book.view(of: id)?.gates ?? []
        let fitting = gates.indices.filter {
            gates[$0].state == wanted && gates[$0].terms.onTimeout == .arbitrate
        }
        let gate = UInt8(fitting.isEmpty ? chance.below(5) : chance.pick(fitting))
        let buyer = book.view(of: id)?.summary.buyer ?? .zero
        let (by, bps) = (chance.chance(60) ? buyer : account(), UInt16(chance.below(10_002)))
        return .operation { book throws(Rejection) in
            if disputes {
                try book.dispute(order: id, gate: gate, by: by)
            } else {
                try book.resolve(
                    order: id, gate: gate, bps: bps, by: TestLedger.address("arbiter"))
            }
        }
    }

    /// A line and somebody who holds claims of it, mostly.
    private mutating func claim(_ book: OrderBook) -> (UInt64, UInt16, Address, UInt128) {
        let id = order(in: book)
        let lines = book.view(of: id)?.lines ?? []
        let index = chance.below(lines.count + 1)
        let claims = index < lines.count ? lines[index].claims : []
        let holders = claims.filter { $0.holder.orderID == nil }
        guard !holders.isEmpty, chance.chance(95) else { return (id, UInt16(index), account(), 5) }
        let holder = chance.pick(holders).holder
        let units = claims.reduce(0 as UInt128) { $0 + ($1.holder == holder ? $1.units : 0) }
        return (id, UInt16(index), holder, amount(upTo: units))
    }

    private mutating func trade(_ book: OrderBook) -> RandomAction {
        let (id, line, holder, units) = claim(book)
        let (other, price) = (account(), UInt128(chance.below(60)))
        let offer = book.offerCount + 1 - UInt64(chance.below(min(Int(book.offerCount) + 2, 4)))
        let ahead: UInt128 = chance.chance(70) ? .max : UInt128(chance.below(100))
        switch chance.below(10) {
        case 0..<3:
            return .operation { book throws(Rejection) in
                try book.waive(order: id, line: line, units: units, by: holder)
            }
        case 3:
            return .operation { book throws(Rejection) in
                try book.offer(
                    Offer(
                        seller: holder, order: id, line: line, units: units, price: price,
                        maxAhead: ahead))
            }
        case 4:
            return .operation { book throws(Rejection) in try book.buy(offer: offer, by: other) }
        case 5:
            return .operation { book throws(Rejection) in
                try book.withdraw(offer: offer, by: holder)
            }
        default:
            return .operation { book throws(Rejection) in
                try book.transferClaim(order: id, line: line, to: other, units: units, from: holder)
            }
        }
    }

    private mutating func pledge(_ book: OrderBook) -> RandomAction {
        let (id, line, holder, units) = claim(book)
        let token = book.view(of: id)?.token
        let child = order(in: book) {
            $0.summary.status == .open && $0.summary.buyer == holder && $0.token == token
        }
        return .operation { book throws(Rejection) in
            try book.pledge(order: id, line: line, child: child, units: units, by: holder)
        }
    }

    private mutating func guarantee(_ book: OrderBook) -> RandomAction {
        let now = now
        let id = order(in: book) { $0.summary.status == .open && $0.summary.dueAt > now }
        let by = account()
        let amount = amount(upTo: book.view(of: id)?.summary.outstanding ?? 0)
        return .operation { book throws(Rejection) in
            try book.guarantee(order: id, amount: amount, by: by)
        }
    }

    private mutating func setOff(_ book: OrderBook) -> RandomAction {
        if chance.chance(60) {
            let (by, on) = (account(), chance.chance(90))
            return .operation { book throws(Rejection) in book.setConsent(on, by: by) }
        }
        // Two orders that owe each other, if there are.
        let now = now
        let first = order(in: book) {
            $0.summary.status == .open && $0.lines.count == 1
                && (1...now + 1).contains($0.summary.dueAt)
        }
        let debtor = book.view(of: first)?.summary.buyer
        let second = order(in: book) {
            $0.summary.status == .open && $0.lines.count == 1
                && $0.lines[0].claims.first?.holder == debtor
        }
        let owed = min(
            book.view(of: first)?.summary.outstanding ?? 0,
            book.view(of: second)?.summary.outstanding ?? 0)
        let amount = amount(upTo: owed)
        return .operation { book throws(Rejection) in
            try book.setOff([
                SetOffEntry(order: first, amount: amount),
                SetOffEntry(order: second, amount: amount),
            ])
        }
    }

    private mutating func answer(_ book: OrderBook) -> RandomAction {
        let id = order(in: book) { $0.summary.status == .proposed }
        let buyer = book.view(of: id)?.summary.buyer ?? .zero
        let by = chance.chance(80) ? buyer : account()
        let accepts = chance.chance(70)
        return .operation { book throws(Rejection) in
            if accepts {
                try book.accept(order: id, by: by)
            } else {
                try book.decline(order: id, by: by)
            }
        }
    }
}
