import Ledger
import Testing
import Tokens

@testable import Settlement

/// Lists that others put entries in, for a price: no length of them may stop a node.
struct AccountListTests {
    @Test func `a list that is full stays as it is`() throws {
        let ledger = try TestLedger()
        let (buyer, maker) = (ledger.address("buyer"), ledger.address("maker"))
        let limit = Account.PagedList.limit
        for path in [\Account.Record.orders, \.claims] {
            ledger.book.account(maker).record[keyPath: path].count = limit - 1
            ledger.book.account(maker).record[keyPath: path].tail = Array(
                repeating: Account.Entry(order: 1, line: 0), count: 63)
        }
        ledger.book.account(maker).record.sweep = limit - 10
        let line = Terms.Line(tier: 0, payee: maker, amount: 1)
        for _ in 0..<3 {
            try ledger.perform { book throws(Rejection) in
                try book.open(
                    Terms(token: BudgetTests.token.address, buyer: buyer, lines: [line, line]),
                    by: buyer)
            }
        }
        #expect(ledger.book.account(maker).record.orders.count == limit)
        #expect(ledger.book.account(maker).record.claims.count == limit)
        // The last page is where it should be, and nothing is asked for behind it.
        #expect(ledger.book.orders(of: maker, from: UInt64(limit) - 1, limit: 10) == [1])
        #expect(ledger.book.orders(of: maker, from: UInt64(limit), limit: 10) == [])
    }
}
