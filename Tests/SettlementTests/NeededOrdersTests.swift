import Ledger
import Testing
import Tokens

@testable import Settlement

/// Orders that a cascade, or a dispute, needs at hand: each is paid for by its size before the next is read, or
/// counted where nobody pays.
struct NeededOrdersTests {
    private static let token = BudgetTests.token
    private let ledger: TestLedger
    private let buyer: Address
    private let maker: Address
    /// Of a child: 200 lines, as many claims, and a source.
    private static let parts = 401
    private static let size = Gas.size(parts: parts)
    /// The same where a payment needs it.
    private static let sizeBelow = Gas.size(parts: parts, free: Gas.partsFreeListed)

    init() throws {
        ledger = try TestLedger()
        buyer = ledger.address("buyer")
        maker = ledger.address("maker")
        for account in [buyer, maker] {
            try ledger.perform { book throws(Rejection) in
                try book.tokens.mint(
                    100_000, of: Self.token, to: account, by: TestLedger.issuer)
            }
        }
    }

    private func open(_ payees: [Address], by: Address, gate: Terms.Gate? = nil) throws -> UInt64 {
        let terms = Terms(
            token: Self.token.address, buyer: by,
            arbiter: gate == nil ? .zero : ledger.address("judge"),
            lines: payees.map {
                Terms.Line(tier: 0, payee: $0, amount: 100, gate: gate == nil ? 0 : 1)
            }, gates: gate.map { [$0] } ?? [])
        try ledger.perform { book throws(Rejection) in try book.open(terms, by: by) }
        return ledger.book.count
    }

    /// An order whose line the maker has pledged to so many large orders of its own.
    private func parent(of count: Int, gate: Terms.Gate? = nil) throws -> UInt64 {
        let parent = try open([maker], by: buyer, gate: gate)
        let supplier = ledger.address("supplier")
        for _ in 0..<count {
            let child = try open(Array(repeating: supplier, count: 200), by: maker)
            try ledger.perform { book throws(Rejection) in
                try book.pledge(order: parent, line: 0, child: child, units: 5, by: maker)
            }
        }
        ledger.restart()
        return parent
    }

    private func fund(_ order: UInt64, gas: UInt64) throws -> UInt64 {
        defer { ledger.state.gas = GasMeter(limit: .max) }
        ledger.state.gas = GasMeter(limit: gas)
        try ledger.perform { book throws(Rejection) in
            try book.fund(order: order, amount: nil, by: buyer)
        }
        return ledger.state.gas.used
    }

    @Test func `a cascade pays for the size of each order once`() throws {
        let parent = try parent(of: 10)
        // Ten payments to the orders, one to the maker, and the five units that each passes on to its first lines, for
        // which 200 lines are looked at, as long as three payments take.
        let used = try fund(parent, gas: .max)
        #expect(used == 10 * Self.sizeBelow + (10 + 1 + 10 * (5 + 3)) * Gas.payment)
        #expect(ledger.faults(["buyer", "maker", "supplier", "judge"]) == [])
    }

    @Test func `an order that a cascade pays twice is paid for once`() throws {
        let parent = try open([maker, maker], by: buyer)
        let child = try open(
            Array(repeating: ledger.address("supplier"), count: 200), by: maker)
        try ledger.perform { book throws(Rejection) in
            for line in 0..<2 as Range<UInt16> {
                try book.pledge(order: parent, line: line, child: child, units: 5, by: maker)
            }
        }
        ledger.restart()
        let used = try fund(parent, gas: .max)
        #expect((Self.sizeBelow..<(2 * Self.sizeBelow)).contains(used))
        #expect(ledger.faults(["buyer", "maker", "supplier"]) == [])
    }

