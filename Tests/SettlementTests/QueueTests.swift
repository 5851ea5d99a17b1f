import Ledger
import Testing
import Tokens

@testable import Settlement

/// What is too much for one block goes on in the next.
struct QueueTests {
    static let token = TokenID(rawValue: 1)

    /// A buyer's order with many lines, each of whose claims its payee pledges to one order of his own.
    static func ledger(lines: Int) throws -> TestLedger {
        let ledger = try TestLedger()
        let (buyer, maker) = (ledger.address("buyer"), ledger.address("maker"))
        try ledger.perform { book throws(Rejection) in
            try book.tokens.mint(1_000, of: token, to: buyer, by: TestLedger.issuer)
            let line = Terms.Line(tier: 0, payee: maker, amount: 2)
            try book.open(
                Terms(
                    token: token.address, buyer: buyer,
                    lines: Array(repeating: line, count: lines)), by: buyer)
            try book.open(
                Terms(
                    token: token.address, buyer: maker,
                    lines: [
                        Terms.Line(
                            tier: 0, payee: ledger.address("supplier"), amount: UInt128(lines))
                    ]), by: maker)
            for index in 0..<lines {
                try book.pledge(order: 1, line: UInt16(index), child: 2, units: 1, by: maker)
            }
        }
        return ledger
    }

    @Test func `no order is too dear to close`() throws {
        let ledger = try Self.ledger(lines: 25)
        ledger.book.sourceLimit = 10
        let supplier = ledger.address("supplier")
        let effects = try ledger.perform { book throws(Rejection) in
            try book.waive(order: 2, line: 0, units: 25, by: supplier)
        }
        #expect(effects.count { if case .claimMoved = $0 { true } else { false } } == 10)
        #expect(ledger.book.view(of: 2)?.summary.status == .open)
        #expect(ledger.book.queuedCascades == 1)
        for (block, moved) in [(1, 10), (2, 5)] as [(UInt64, Int)] {
            let effects = ledger.advance(to: block)
            #expect(effects.count { if case .claimMoved = $0 { true } else { false } } == moved)
            #expect(ledger.faults(["buyer", "maker", "supplier"]) == [])
        }
        #expect(ledger.book.view(of: 2)?.summary.status == .closed)
        #expect(ledger.book.queuedCascades == 0)
    }

    /// The payments are the same, and so is the end, whatever fits into a block.
    @Test(arguments: [1, 2, 7, 20, 74, 75, 76, 20_000])
    func `a cascade that waits comes to the same end`(stepLimit: Int) throws {
        let ledger = try Self.ledger(lines: 25)
        let buyer = ledger.address("buyer")
        ledger.state.block.stepLimit = stepLimit
        var effects = try ledger.perform { book throws(Rejection) in
            try book.fund(order: 1, amount: nil, by: buyer)
        }
        var block: UInt64 = 0
        while ledger.book.queuedCascades > 0 {
            block += 1
            #expect(ledger.faults(["buyer", "maker", "supplier"]) == [])
            effects += ledger.advance(to: block, budget: stepLimit)
        }
        let paid = effects.filter {
            switch $0 {
            case .paid, .paidToOrder: true
            default: false
            }
        }
        // 25 to the child, 25 to the maker, one to the supplier.
        #expect(paid.count == 51)
        #expect(block == UInt64((51 + stepLimit - 1) / stepLimit - 1))
        #expect(ledger.tokens.balance(of: ledger.address("supplier"), in: Self.token) == 25)
        #expect(ledger.book.view(of: 2)?.summary.status == .closed)
    }

    @Test func `who came first is served first`() throws {
        let ledger = try Self.ledger(lines: 5)
        let buyer = ledger.address("buyer")
        try ledger.perform { book throws(Rejection) in
            try book.open(
                Terms(
                    token: Self.token.address, buyer: buyer,
                    lines: [
                        Terms.Line(tier: 0, payee: ledger.address("x"), amount: 1),
                        Terms.Line(tier: 0, payee: ledger.address("y"), amount: 1),
                    ]), by: buyer)
        }
        ledger.state.block.stepLimit = 1
        for id in [1, 3] as [UInt64] {
            try ledger.perform { book throws(Rejection) in
                try book.fund(order: id, amount: nil, by: buyer)
            }
        }
        #expect(ledger.book.queuedCascades == 2)
        ledger.advance(to: 1, budget: 9)
        #expect(ledger.tokens.balance(of: ledger.address("y"), in: Self.token) == 0)
        ledger.advance(to: 2, budget: 9)
        #expect(ledger.tokens.balance(of: ledger.address("y"), in: Self.token) == 1)
        #expect(ledger.book.queuedCascades == 0)
    }
}
