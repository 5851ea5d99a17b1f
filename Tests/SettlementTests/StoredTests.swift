import Ledger
import Settlement
import Testing
import Tokens

/// What a block writes of orders is what it changed, and no more.
struct StoredTests {
    @Test func `claims with many holders are written only when they changed`() throws {
        let ledger = try TestLedger()
        let (buyer, maker, lab) = (
            ledger.address("buyer"), ledger.address("maker"), ledger.address("lab")
        )
        let token = TokenID(rawValue: 1)
        try ledger.perform { book throws(Rejection) in
            try book.tokens.mint(100, of: token, to: buyer, by: TestLedger.issuer)
            try book.open(
                Terms(
                    token: token.address, buyer: buyer,
                    lines: [
                        Terms.Line(tier: 0, payee: maker, amount: 100),
                        Terms.Line(tier: 1, payee: maker, amount: 5, gate: 1),
                    ], gates: [Terms.Gate(attestors: [lab, buyer], threshold: 2, deadline: 90)]),
                by: buyer)
            for index in 1...8 {
                try book.transferClaim(
                    order: 1, line: 0, to: ledger.address("holder \(index)"), units: 10,
                    from: maker)
            }
        }
        func claimKeys() -> [UInt8] { ledger.changes.objects.map(\.key[0]).filter { $0 == 0x13 } }
        ledger.advance(to: 1)
        #expect(claimKeys().count == 1)
        // Tried and undone, then something else of the same order.
        ledger.simulate { book throws(Rejection) in
            try book.fund(order: 1, amount: 15, by: buyer)
        }
        try ledger.perform { book throws(Rejection) in
            try book.attest(order: 1, gate: 0, bps: 10_000, by: lab)
        }
        ledger.advance(to: 2)
        #expect(claimKeys().isEmpty)
        try ledger.perform { book throws(Rejection) in
            try book.fund(order: 1, amount: 55, by: buyer)
        }
        ledger.advance(to: 3)
        #expect(claimKeys().count == 1)
        let removed = ledger.changes.objects.first { $0.key[0] == 0x13 }
        #expect(removed?.value == nil, "four entries or fewer stand with the order")
    }

    /// A generation of one record: everything is let go of and read again all the time.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `what memory forgets is read again`(seed: UInt64) throws {
        let roomy = try HistoryTests.ledger()
        let narrow = try HistoryTests.ledger(orderLimit: 1)
        var world = RandomWorld(seed: seed)
        for step in 0..<400 {
            let action = world.next(roomy.book)
            let done = HistoryTests.apply(action, to: roomy)
            try #require(done == HistoryTests.apply(action, to: narrow))
            guard case .block = action else { continue }
            try #require(
                HistoryTests.text(roomy.changes) == HistoryTests.text(narrow.changes),
                "seed \(seed), step \(step)")
        }
    }

    @Test func `a book that never ended a block writes nothing for having been read`() throws {
        let ledger = try TestLedger()
        _ = ledger.book.consents(ledger.address("somebody"))
        _ = ledger.book.view(of: 1)
        ledger.simulate { book throws(Rejection) in
            book.setConsent(true, by: TestLedger.address("somebody"))
        }
        ledger.advance(to: 1)
        #expect(ledger.changes.objects.isEmpty)
    }
}
