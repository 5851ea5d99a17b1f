import Execution
import Ledger
import Testing
import Threads

@testable import Replica

@Suite struct PoolTests {
    let sender = TestAccounts.address(3)
    let price: UInt128 = 1_000_000_000

    func transaction(_ nonce: UInt64, price: UInt128 = 1_000_000_000, value: UInt128 = 1)
        throws -> VerifiedTransaction
    {
        try TestAccounts.transfer(from: 3, nonce: nonce, value: value, price: price)
    }

    func standing(height: UInt64 = 0, nonce: UInt64 = 0, balance: UInt128 = 1 << 80) -> Standing {
        Standing(
            height: height, nonce: nonce, balance: balance, feePayer: sender, feeCover: balance)
    }

    func add(
        _ transaction: VerifiedTransaction, to pool: inout Pool, _ standing: Standing
    ) throws(PoolRefusal) {
        try pool.add(transaction, standing: standing, price: price, blockGas: 1_000_000_000)
    }

    func takeAll(_ pool: inout Pool) -> [UInt64] {
        pool.take(gas: .max, bytes: .max).map(\.transaction.nonce)
    }

    @Test func `a gap in the nonces holds back what follows it`() throws {
        var pool = Pool()
        try add(transaction(0), to: &pool, standing())
        try add(transaction(2), to: &pool, standing())
        #expect(takeAll(&pool) == [0])
        try add(transaction(1), to: &pool, standing())
        #expect(takeAll(&pool) == [1, 2])
    }

    @Test func `a standing older than the last settled block begins no account`() throws {
        var pool = Pool()
        let first = try transaction(0)
        try add(first, to: &pool, standing())
        _ = takeAll(&pool)
        #expect(!pool.isOutdated(standing(), of: sender))
        _ = pool.settle(height: 1, [first]) { _ in false }
        #expect(pool.isOutdated(standing(height: 0), of: sender))
        #expect(!pool.isOutdated(standing(height: 1, nonce: 1), of: sender))
    }

