import Ledger
import Testing
import Tokens

@testable import Settlement

/// What readers ask for while blocks wait: no order and no list of an account may make that long.
struct ReadingTests {
    /// An order of 50 lines, each cut into claims that are an object of their own, of which the maker has the largest.
    private static func ledger() throws -> TestLedger {
        let ledger = try BudgetTests.ledger(orders: 1, lines: 50)
        let maker = ledger.address("maker")
        try ledger.perform { book throws(Rejection) in
            for line in 0..<50 as Range<UInt16> {
                for holder in 0..<6 {
                    try book.transferClaim(
                        order: 1, line: line, to: TestLedger.address("holder \(holder)"), units: 1,
                        from: maker)
                }
            }
        }
        ledger.restart(firing: false)
        return ledger
    }

    @Test func `a piece of a list of claims looks at little, and says where it goes on`() throws {
        let ledger = try Self.ledger()
        let maker = ledger.address("maker")
        let all = try ledger.book.claims(of: maker, from: 0, limit: .max)
        #expect(all.map(\.units) == Array(repeating: 4, count: 50))
        var found: [ListedClaim] = []
        var pieces = 0
        var next: UInt32? = 0
        while let place = next {
            let piece = ledger.book.claimPlaces(
                of: maker, from: UInt64(place), limit: .max, parts: 100)
            // The order is looked at once, without its claims: then each line is a place and 7 claims.
            #expect(piece.parts < 100 + 64)
            found += piece.claims
            pieces += 1
            next = piece.next
        }
        #expect(found.map(\.claim) == all)
        #expect(found.map(\.place) == Array(0..<50))
        #expect(found.allSatisfy { $0.buyer == ledger.address("buyer") && $0.gate == 1 })
        #expect(pieces > 5)
        #expect(ledger.book.weight == 0)
        let few = ledger.book.claimPlaces(of: maker, from: 10, limit: 2, parts: .max)
        #expect(few.claims.map(\.place) == [10, 11])
        #expect(few.next == 12)
    }

    @Test func `nothing is looked at behind the end of a list`() throws {
        let ledger = try Self.ledger()
        for place in [50, 64, 1 << 31, 1 << 32, .max] as [UInt64] {
            let piece = ledger.book.claimPlaces(
                of: ledger.address("maker"), from: place, limit: 1, parts: 1)
            #expect(piece.parts == 0)
            #expect(piece.next == nil)
        }
        let (few, none) = (0..<5 as Range<UInt32>, 50..<60 as Range<UInt32>)
        #expect(ledger.book.claimIDs(of: ledger.address("maker"), at: few).count == 5)
        #expect(ledger.book.claimIDs(of: ledger.address("maker"), at: none).isEmpty)
    }

    @Test func `who asks for an account leaves nothing in memory`() throws {
        let ledger = try Self.ledger()
        let strangers = (0..<100).map { ledger.address("stranger \($0)") }
        for stranger in strangers {
            #expect(ledger.book.orders(of: stranger, from: 0, limit: 1) == [])
            let piece = ledger.book.claimPlaces(of: stranger, from: 0, limit: 1, parts: 1)
            #expect(piece.claims.isEmpty)
        }
        for stranger in strangers { #expect(ledger.book.accounts.find(stranger) == nil) }
    }

    @Test func `an order is made after it was read, whatever happened meanwhile`() throws {
        let ledger = try Self.ledger()
        let reading = try #require(ledger.book.reading(of: 1))
        let before = try #require(ledger.book.view(of: 1))
        #expect(before.lines.allSatisfy { $0.claims.count == 7 })
        let inMemory = try #require(ledger.book.find(1))
        #expect(inMemory.lines.allSatisfy { $0.areClaimsApart })
        let hot = try #require(ledger.book.reading(of: 1))
        try ledger.perform { book throws(Rejection) in
            try book.transferClaim(
                order: 1, line: 0, to: TestLedger.address("holder 0"), units: 4,
                from: TestLedger.address("maker"))
        }
        ledger.advance(to: ledger.state.block.now)
        #expect(ledger.book.view(of: 1) != before)
        #expect(reading.view == before)
        #expect(hot.view == before)
    }

    @Test func `a list of orders reads no claims`() throws {
        let ledger = try Self.ledger()
        let whole = try #require(ledger.book.view(of: 1)).outline
        // Without them the order cannot be read, but what lists have of it can.
        let gone = (0..<50 as Range<UInt16>).map {
            ObjectChange(key: OrderKey.claims(1, $0), value: nil)
        }
        ledger.source.write(StateChanges(objects: gone))
        #expect(ledger.book.outline(of: 1) == whole)
        #expect(ledger.book.token(of: 1) == whole.token)
        #expect(ledger.book.weight == 0)
    }
}
