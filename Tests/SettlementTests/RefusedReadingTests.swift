import Ledger
import Testing
import Tokens

@testable import Settlement

/// Calls that are refused read no more than they pay for, and are refused alike whatever a node has in memory.
struct RefusedReadingTests {
    private static let token = BudgetTests.token
    private let ledger: TestLedger
    private let buyer: Address
    private let maker: Address
    private let inspector: Address
    private let stranger: Address

    init() throws {
        ledger = try TestLedger()
        buyer = ledger.address("buyer")
        maker = ledger.address("maker")
        inspector = ledger.address("inspector")
        stranger = ledger.address("stranger")
        for account in [buyer, maker] {
            try ledger.perform { book throws(Rejection) in
                try book.tokens.mint(
                    100_000, of: Self.token, to: account, by: TestLedger.issuer)
            }
        }
    }

    private func open(
        _ lines: Int, payee: Address, by: Address, buyer: Address? = nil, gate: Bool = false
    ) throws -> UInt64 {
        let terms = Terms(
            token: Self.token.address, buyer: buyer ?? by,
            lines: Array(
                repeating: Terms.Line(tier: 0, payee: payee, amount: 1_000, gate: gate ? 1 : 0),
                count: lines),
            gates: gate
                ? [Terms.Gate(attestors: [inspector], threshold: 1, deadline: 1_000)] : [])
        try ledger.perform { book throws(Rejection) in try book.open(terms, by: by) }
        return ledger.book.count
    }

    /// An order of four lines with a gate, whose payee has cut each into 200 claims and pledged one more to an order of
    /// its own.
    private func cutUp() throws -> UInt64 {
        let order = try open(4, payee: maker, by: buyer, gate: true)
        let child = try open(1, payee: stranger, by: maker)
        try ledger.perform { book throws(Rejection) in
            for line in 0..<UInt16(4) {
                for claim in 0..<200 {
                    try book.transferClaim(
                        order: order, line: line, to: claim % 2 == 0 ? stranger : buyer, units: 1,
                        from: maker)
                }
                try book.pledge(order: order, line: line, child: child, units: 1, by: maker)
            }
        }
        ledger.restart()
        return order
    }

    /// Why an operation is refused with so much gas, and what it uses.
    private func refusal(
        gas: UInt64, _ body: (OrderBook) throws(Rejection) -> Void
    ) -> (why: Rejection?, used: UInt64) {
        defer { ledger.state.gas = GasMeter(limit: .max) }
        ledger.state.gas = GasMeter(limit: gas)
        do throws(Rejection) {
            try ledger.perform(body)
            return (nil, ledger.state.gas.used)
        } catch {
            return (error, ledger.state.gas.used)
        }
    }

