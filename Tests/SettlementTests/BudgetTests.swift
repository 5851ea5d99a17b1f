import Ledger
import Testing
import Tokens

@testable import Settlement

/// What was paid for long ago can all come in one block: it is bounded by payments.
struct BudgetTests {
    static let token = TokenID(rawValue: 1)
    static let deadline: UInt64 = 100

    /// Funded orders whose gate, if nobody attests, ends at one deadline.
    static func ledger(
        orders: Int, lines: Int, onTimeout: OnTimeout = .meet
    ) throws -> TestLedger {
        let ledger = try TestLedger()
        let (buyer, maker) = (ledger.address("buyer"), ledger.address("maker"))
        let gate = Terms.Gate(
            attestors: [ledger.address("inspector")], threshold: 1, deadline: deadline,
            onTimeout: onTimeout)
        let line = Terms.Line(tier: 0, payee: maker, amount: 10, gate: 1)
        try ledger.perform { book throws(Rejection) in
            try book.tokens.mint(1_000_000, of: token, to: buyer, by: TestLedger.issuer)
            for _ in 0..<orders {
                let id = try book.open(
                    Terms(
                        token: token.address, buyer: buyer,
                        lines: Array(repeating: line, count: lines), gates: [gate]), by: buyer)
                try book.fund(order: id, amount: nil, by: buyer)
            }
        }
        return ledger
    }

    private static func payments(_ effects: [SettlementEffect]) -> [String] {
        effects.compactMap {
            if case .paid(let order, let line, _, _, _, _) = $0 { "\(order).\(line)" } else { nil }
        }
    }

    private static func attest(
        _ order: UInt64, _ ledger: TestLedger, bps: UInt16 = 10_000
    ) throws(Rejection) -> [SettlementEffect] {
        let inspector = ledger.address("inspector")
        return try ledger.perform { book throws(Rejection) in
            try book.attest(order: order, gate: 0, bps: bps, by: inspector)
        }
    }

    // MARK: The start of a block

    @Test func `what timers set off at one second is spread over blocks, in their order`() throws {
        let ledger = try Self.ledger(orders: 6, lines: 5)
        var blocks: [Int] = []
        var paid: [String] = []
        repeat {
            // The clock stands still: what is left is due all the same.
            let effects = ledger.advance(to: Self.deadline, budget: 12)
            blocks.append(Self.payments(effects).count)
            paid += Self.payments(effects)
            #expect(ledger.faults(["buyer", "maker"]) == [])
        } while blocks.count < 9 && (ledger.book.nextTimer != nil || ledger.book.queuedCascades > 0)
        #expect(blocks == [12, 12, 6])
        #expect(paid == (1...6).flatMap { order in (0..<5).map { "\(order).\($0)" } })
    }

