import Ledger
import Testing
import Tokens

@testable import Settlement

/// What an operation does to a large order is paid for though its opening paid once: a batch that fails in the
/// end undoes it, and can be sent again.
struct RepeatedWorkTests {
    private static let token = BudgetTests.token
    private let ledger: TestLedger
    private let buyer: Address
    private let maker: Address
    private let inspector: Address

    init() throws {
        ledger = try TestLedger()
        buyer = ledger.address("buyer")
        maker = ledger.address("maker")
        inspector = ledger.address("inspector")
    }

    private func terms(lines: Int, payee: Address, gates: [Terms.Gate] = []) -> Terms {
        let line = Terms.Line(tier: 0, payee: payee, amount: 10, gate: gates.isEmpty ? 0 : 1)
        return Terms(
            token: Self.token.address, buyer: buyer,
            lines: Array(repeating: line, count: lines), gates: gates)
    }

    private func open(_ terms: Terms, by: Address) throws -> UInt64 {
        try ledger.perform { book throws(Rejection) in try book.open(terms, by: by) }
        return ledger.book.count
    }

    /// What an operation uses; refused with a unit less, and then nothing has happened.
    private func gas(_ body: (OrderBook) throws(Rejection) -> Void) throws -> UInt64 {
        defer { ledger.state.gas = GasMeter(limit: .max) }
        ledger.state.gas = GasMeter(limit: .max)
        ledger.simulate(body)
        let used = ledger.state.gas.used
        if used > 0 {
            ledger.state.gas = GasMeter(limit: used - 1)
            #expect(throws: Rejection.outOfGas(limit: used - 1)) { try ledger.perform(body) }
        }
        ledger.state.gas = GasMeter(limit: used)
        try ledger.perform(body)
        return ledger.state.gas.used
    }

    @Test func `a proposal is accepted or declined by the line`() throws {
        let attestors = (0..<3).map { ledger.address("inspector \($0)") }
        let gate = Terms.Gate(
            attestors: attestors, threshold: 1, deadline: 100, onTimeout: .fail)
        let proposal = terms(lines: 100, payee: maker, gates: [gate, gate])
        let (first, second) = (try open(proposal, by: maker), try open(proposal, by: maker))
        let buyer = buyer
        // Two gates and six attestors are as much as two lines.
        #expect(
            try gas { book throws(Rejection) in try book.accept(order: first, by: buyer) }
                == 102 * Gas.visit)
        #expect(
            try gas { book throws(Rejection) in try book.decline(order: second, by: buyer) }
                == 100 * Gas.visit)
        #expect(ledger.book.find(first)?.head.status == .open)
        #expect(ledger.book.find(second)?.head.status == .closed)
    }

    @Test func `gates that end ask the lines, once for each gate`() throws {
        let first = Terms.Gate(
            attestors: [inspector], threshold: 1, deadline: 100, onTimeout: .fail)
        let follower = Terms.Gate(
            attestors: [], threshold: 0, deadline: 0, onTimeout: .fail, follows: 1)
        let many = try open(
            terms(lines: 600, payee: maker, gates: [first, follower, follower]), by: buyer)
        let few = try open(
            terms(lines: 60, payee: maker, gates: [first, follower, follower]), by: buyer)
        let inspector = inspector
        ledger.book.budget = 100
        #expect(
            try gas { book throws(Rejection) in
                try book.attest(order: few, gate: 0, bps: 10_000, by: inspector)
            } == 0)
        // Tried once and done once; each time the order, of 124 parts, is 60 beyond a small one.
        #expect(ledger.book.budget == 100 - 2 * (60 / 16))
        ledger.book.budget = 100
        try ledger.perform { book throws(Rejection) in
            try book.attest(order: many, gate: 0, bps: 10_000, by: inspector)
        }
        // Three gates, a glance of the cascade at lines that there is no money for, and the order's size.
        #expect(ledger.book.budget == 100 - 3 * (600 / 256) - 600 / 64 - (1204 - 64) / 16)
    }

    @Test func `a pledge pays for looking where orders to be lifted have many lines`() throws {
        let own = terms(lines: 100, payee: buyer)
        let child = try open(own, by: buyer)
        let grandchildren = [try open(own, by: buyer), try open(own, by: buyer)]
        let parent = try open(own, by: buyer)
        let buyer = buyer
        try ledger.perform { book throws(Rejection) in
            for line in 0..<UInt16(100) {
                try book.pledge(
                    order: child, line: line, child: grandchildren[Int(line) % 2], units: 10,
                    by: buyer)
            }
        }
        let size = ([parent, child] + grandchildren).reduce(0) { sum, order in
            sum + Gas.size(parts: ledger.book.look(order)?.parts ?? 0)
        }
        #expect(size > 4 * 100 * Gas.part)
        // Three orders are lifted, of which two had to be found; 100 lines and as many claims are looked at, and 100
        // orders found there.
        #expect(
            try gas { book throws(Rejection) in
                try book.pledge(order: parent, line: 0, child: child, units: 1, by: buyer)
            } == UInt64(3 + 200 / 64 + 100 / 8) * Gas.visit + 2 * Gas.look + size)
    }
}
