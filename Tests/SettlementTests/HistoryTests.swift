import Ledger
import Settlement
import Testing
import Tokens

/// Properties of random histories. A failure names the seed, which then joins the list.
struct HistoryTests {
    static let seeds: [UInt64] = Array(1...12)

    /// A ledger on which everybody has some of both tokens.
    static func ledger(stepLimit: Int = 20_000, orderLimit: Int = 1 << 16) throws -> TestLedger {
        let ledger = try TestLedger(orderLimit: orderLimit)
        ledger.state.block.stepLimit = stepLimit
        for account in RandomWorld.accounts {
            let address = TestLedger.address(account)
            for (symbol, token) in TestLedger.tokens.sorted(by: { $0.key < $1.key }) {
                try ledger.perform { book throws(Rejection) in
                    if symbol == "U" {
                        try book.tokens.setAllowed(true, address, in: token, by: TestLedger.issuer)
                    }
                    try book.tokens.mint(2_000, of: token, to: address, by: TestLedger.issuer)
                }
            }
        }
        return ledger
    }

    static func apply(_ action: RandomAction, to ledger: TestLedger) -> Bool {
        switch action {
        case .block(let seconds, let timerLimit, let budget):
            ledger.advance(to: seconds, timerLimit: timerLimit, budget: budget)
            return true
        case .operation(let body):
            do throws(Rejection) {
                try ledger.perform(body)
                return true
            } catch {
                return false
            }
        }
    }

    /// What a block changed, comparable.
    static func text(_ changes: StateChanges) -> [String] {
        changes.cells.map { "\(Hex.encode($0.key.bytes)) \($0.cell.amount) \($0.cell.aux)" }
            + changes.objects.map {
                "\(Hex.encode($0.key)) \($0.value.map { Hex.encode($0) } ?? "gone")"
            }
    }

    @Test(arguments: seeds)
    func `what must always hold does after every step`(seed: UInt64) throws {
        let ledger = try Self.ledger(stepLimit: seed % 3 == 0 ? 2 : 20_000)
        if seed.isMultiple(of: 2) { ledger.transactionBudget = 3 }
        var world = RandomWorld(seed: seed)
        for step in 0..<400 {
            _ = Self.apply(world.next(ledger.book), to: ledger)
            let faults = ledger.faults(RandomWorld.accounts)
            try #require(faults == [], "seed \(seed), step \(step)")
        }
    }

    /// One ledger does everything, and also tries what it then undoes; the other only what succeeded.
    @Test(arguments: seeds)
    func `what is refused or undone leaves no trace`(seed: UInt64) throws {
        let stepLimit = seed % 3 == 0 ? 2 : 20_000
        let one = try Self.ledger(stepLimit: stepLimit)
        let other = try Self.ledger(stepLimit: stepLimit)
        var world = RandomWorld(seed: seed)
        for step in 0..<400 {
            if step % 3 == 0, case .operation(let body) = world.next(one.book) {
                one.simulate(body)
            }
            let action = world.next(one.book)
            if Self.apply(action, to: one) { _ = Self.apply(action, to: other) }
            if case .block = action {
                try #require(
                    Self.text(one.changes) == Self.text(other.changes),
                    "seed \(seed), step \(step)")
            }
        }
    }

    @Test(arguments: seeds)
    func `a restart after every block gives the same state`(seed: UInt64) throws {
        let steady = try Self.ledger()
        let restarting = try Self.ledger()
        for ledger in [steady, restarting] where seed.isMultiple(of: 2) {
            ledger.transactionBudget = 3
        }
        var world = RandomWorld(seed: seed)
        for step in 0..<400 {
            let action = world.next(steady.book)
            let done = Self.apply(action, to: steady)
            try #require(done == Self.apply(action, to: restarting), "seed \(seed), step \(step)")
            guard case .block = action else { continue }
            try #require(
                Self.text(steady.changes) == Self.text(restarting.changes),
                "seed \(seed), step \(step)")
            steady.advance(to: steady.state.block.now)
            restarting.restart()
        }
    }

    /// The two views of who holds what agree, whatever happened.
    @Test(arguments: seeds)
    func `an account finds all its claims and orders`(seed: UInt64) throws {
        let ledger = try Self.ledger()
        var world = RandomWorld(seed: seed)
        for _ in 0..<400 { _ = Self.apply(world.next(ledger.book), to: ledger) }
        for name in RandomWorld.accounts {
            let account = TestLedger.address(name)
            var expected: Set<ClaimView> = []
            var parts: Set<UInt64> = []
            for id in 1...max(ledger.book.count, 1) {
                guard let order = ledger.book.view(of: id) else { continue }
                for (index, line) in order.lines.enumerated() {
                    if line.summary.payee == account { parts.insert(id) }
                    let units = line.claims.reduce(0 as UInt128) {
                        $0 + ($1.holder == account ? $1.units : 0)
                    }
                    if units > 0 { parts.insert(id) }
                    guard units > 0, order.summary.status == .open else { continue }
                    expected.insert(ClaimView(order: id, line: UInt16(index), units: units))
                }
                if [order.summary.buyer, order.summary.guarantor].contains(account) {
                    parts.insert(id)
                }
            }
            let found = try ledger.book.claims(of: account, from: 0, limit: .max)
            #expect(Set(found) == expected, "seed \(seed), \(name)")
            #expect(found.count == expected.count, "seed \(seed), \(name)")
            var pages: [ClaimView] = []
            while let page = try? ledger.book.claims(
                of: account, from: UInt64(pages.count), limit: 3),
                !page.isEmpty
            { pages += page }
            #expect(pages == found, "seed \(seed), \(name)")
            // In pieces of as little as can be, which a line may stand in more than once.
            var pieces: [UInt128: UInt128] = [:]
            var next: UInt32? = 0
            while let place = next {
                let piece = ledger.book.claimPlaces(
                    of: account, from: UInt64(place), limit: 3, parts: 1)
                for listed in piece.claims { pieces[listed.claim.id] = listed.claim.units }
                try #require(piece.next.map { $0 > place } ?? true)
                next = piece.next
            }
            let units = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0.units) })
            #expect(pieces == units, "seed \(seed), \(name)")
            let orders = ledger.book.orders(of: account, from: 0, limit: .max)
            #expect(Set(orders).count == orders.count, "seed \(seed), \(name)")
            #expect(parts.isSubset(of: orders), "seed \(seed), \(name)")
        }
    }

    @Test(arguments: seeds)
    func `an order is read alike from memory and from the store`(seed: UInt64) throws {
        let ledger = try Self.ledger()
        var world = RandomWorld(seed: seed)
        for _ in 0..<400 { _ = Self.apply(world.next(ledger.book), to: ledger) }
        ledger.advance(to: ledger.state.block.now)
        let ids = 1...max(ledger.book.count, 1)
        let before = ids.map { ledger.book.view(of: $0) }
        ledger.restart(firing: false)
        for (id, view) in zip(ids, before) {
            #expect(ledger.book.view(of: id) == view, "seed \(seed), order \(id)")
            #expect(ledger.book.outline(of: id) == view?.outline, "seed \(seed), order \(id)")
        }
    }
}