    @Test func `an executed transaction is known as such to a sender that has spent everything`()
        throws
    {
        var pool = Pool()
        let spent = try transaction(0, value: 1 << 70)
        #expect(throws: PoolRefusal.nonceTooLow(given: 0, next: 1)) {
            try add(spent, to: &pool, standing(height: 1, nonce: 1, balance: 0))
        }
    }

    @Test func `a replacement offers a tenth more, and only what is not being ordered is replaced`()
        throws
    {
        var pool = Pool()
        try add(transaction(0), to: &pool, standing())
        let cheap = try transaction(0, price: 1_050_000_000)
        #expect(throws: PoolRefusal.self) { try add(cheap, to: &pool, standing()) }
        let dear = try transaction(0, price: 1_200_000_000)
        try add(dear, to: &pool, standing())
        #expect(pool.count == 1)
        #expect(pool.take(gas: .max, bytes: .max).map(\.hash) == [dear.hash])
        let late = try transaction(0, price: 2_000_000_000)
        #expect(throws: PoolRefusal.nonceBeingOrdered(0)) {
            try add(late, to: &pool, standing())
        }
    }

    @Test func `what follows a skipped transaction is dropped`() throws {
        var pool = Pool()
        let all = try (0..<3 as Range<UInt64>).map { try transaction($0) }
        for one in all { try add(one, to: &pool, standing()) }
        let taken = pool.take(gas: 21_000, bytes: .max)
        #expect(taken.map(\.hash) == [all[0].hash])
        let dropped = pool.settle(height: 1, taken) { _ in true }
        #expect(Set(dropped.map(\.hash)) == Set(all[1...].map(\.hash)))
        #expect(pool.count == 0)
    }

    @Test func `what comes to nothing is charged to who handed it in`() throws {
        final class Source: TransactionSource {
            let charged = Locked(0)
            func charge(refused: Int) { charged.with { $0 += refused } }
        }
        var pool = Pool()
        let (first, second) = (Source(), Source())
        func add(_ transaction: VerifiedTransaction, of source: Source?) throws {
            try pool.add(
                transaction, of: source, standing: standing(), price: price,
                blockGas: 1_000_000_000)
        }
        let row = try (0..<6 as Range<UInt64>).map { try transaction($0) }
        for (nonce, one) in row.enumerated() {
            try add(one, of: nonce < 3 ? first : nonce < 5 ? second : nil)
        }
        // Paid: nobody is charged.
        _ = pool.settle(height: 1, pool.take(gas: 21_000, bytes: .max)) { _ in false }
        #expect(first.charged.with { $0 } == 0)
        // One is skipped, the next stands in the same block, the others are dropped.
        let taken = pool.take(gas: 42_000, bytes: .max)
        #expect(pool.settle(height: 2, taken) { _ in true }.count == 3)
        #expect(first.charged.with { $0 } == 2)
        #expect(second.charged.with { $0 } == 2)
        // What was paid already, and is skipped as a repetition, cost somebody something.
        let again = try TestAccounts.transfer(from: 4, nonce: 0)
        try add(again, of: first)
        _ = pool.settle(height: 3, pool.take(gas: .max, bytes: .max)) { _ in false }
        _ = pool.settle(height: 4, [again]) { _ in true }
        #expect(first.charged.with { $0 } == 2)
        // What the banks would have refused since is not their senders' fault, nor is what waits behind it.
        for nonce in 0..<2 as Range<UInt64> {
            try add(TestAccounts.transfer(from: 5, nonce: nonce), of: second)
        }
        let dear = pool.take(gas: 21_000, bytes: .max)
        let dropped = pool.settle(height: 5, dear, skipped: { _ in true }) { $0.nonce == 0 }
        #expect(dropped.count == 1 && second.charged.with { $0 } == 2)
    }

    @Test func `what asks for more gas than a block has by now holds nobody up`() throws {
        var pool = Pool()
        let large = try TestAccounts.transfer(from: 3, nonce: 0, gas: 50_000)
        let others = try (4..<7).map { try TestAccounts.transfer(from: $0, nonce: 0) }
        for one in [large] + others { try add(one, to: &pool, standing()) }
        // The banks have lowered the limit meanwhile. Execution skips it, and whoever sent it hears so.
        let taken = pool.take(gas: 42_000, bytes: .max)
        #expect(taken.map(\.hash) == [large.hash] + others.prefix(2).map(\.hash))
        #expect(pool.settle(height: 1, taken) { $0 == 0 }.isEmpty)
        #expect(pool.take(gas: 42_000, bytes: .max).map(\.hash) == [others[2].hash])
        #expect(pool.take(gas: 42_000, bytes: .max).isEmpty)
    }

    @Test func `what was replaced or ordered does not stay in memory`() throws {
        var pool = Pool(limits: Pool.Limits(leftoverBytes: 1_000))
        weak var replaced: VerifiedTransaction?
        for step in 0..<40 as Range<UInt128> {
            let next = try transaction(0, price: (1 << step) * 1_000_000_000)
            if step == 0 { replaced = next }
            try add(next, to: &pool, standing())
        }
        #expect(pool.count == 1 && replaced == nil)
        weak var ordered: VerifiedTransaction?
        for nonce in 0..<40 as Range<UInt64> {
            // There is always more to be ordered.
            try add(transaction(nonce + 1), to: &pool, standing(nonce: nonce))
            let taken = pool.take(gas: 21_000, bytes: .max)
            #expect(taken.map(\.transaction.nonce) == [nonce])
            if nonce == 1 { ordered = taken.first }
            #expect(pool.settle(height: nonce + 1, taken) { _ in false }.isEmpty)
        }
        #expect(pool.count == 1 && ordered == nil)
    }

    @Test func `what was ordered behind one that was skipped makes room like all that waits`()
        throws
    {
        var pool = Pool(limits: Pool.Limits(transactions: 2))
        for nonce in 0..<2 as Range<UInt64> { try add(transaction(nonce), to: &pool, standing()) }
        let (first, second) = (
            pool.take(gas: 21_000, bytes: .max), pool.take(gas: 21_000, bytes: .max)
        )
        #expect(pool.settle(height: 1, first) { _ in true }.isEmpty)
        // The second body is lost with its leader.
        pool.takeBackOrdered()
        for other in 4..<6 {
            try add(TestAccounts.transfer(from: other, nonce: 0), to: &pool, standing())
        }
        #expect(pool.takeEvicted() == second.map(\.hash))
    }

    @Test func `limits of count and account are kept`() throws {
        var pool = Pool(limits: Pool.Limits(transactions: 3, account: 2))
        try add(transaction(0), to: &pool, standing())
        try add(transaction(1), to: &pool, standing())
        let third = try transaction(2)
        #expect(throws: PoolRefusal.accountFull(limit: 2)) {
            try add(third, to: &pool, standing())
        }
    }

    @Test func `what waits for a missing nonce makes room for what can be executed`() throws {
        var pool = Pool(limits: Pool.Limits(transactions: 4, account: 4))
        for nonce in [3, 1, 2] as [UInt64] { try add(transaction(nonce), to: &pool, standing()) }
        func other(_ nonce: UInt64) throws -> VerifiedTransaction {
            try TestAccounts.transfer(from: 4, nonce: nonce, value: 1, price: price)
        }
        func addOther(_ nonce: UInt64) throws {
            let cover: UInt128 = 1 << 80
            let standing = Standing(
                height: 0, nonce: 0, balance: cover, feePayer: TestAccounts.address(4),
                feeCover: cover)
            try add(other(nonce), to: &pool, standing)
        }
        try addOther(0)
        #expect(pool.count == 4)
        // Full: one more that waits is refused, and one that can be executed drops who came first.
        #expect(throws: PoolRefusal.full(limit: 4)) { try addOther(2) }
        try addOther(1)
        #expect(pool.count == 4)
        #expect(try pool.transaction(transaction(3).hash) == nil)
        #expect(try pool.transaction(transaction(1).hash) != nil)
        // It never drops what follows, for the same account's sake.
        #expect(throws: PoolRefusal.full(limit: 4)) {
            try add(transaction(0), to: &pool, standing())
        }
        #expect(takeAll(&pool) == [0, 1])
    }

    @Test func `what waits goes on making room, whoever has passed over its own`() throws {
        var pool = Pool(limits: Pool.Limits(transactions: 6, account: 6))
        func add(_ key: Int, _ nonce: UInt64) throws {
            let cover: UInt128 = 1 << 80
            try self.add(
                TestAccounts.transfer(from: key, nonce: nonce, value: 1, price: price), to: &pool,
                Standing(
                    height: 0, nonce: 0, balance: cover, feePayer: TestAccounts.address(key),
                    feeCover: cover))
        }
        for nonce in 2...4 as ClosedRange<UInt64> {
            try add(4, nonce)
            try add(5, nonce)
        }
        // Each passes over its own and drops the other's oldest.
        try add(4, 0)
        try add(5, 0)
        try add(6, 0)
        try add(7, 0)
        #expect(pool.count == 6)
        #expect(pool.takeEvicted().count == 4)
        #expect(pool.takeEvicted().isEmpty)
    }

    @Test func `what waits can be dropped after very many replacements too`() throws {
        var pool = Pool(limits: Pool.Limits(transactions: 2, account: 2))
        // As many as it takes for the queue of what waits to be gone through, and the last one then.
        var prices: [UInt128] = [price, price]
        for turn in 0...1024 {
            let place = turn % 2
            try add(
                transaction(UInt64(place + 1), price: prices[place]), to: &pool, standing())
            prices[place] += prices[place] / 10 + 1
        }
        let cover: UInt128 = 1 << 80
        let other = Standing(
            height: 0, nonce: 0, balance: cover, feePayer: TestAccounts.address(4),
            feeCover: cover)
        try add(
            TestAccounts.transfer(from: 4, nonce: 0, value: 1, price: price), to: &pool, other)
        #expect(pool.count == 2)
    }

    @Test func `what replaces another must have room for what it is longer`() throws {
        let small = try transaction(0)
        var pool = Pool(limits: Pool.Limits(bytes: small.raw.count))
        try add(small, to: &pool, standing())
        let dearer = try transaction(0, price: 2 * price, value: 1 << 70)
        #expect(dearer.raw.count > small.raw.count)
        #expect(throws: PoolRefusal.full(limit: 1)) { try add(dearer, to: &pool, standing()) }
        #expect(pool.transaction(small.hash) != nil)
    }

    @Test func `a body is filled up to its gas and goes on where it ended`() throws {
        var pool = Pool()
        for nonce in 0..<5 as Range<UInt64> {
            try add(transaction(nonce), to: &pool, standing())
        }
        #expect(pool.take(gas: 42_000, bytes: .max).map(\.transaction.nonce) == [0, 1])
        #expect(takeAll(&pool) == [2, 3, 4])
        #expect(!pool.hasReady)
    }
}
