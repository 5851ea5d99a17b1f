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

    private func add(_ nonces: Range<UInt64>, to pool: inout Pool) throws {
        for nonce in nonces {
            try pool.add(
                TestAccounts.transfer(from: 1, nonce: nonce),
                standing: Standing(
                    height: 0, nonce: 0, balance: 1 << 80, feePayer: TestAccounts.address(1),
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
