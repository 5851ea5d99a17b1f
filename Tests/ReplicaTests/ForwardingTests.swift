import Execution
import Ledger
import Testing

@testable import Replica

@Suite struct ForwardingTests {
    private func pool(_ nonces: Range<UInt64>) throws -> Pool {
        var pool = Pool()
        try add(nonces, to: &pool)
        return pool
    }

    private func add(
        _ nonces: Range<UInt64>, of account: Int = 1, used: UInt64 = 0, to pool: inout Pool
    ) throws {
        for nonce in nonces {
            try pool.add(
                TestAccounts.transfer(from: account, nonce: nonce),
                standing: Standing(
                    height: used, nonce: used, balance: 1 << 80,
                    feePayer: TestAccounts.address(account),
                    feeCover: 1 << 80), price: 1, blockGas: 1 << 40)
        }
    }

    private func nonces(_ taken: [VerifiedTransaction]) -> [UInt64] {
        taken.map(\.transaction.nonce)
    }

    @Test func `a leader is sent each transaction once, until another one leads`() throws {
        var pool = try pool(0..<3)
        let first = pool.takeForForwarding(bytes: 1)
        #expect(nonces(first) == [0])
        #expect(nonces(pool.takeForForwarding(bytes: .max)) == [1, 2])
        #expect(!pool.hasUnforwarded)
        try add(3..<4, to: &pool)
        #expect(nonces(pool.takeForForwarding(bytes: .max)) == [3])
        pool.forwardAgain()
        #expect(nonces(pool.takeForForwarding(bytes: .max)) == [0, 1, 2, 3])
    }

    @Test func `what was settled is not forwarded`() throws {
        var pool = try pool(0..<3)
        let all = pool.waiting(limit: 10)
        _ = pool.settle(height: 1, Array(all.prefix(2))) { _ in false }
        #expect(nonces(pool.takeForForwarding(bytes: .max)) == [2])
    }

    @Test func `what was lost on the way is sent again while others go on to be settled`() throws {
        var pool = try pool(0..<1)
        #expect(nonces(pool.takeForForwarding(bytes: .max)) == [0])
        for nonce in UInt64(0)..<6 {
            try add(nonce..<nonce + 1, of: 2, used: nonce, to: &pool)
            let sent = pool.takeForForwarding(bytes: .max)
            #expect(nonces(sent) == [nonce])
            _ = pool.settle(height: nonce + 1, sent) { _ in false }
            let overdue = pool.takeOverdue(bytes: .max)
            #expect(overdue.map(\.sender) == (nonce < 2 ? [] : [TestAccounts.address(1)]))
        }
    }

    @Test func `what is overdue is gone through little by little and again`() throws {
        var pool = try pool(0..<5)
        let bytes = pool.takeForForwarding(bytes: .max)[0].raw.count
        let turns = (0..<8).map { _ in nonces(pool.takeOverdue(bytes: 2 * bytes)) }
        #expect(turns == [[], [], [0, 1], [2, 3], [4], [0, 1], [2, 3], [4]])
        // Those that came since are not overdue yet, and a new leader was sent nothing.
        try add(5..<7, to: &pool)
        _ = pool.takeForForwarding(bytes: .max)
        #expect(nonces(pool.takeOverdue(bytes: .max)) == [0, 1, 2, 3, 4])
        pool.forwardAgain()
        #expect(pool.takeOverdue(bytes: .max).isEmpty)
    }

    @Test func `what was lost behind very much that was settled is found`() throws {
        var pool = Pool()
        for account in 1...2 { try add(0..<17_000, of: account, to: &pool) }
        let sent = pool.takeForForwarding(bytes: .max)
        #expect(sent.count == 34_000)
        for _ in 0..<2 { #expect(pool.takeOverdue(bytes: .max).isEmpty) }
        _ = pool.settle(height: 1, Array(sent.prefix(17_000))) { _ in false }
        let found = (0..<6).flatMap { _ in pool.takeOverdue(bytes: .max) }
        #expect(Set(found.map(\.hash)) == Set(sent.suffix(17_000).map(\.hash)))
    }

    @Test func `what the leader was sent is known after the queue was tidied up`() throws {
        var pool = try pool(0..<1)
        _ = pool.takeForForwarding(bytes: .max)
        for _ in 0..<3 { _ = pool.takeOverdue(bytes: .max) }
        for nonce in UInt64(0)..<2_000 {
            try add(nonce..<nonce + 1, of: 2, used: nonce, to: &pool)
            let sent = pool.takeForForwarding(bytes: .max)
            #expect(nonces(sent) == [nonce])
            _ = pool.settle(height: nonce + 1, sent) { _ in false }
        }
        #expect(pool.ready.count < 2_000)
        #expect(nonces(pool.takeOverdue(bytes: .max)) == [0])
        #expect(!pool.hasUnforwarded)
    }

    @Test func `bodies that were lost give their transactions back`() throws {
        var pool = try pool(0..<3)
        #expect(nonces(pool.take(gas: 42_000, bytes: .max)) == [0, 1])
        pool.takeBackOrdered()
        #expect(nonces(pool.take(gas: .max, bytes: .max)) == [0, 1, 2])
    }

    @Test func `a repetition that is skipped drops nothing`() throws {
        var pool = try pool(0..<3)
        let all = pool.waiting(limit: 10)
        _ = pool.settle(height: 1, [all[0]]) { _ in false }
        let dropped = pool.settle(height: 2, [all[0]]) { _ in true }
        #expect(dropped.isEmpty)
        #expect(nonces(pool.take(gas: .max, bytes: .max)) == [1, 2])
    }

    @Test func `what follows a transaction that came by another node is ordered after it`() throws {
        var pool = try pool(2..<4)
        #expect(!pool.hasReady)
        let elsewhere = try (0..<2).map { try TestAccounts.transfer(from: 1, nonce: $0) }
        _ = pool.settle(height: 1, [elsewhere[0]]) { _ in false }
        #expect(!pool.hasReady)
        _ = pool.settle(height: 2, [elsewhere[1]]) { _ in false }
        #expect(nonces(pool.takeForForwarding(bytes: .max)) == [2, 3])
        #expect(nonces(pool.take(gas: .max, bytes: .max)) == [2, 3])
    }

    @Test func `what others settled does not fill the queue of a node that does not lead`() throws {
        var pool = Pool()
        for nonce in UInt64(0)..<3_000 {
            try add(nonce..<(nonce + 1), to: &pool)
            _ = pool.settle(height: nonce + 1, pool.waiting(limit: 1)) { _ in false }
        }
        #expect(pool.ready.count < 2_000)
    }
}
