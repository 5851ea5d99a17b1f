import Ledger
import Testing
import Tokens

@testable import Settlement

/// Which records memory lets go of.
struct RecentCacheTests {
    private final class Thing: Weighed {
        var weight: Int
        var weighed = 0

        init(_ weight: Int) { self.weight = weight }
    }

    @Test func `a generation ends by its number or by its weight`() {
        var cache = RecentCache<Int, Thing>()
        for key in 0..<4 { cache.insert(Thing(10), for: key) }
        #expect(cache.weight == 40)
        cache.age(limit: 5, weight: 41)
        cache.insert(Thing(1), for: 4)
        #expect(cache.weight == 41)
        cache.age(limit: 9, weight: 41)
        // Asked for, so that it is young again.
        #expect(cache.find(2) != nil)
        cache.insert(Thing(31), for: 5)
        cache.age(limit: 9, weight: 41)
        #expect(cache.weight == 41)
        #expect((0..<6).filter { cache.find($0) != nil } == [2, 5])
    }

    @Test func `what grows, shrinks or goes is weighed`() {
        var cache = RecentCache<Int, Thing>()
        let thing = Thing(10)
        cache.insert(thing, for: 1)
        thing.weight = 1_000
        cache.weigh(thing, for: 1)
        #expect(cache.weight == 1_000)
        cache.remove(1)
        #expect(cache.weight == 0)
        // It is not in memory any more, so that it counts for nothing.
        cache.weigh(thing, for: 1)
        #expect(cache.weight == 0)
    }

    @Test func `who only asks leaves no order in memory, and large ones go sooner`() throws {
        let ledger = try BudgetTests.ledger(orders: 3, lines: 50)
        ledger.advance(to: 20)
        ledger.restart()
        let book = ledger.book
        #expect(book.weight == 0)
        for order in 1...3 as ClosedRange<UInt64> {
            #expect(book.view(of: order)?.lines.count == 50)
            #expect(book.token(of: order) == BudgetTests.token)
        }
        #expect(try book.claims(of: ledger.address("maker"), from: 0, limit: 200).count == 150)
        #expect(book.weight == 0)
        // What changes is kept: 50 lines, as many claims, a gate and an attestor each.
        let small = OrderBook(state: ledger.state, tokens: ledger.tokens, partLimit: 204)
        for order in 1...2 as ClosedRange<UInt64> { _ = small.find(order) }
        #expect(small.weight == 204)
        small.trim()
        _ = small.find(3)
        small.trim()
        #expect(small.weight == 306)
        _ = small.find(1)
        small.trim()
        #expect(small.weight == 204)
    }
}