    @Test func `waiting cascades come before timers, out of the same budget`() throws {
        let ledger = try Self.ledger(orders: 2, lines: 5)
        ledger.state.block.stepLimit = 1
        _ = try Self.attest(2, ledger)
        #expect(ledger.book.queuedCascades == 1)
        ledger.state.block.stepLimit = 20_000
        #expect(
            Self.payments(ledger.advance(to: Self.deadline, budget: 6))
                == ["2.1", "2.2", "2.3", "2.4", "1.0", "1.1"])
        #expect(ledger.book.nextTimer == nil && ledger.book.queuedCascades == 1)
    }

    @Test func `a queue that takes all of the budget lets timers wait`() throws {
        let ledger = try Self.ledger(orders: 2, lines: 5)
        ledger.state.block.stepLimit = 1
        _ = try Self.attest(2, ledger)
        #expect(
            Self.payments(ledger.advance(to: Self.deadline, budget: 4))
                == ["2.1", "2.2", "2.3", "2.4"])
        #expect(ledger.book.nextTimer == Self.deadline && ledger.book.queuedCascades == 0)
    }

    @Test func `lines that are voided count, and one timer a block always fires`() throws {
        let ledger = try Self.ledger(orders: 5, lines: 5, onTimeout: .fail)
        var blocks: [Int] = []
        repeat {
            let effects = ledger.advance(to: Self.deadline, budget: 3)
            blocks.append(effects.count { if case .closed = $0 { true } else { false } })
            #expect(ledger.faults(["buyer", "maker"]) == [])
        } while blocks.count < 20
            && (ledger.book.nextTimer != nil || ledger.book.queuedCascades > 0)
        // Each voids more than a block may; that it closes comes from the queue.
        #expect(blocks == [0, 1, 1, 1, 1, 1])
        #expect(ledger.tokens.balance(of: ledger.address("buyer"), in: Self.token) == 1_000_000)
    }

    @Test func `what receivers redeem counts four payments more, also where it is paid for`() throws
    {
        let ledger = try Self.ledger(orders: 3, lines: 5)
        let (buyer, maker) = (ledger.address("buyer"), ledger.address("maker"))
        let line = Terms.Line(tier: 0, payee: maker, amount: 10, gate: 0)
        try ledger.perform { book throws(Rejection) in
            book.tokens.makeDeposit(Self.token)
            try book.tokens.setAutoRedemption(
                AutoRedemption(payout: .zero, minimum: 0), of: maker, in: Self.token)
        }
        var blocks: [Int] = []
        repeat {
            blocks.append(Self.payments(ledger.advance(to: Self.deadline, budget: 12)).count)
        } while blocks.count < 9 && (ledger.book.nextTimer != nil || ledger.book.queuedCascades > 0)
        #expect(blocks == [3, 3, 3, 3, 3])
        let id = ledger.book.count + 1
        ledger.state.gas = GasMeter(limit: .max)
        try ledger.perform { book throws(Rejection) in
            try book.open(
                Terms(
                    token: Self.token.address, buyer: buyer,
                    lines: Array(repeating: line, count: 5), gates: []), by: buyer)
            try book.fund(order: id, amount: nil, by: buyer)
        }
        #expect(ledger.state.gas.used == 5 * (1 + 4) * Gas.payment)
    }

    @Test func `what guarantors redeem of a lock that goes back counts as well`() throws {
        let ledger = try Self.ledger(orders: 1, lines: 5)
        let (buyer, maker) = (ledger.address("buyer"), ledger.address("maker"))
        let (inspector, surety) = (ledger.address("inspector"), ledger.address("surety"))
        try ledger.perform { book throws(Rejection) in
            try book.tokens.mint(100, of: Self.token, to: surety, by: TestLedger.issuer)
            book.tokens.makeDeposit(Self.token)
            try book.tokens.setAutoRedemption(
                AutoRedemption(payout: .zero, minimum: 0), of: surety, in: Self.token)
        }
        /// An order that closes with its five lines, of which somebody has guaranteed a part.
        func guaranteed(gate: UInt8) throws -> UInt64 {
            try ledger.perform { book throws(Rejection) in
                let line = Terms.Line(tier: 0, payee: maker, amount: 10, gate: gate)
                let gates = Terms.Gate(attestors: [inspector], threshold: 1, deadline: 1_000)
                try book.open(
                    Terms(
                        token: Self.token.address, buyer: buyer, dueAt: 1_000,
                        lines: Array(repeating: line, count: 5), gates: gate == 0 ? [] : [gates]),
                    by: buyer)
                try book.guarantee(order: book.count, amount: 20, by: surety)
            }
            return ledger.book.count
        }
        let paid = try guaranteed(gate: 0)
        ledger.state.gas = GasMeter(limit: .max)
        try ledger.perform { book throws(Rejection) in
            try book.fund(order: paid, amount: nil, by: buyer)
        }
        #expect(ledger.state.gas.used == (5 + 4) * Gas.payment)
        let attested = try guaranteed(gate: 1)
        try ledger.perform { book throws(Rejection) in
            try book.fund(order: attested, amount: nil, by: buyer)
        }
        ledger.book.budget = 100
        try ledger.perform { book throws(Rejection) in
            try book.attest(order: attested, gate: 0, bps: 10_000, by: inspector)
        }
        #expect(ledger.book.budget == 100 - (5 + 4))
        #expect(ledger.tokens.balance(of: surety, in: Self.token) == 100)
        #expect(ledger.faults(["buyer", "maker", "surety"]) == [])
    }

    // MARK: Transactions

    @Test func `what waits for its timer is as if that had fired, for who acts on it`() throws {
        let ledger = try Self.ledger(orders: 3, lines: 5, onTimeout: .fail)
        ledger.advance(to: Self.deadline, budget: 3)
        #expect(ledger.book.view(of: 3)?.gates[0].state == .pending)
        // Too late to say so, and the timer that fired before it is undone with it.
        #expect(throws: Rejection.wrongStatus(order: 3, status: 3)) { try Self.attest(3, ledger) }
        ledger.book.budget = 0
        #expect(throws: Rejection.gateIsClosed(order: 3, gate: 0)) { try Self.attest(3, ledger) }
        #expect(ledger.book.view(of: 3)?.gates[0].state == .pending)
        #expect(ledger.faults(["buyer", "maker"]) == [])
    }

    @Test func `what gates release beyond a block's budget waits for the next`() throws {
        let ledger = try Self.ledger(orders: 3, lines: 5)
        ledger.book.budget = 7
        #expect(Self.payments(try Self.attest(1, ledger)).count == 5)
        #expect(Self.payments(try Self.attest(2, ledger)).count == 2)
        #expect(Self.payments(try Self.attest(3, ledger)).count == 0)
        #expect(ledger.book.queuedCascades == 2)
        #expect(ledger.faults(["buyer", "maker"]) == [])
        // Who pays for payments makes them at once.
        let buyer = ledger.address("buyer")
        let funded = try ledger.perform { book throws(Rejection) in
            let line = Terms.Line(tier: 0, payee: buyer, amount: 1)
            try book.open(Terms(token: Self.token.address, buyer: buyer, lines: [line]), by: buyer)
            try book.fund(order: 4, amount: nil, by: buyer)
        }
        #expect(Self.payments(funded) == ["4.0"])
        #expect(
            Self.payments(ledger.advance(to: 1))
                == ["2.2", "2.3", "2.4", "3.0", "3.1", "3.2", "3.3", "3.4"])
    }

    @Test func `what was undone has used up the budget all the same`() throws {
        let ledger = try Self.ledger(orders: 1, lines: 5)
        let inspector = ledger.address("inspector")
        ledger.book.budget = 12
        for left in [7, 2, 0, 0] {
            ledger.simulate { book throws(Rejection) in
                try book.attest(order: 1, gate: 0, bps: 10_000, by: inspector)
            }
            #expect(ledger.book.budget == left)
        }
        #expect(ledger.book.queuedCascades == 0)
        #expect(ledger.faults(["buyer", "maker"]) == [])
    }

    @Test func `voiding is paid for, and refused whole where gas runs out`() throws {
        let ledger = try Self.ledger(orders: 1, lines: 5)
        let buyer = ledger.address("buyer")
        for (gas, isEnough) in [(5 * Gas.visit - 1, false), (5 * Gas.visit, true)] {
            ledger.state.gas = GasMeter(limit: gas)
            if isEnough {
                #expect(Self.payments(try Self.attest(1, ledger, bps: 5_000)).count == 5)
            } else {
                #expect(throws: Rejection.outOfGas(limit: gas)) {
                    try Self.attest(1, ledger, bps: 5_000)
                }
                #expect(ledger.book.view(of: 1)?.lines[0].claims.map(\.units) == [10])
            }
        }
        #expect(ledger.tokens.balance(of: buyer, in: Self.token) == 1_000_000 - 25)
        #expect(ledger.faults(["buyer", "maker"]) == [])
    }

    // MARK: Long walks

    /// Lines of which some always keep what they had, so that the others share once more: each weighs as much
    /// as all before it, and has a little more of its amount.
    static func worst(count: Int) -> (lines: ContiguousArray<Line>, cash: UInt128) {
        func line(_ amount: UInt128, paid: UInt128) -> Line {
            var line = Line(Terms.Line(tier: 0, payee: .contract(1), amount: amount))
            line.paid = paid
            return line
        }
        let unit: UInt128 = 1 << 20
        var lines: ContiguousArray<Line> = []
        for _ in 0..<count { lines.append(line(unit, paid: unit / 4)) }
        var (live, cash) = (unit * UInt128(count), unit / 4 * UInt128(count))
        // The ratio grows by as much of the unit each time, and stays below a half.
        for step in 1...64 as ClosedRange<UInt128> {
            let paid = live / 4 + live / 512 * step
            lines.append(line(live, paid: paid))
            (live, cash) = (2 * live, cash + paid)
        }
        return (lines, cash)
    }

    @Test func `sharing again and again is counted`() {
        let (lines, cash) = Self.worst(count: 900)
        var (shares, looks) = (ContiguousArray<UInt128>(), 0)
        _ = Allocation.share(cash, among: lines, tiers: [], into: &shares, looks: &looks)
        #expect(zip(lines, shares).allSatisfy { $0.paid <= $1 })
        #expect(looks > 20 * lines.count)
    }

    @Test(arguments: [1, 3, 20_000])
    func `an order of many lines comes on, however few steps there are`(stepLimit: Int) throws {
        let ledger = try TestLedger()
        let (buyer, maker) = (ledger.address("buyer"), ledger.address("maker"))
        ledger.state.block.stepLimit = stepLimit
        let line = Terms.Line(tier: 0, payee: maker, amount: 2)
        let effects = try ledger.perform { book throws(Rejection) in
            try book.tokens.mint(1_000, of: Self.token, to: buyer, by: TestLedger.issuer)
            try book.open(
                Terms(
                    token: Self.token.address, buyer: buyer,
                    lines: Array(repeating: line, count: 200)), by: buyer)
            let before = book.state.gas.used
            try book.fund(order: 1, amount: 200, by: buyer)
            // The lines were looked at once more than they were paid: three payments' time.
            let size = Gas.size(parts: 2 * 200)
            let steps = (book.state.gas.used - before - size) / Gas.payment
            #expect(steps == UInt64(min(stepLimit, 200) + 3))
        }
        var paid = Self.payments(effects).count
        for block in 1...300 as ClosedRange<UInt64> where ledger.book.queuedCascades > 0 {
            paid += Self.payments(ledger.advance(to: block, budget: stepLimit)).count
        }
        #expect(paid == 200)
        #expect(ledger.tokens.balance(of: maker, in: Self.token) == 200)
    }
}