    @Test func `what others cut an order into is read for no refused attestation`() throws {
        let order = try cutUp()
        let refused: [(UInt8, UInt16, Address, Rejection)] = [
            (0, 1, stranger, .notAttestor(stranger)),
            (1, 1, inspector, .unknownGate(order: order, gate: 1)),
            (0, 10_001, inspector, .badShare(10_001)),
        ]
        for isInMemory in [false, true] {
            if isInMemory { _ = ledger.book.find(order) }
            for (gate, bps, by, why) in refused {
                let (said, used) = refusal(gas: 1_000) { book throws(Rejection) in
                    try book.attest(order: order, gate: gate, bps: bps, by: by)
                }
                #expect(said == why && used == 0)
            }
            #expect(
                refusal(gas: 1_000) { book throws(Rejection) in
                    try book.resolve(order: order, gate: 0, bps: 1, by: stranger)
                }.why == .notArbiter(stranger))
            #expect(
                refusal(gas: 1_000) { book throws(Rejection) in
                    try book.accept(order: order, by: buyer)
                }.why == .wrongStatus(order: order, status: OrderStatus.open.rawValue))
            #expect((ledger.book.weight > 800) == isInMemory)
        }
        ledger.restart()
        try ledger.perform { book throws(Rejection) in
            try book.attest(order: order, gate: 0, bps: 10_000, by: inspector)
        }
        #expect(ledger.book.view(of: order)?.gates[0].state == .met)
        #expect(ledger.book.view(of: order)?.lines[3].claims.count == 202)
        #expect(ledger.faults(["buyer", "maker", "stranger"]) == [])
    }

    @Test(arguments: [false, true])
    func `an overdue timer fires before an attestation is refused`(isInMemory: Bool) throws {
        let order = try cutUp()
        ledger.advance(to: 2_000, timerLimit: 0)
        ledger.restart(firing: false)
        if isInMemory { _ = ledger.book.find(order) }
        // No attestor: refused for that before the timer, for what the order has become after it.
        #expect(
            refusal(gas: .max) { book throws(Rejection) in
                try book.attest(order: order, gate: 0, bps: 10_000, by: stranger)
            }.why == .wrongStatus(order: order, status: OrderStatus.closed.rawValue))
    }

    @Test(arguments: [false, true])
    func `a call that does not pay for claims that others cut is refused without them`(
        isInMemory: Bool
    ) throws {
        let order = try cutUp()
        if isInMemory { _ = ledger.book.find(order) }
        let parts = 4 + 1 + 1 + 4 * 202 + 1
        for gas in [0, 10_000, Gas.size(parts: parts) - 1] {
            let (why, used) = refusal(gas: gas) { book throws(Rejection) in
                _ = try book.paid(order, keeping: true)
            }
            #expect(why == .outOfGas(limit: gas) && used == gas)
            #expect(isInMemory || ledger.book.weight == 0)
        }
        let (why, used) = refusal(gas: .max) { book throws(Rejection) in
            _ = try book.existing(order)
        }
        #expect(why == nil && used == Gas.size(parts: parts))
    }

    /// Were it remembered for longer, a node that was not started again would refuse an order that is smaller by then.
    @Test func `that an order was too large is remembered until the block ends`() throws {
        let order = try cutUp()
        let (why, _) = refusal(gas: 10_000) { book throws(Rejection) in
            _ = try book.existing(order)
        }
        #expect(why == .outOfGas(limit: 10_000))
        #expect(ledger.book.partsKnown.keys.elementsEqual([order]))
        ledger.advance(to: 1)
        #expect(ledger.book.partsKnown.isEmpty)
    }

    @Test(arguments: [false, true])
    func `a fund that cannot pay for what it needs is refused alike, whatever is in memory`(
        isInMemory: Bool
    ) throws {
        let holder = try open(1, payee: stranger, by: maker)
        let large = try open(300, payee: maker, by: buyer)
        try ledger.perform { book throws(Rejection) in
            try book.pledge(order: large, line: 0, child: holder, units: 1, by: maker)
        }
        ledger.restart()
        if isInMemory { _ = ledger.book.find(large) }
        let size = Gas.size(parts: 300 + 301 + 1, free: Gas.partsFreeListed)
        let fund = { (book: OrderBook) throws(Rejection) in
            try book.fund(order: holder, amount: nil, by: maker)
        }
        let before = ledger.book.weight
        for gas in [Gas.payment, 10_000, size] {
            let (why, used) = refusal(gas: gas, fund)
            #expect(why == .outOfGas(limit: gas) && used == gas)
        }
        #expect(ledger.book.weight < before + 20)
        // The payment, what the order is that it lets go of, and the claim that goes back.
        let (why, used) = refusal(gas: .max, fund)
        #expect(why == nil && used == 2 * Gas.payment + Gas.look + size)
        #expect(ledger.faults(["buyer", "maker", "stranger"]) == [])
    }

    /// An order that holds a claim and was due, and the one in which its buyer owes the guarantor, who has cut that into
    /// 121 claims.
    private func reimbursed() throws -> (child: UInt64, debt: UInt64) {
        let order = try open(1, payee: maker, by: buyer)
        let terms = Terms(
            token: Self.token.address, buyer: maker, dueAt: 10,
            lines: [Terms.Line(tier: 0, payee: stranger, amount: 1_000)])
        try ledger.perform { book throws(Rejection) in try book.open(terms, by: maker) }
        let child = ledger.book.count
        try ledger.perform { book throws(Rejection) in
            try book.pledge(order: order, line: 0, child: child, units: 1_000, by: maker)
            try book.guarantee(order: child, amount: 900, by: buyer)
        }
        ledger.advance(to: 20)
        let debt = ledger.book.count
        #expect(debt == child + 1)
        // The guarantor cuts what it is owed.
        try ledger.perform { book throws(Rejection) in
            for claim in 0..<120 {
                try book.transferClaim(
                    order: debt, line: 0, to: claim % 2 == 0 ? stranger : maker, units: 1,
                    from: buyer)
            }
        }
        ledger.restart()
        return (child, debt)
    }

    @Test func `an order that reimburses counts when one closes`() throws {
        let (child, _) = try reimbursed()
        // It closes, and its claim goes to the order in which its buyer owes the guarantor.
        let fund = { (book: OrderBook) throws(Rejection) in
            try book.fund(order: child, amount: 100, by: maker)
        }
        let size = Gas.size(parts: 1 + 121, free: Gas.partsFreeListed)
        let little = Gas.payment + size / 2
        #expect(refusal(gas: little, fund).why == .outOfGas(limit: little))
        #expect(ledger.book.weight < 20)
        let (why, used) = refusal(gas: .max, fund)
        #expect(why == nil && used == 2 * Gas.payment + Gas.look + size)
        #expect(ledger.faults(["buyer", "maker", "stranger"]) == [])
    }

    @Test func `an order closes however large the one is that reimburses`() throws {
        let (child, debt) = try reimbursed()
        ledger.book.sourcePartLimit = 10
        try ledger.perform { book throws(Rejection) in
            try book.fund(order: child, amount: 100, by: maker)
        }
        #expect(ledger.book.queuedCascades == 0)
        #expect(ledger.book.view(of: child)?.summary.status == .closed)
        #expect(ledger.book.find(debt)?.sources.elements.count == 1)
        #expect(ledger.faults(["buyer", "maker", "stranger"]) == [])
    }

    @Test func `a pledge pays once for an order that reimburses`() throws {
        let (child, debt) = try reimbursed()
        let above = try open(1, payee: stranger, by: buyer)
        let parent = try open(1, payee: maker, by: stranger)
        try ledger.perform { book throws(Rejection) in
            try book.pledge(order: above, line: 0, child: parent, units: 1, by: stranger)
        }
        let (why, used) = refusal(gas: .max) { book throws(Rejection) in
            try book.pledge(order: parent, line: 0, child: child, units: 1, by: maker)
        }
        // Both are lifted, and one had to be found.
        #expect(why == nil && used == 2 * Gas.visit + Gas.look + Gas.size(parts: 1 + 121))
        #expect(ledger.book.find(child)?.head.level == 2)
        #expect(ledger.book.find(debt)?.head.level == 3)
        #expect(ledger.faults(["buyer", "maker", "stranger"]) == [])
    }
}