    @Test func `a cascade that is not paid for reads no more than what is`() throws {
        let parent = try parent(of: 10)
        #expect(throws: Rejection.self) {
            try fund(parent, gas: 61 * Gas.payment + 2 * Self.sizeBelow)
        }
        // The parent, and at most as many orders as the gas is for if nothing else were, and one.
        #expect(ledger.book.weight < 20 + 9 * Self.parts)
        #expect(throws: Rejection.outOfGas(limit: 20 * Gas.payment)) {
            try fund(parent, gas: 20 * Gas.payment)
        }
    }

    @Test func `what a call cannot pay for is not read, whatever is in memory`() throws {
        let lines = 200
        let order = try open(Array(repeating: maker, count: lines), by: buyer)
        let size = Gas.size(parts: 2 * lines)
        for isStored in [false, true] {
            if isStored { ledger.restart() }
            for gas in [0, 1, size / 3, size / 2, size - 1] {
                ledger.state.gas = GasMeter(limit: gas)
                #expect(throws: Rejection.outOfGas(limit: gas)) {
                    try ledger.perform { book throws(Rejection) in _ = try book.existing(order) }
                }
                #expect(ledger.state.gas.used == gas)
            }
            ledger.state.gas = GasMeter(limit: size)
            try ledger.perform { book throws(Rejection) in _ = try book.existing(order) }
        }
        ledger.state.gas = GasMeter(limit: .max)
    }

    @Test func `what was agreed is counted in the bytes as in the order`() throws {
        let attestors = (0..<32).map { ledger.address("inspector \($0)") }
        for (lines, gates, amount) in [
            (1, 0, 1), (62, 1, .max >> 6), (64, 3, .max >> 7), (1, 64, 256),
        ] as [(Int, Int, UInt128)] {
            let gate = Terms.Gate(
                attestors: Array(attestors.prefix(gates)), threshold: 1, deadline: 1000)
            let terms = Terms(
                token: Self.token.address, buyer: buyer,
                lines: (0..<lines).map {
                    Terms.Line(tier: 0, payee: maker, amount: amount, gate: UInt8(min($0, gates)))
                }, gates: Array(repeating: gate, count: gates))
            try ledger.perform { book throws(Rejection) in try book.open(terms, by: buyer) }
            let order = try #require(ledger.book.find(ledger.book.count))
            let agreed = try AgreedSize(fixed: order.fixedBytes)
            #expect(agreed == AgreedSize(order))
            #expect(agreed.lines == lines && agreed.gates == gates)
            #expect(agreed.attestors == gates * min(gates, 32))
        }
    }

    @Test func `a dispute pays for the orders that it looks at, and keeps none`() throws {
        let gate = Terms.Gate(
            attestors: [ledger.address("inspector")], threshold: 1, deadline: 1000,
            onTimeout: .arbitrate, arbitrationPeriod: 10)
        let parent = try parent(of: 3, gate: gate)
        let stranger = ledger.address("stranger")
        ledger.state.gas = GasMeter(limit: .max)
        #expect(throws: Rejection.notParty(stranger)) {
            try ledger.perform { book throws(Rejection) in
                try book.dispute(order: parent, gate: 0, by: stranger)
            }
        }
        #expect(ledger.state.gas.used == 3 * (Gas.look + Self.size))
        #expect(ledger.book.weight < Self.parts)
    }

    @Test(arguments: [1, 3, 30]) func `what waits in the queue is taken up as it is paid`(
        budget: Int
    ) throws {
        let parent = try parent(of: 10)
        ledger.state.block.stepLimit = 5
        _ = try fund(parent, gas: .max)
        var time: UInt64 = 1
        while ledger.book.queuedCascades > 0, time < 500 {
            time += 1
            let made = ledger.advance(to: time, budget: budget).filter {
                if case .paidToOrder = $0 { true } else { false }
            }
            // An order counts as much as ten payments, so that another one is hardly read.
            #expect(made.count <= max(1, budget / 10 + 1))
            #expect(ledger.faults(["buyer", "maker", "supplier"]) == [])
        }
        #expect(ledger.book.queuedCascades == 0)
        #expect(ledger.tokens.balance(of: ledger.address("supplier"), in: Self.token) == 50)
    }

    @Test func `an order that holds claims of many large ones closes in parts`() throws {
        let supplier = ledger.address("supplier")
        let holder = try open([supplier], by: maker)
        for _ in 0..<6 {
            let source = try open([maker] + Array(repeating: supplier, count: 199), by: buyer)
            try ledger.perform { book throws(Rejection) in
                try book.pledge(order: source, line: 0, child: holder, units: 5, by: maker)
            }
        }
        ledger.book.sourcePartLimit = 2 * (Self.parts + OrderBook.partsPerLook)
        try ledger.perform { book throws(Rejection) in
            try book.fund(order: holder, amount: nil, by: maker)
        }
        var blocks: UInt64 = 0
        while ledger.book.queuedCascades > 0, blocks < 10 {
            blocks += 1
            ledger.advance(to: blocks)
        }
        #expect(blocks == 1)
        #expect(ledger.book.view(of: holder)?.summary.status == .closed)
        let held = try ledger.book.claims(of: maker, from: 0, limit: 100)
        #expect(held.map(\.units).reduce(0, +) == 600)
        #expect(ledger.faults(["buyer", "maker", "supplier"]) == [])
    }
}
