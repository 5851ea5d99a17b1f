import Ledger
import Testing
import Tokens

@testable import Settlement

/// What is looked at for free places in an account's list of claims has a limit, where the list's orders are large.
struct SweepTests {
    /// A ledger on which a maker has a line each of four orders, with so many lines of another account.
    private static func ledger(lines: Int) throws -> TestLedger {
        let ledger = try TestLedger()
        for _ in 0..<4 { try open(ledger, ["maker"] + Array(repeating: "other", count: lines)) }
        ledger.advance(to: 20)
        return ledger
    }

    private static func open(_ ledger: TestLedger, _ payees: [String]) throws {
        let buyer = ledger.address("buyer")
        let lines = payees.map { Terms.Line(tier: 0, payee: ledger.address($0), amount: 10) }
        try ledger.perform { book throws(Rejection) in
            try book.open(
                Terms(token: BudgetTests.token.address, buyer: buyer, lines: lines), by: buyer)
        }
    }

    /// How many entries of the maker's list one order with so many lines for it has looked at.
    private static func looked(_ ledger: TestLedger, lines: Int) throws -> UInt32 {
        let maker = ledger.address("maker")
        let before = ledger.book.account(maker).record.sweep
        try open(ledger, Array(repeating: "maker", count: lines))
        return ledger.book.account(maker).record.sweep - before
    }

    @Test func `a new claim looks at 64 parts beyond those of small orders`() throws {
        // 61 lines and as many claims are 122 parts, 58 beyond the first 64.
        #expect(try Self.looked(Self.ledger(lines: 60), lines: 3) == 3)
        // 398 beyond: the next claims pay that off, and the seventh looks on.
        let large = try Self.ledger(lines: 230)
        #expect(try Self.looked(large, lines: 3) == 1)
        // Another transaction goes on with what is left, another block starts afresh.
        #expect(try Self.looked(large, lines: 7) == 1)
        large.book.begin(budget: .max)
        #expect(try Self.looked(large, lines: 1) == 1)
    }

    @Test func `what was undone was looked at, but not in the next half of a block`() throws {
        let ledger = try Self.ledger(lines: 230)
        let (buyer, maker) = (ledger.address("buyer"), ledger.address("maker"))
        ledger.simulate { book throws(Rejection) in
            try book.open(
                Terms(
                    token: BudgetTests.token.address, buyer: buyer,
                    lines: [Terms.Line(tier: 0, payee: maker, amount: 10)]), by: buyer)
        }
        #expect(ledger.book.sweep.parts == 64 - 398)
        #expect(ledger.book.sweep.last == nil)
        ledger.book.begin(budget: .max)
        #expect(ledger.book.sweep.parts == 0)
    }
}
