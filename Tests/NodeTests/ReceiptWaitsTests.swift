import Execution
import Ledger
import Storage
import TestSupport
import Testing
import Threads

@testable import Node

/// What those are told who wait for a transaction.
@Suite struct ReceiptWaitsTests {
    /// What is told of a transaction that is nowhere, where reading the history's index fails or does not.
    ///
    /// - Parameters:
    ///   - failure: what reading fails with.
    ///   - timeoutMillis: what the wait is given.
    ///   - later: see ``Node/wait(for:_:timeoutMillis:isOver:later:_:)``.
    private func told(
        whereReading failure: StoreFault.Kind?, timeoutMillis: UInt64 = 0,
        later: (@escaping @Sendable () -> Void) -> Void = { $0() }
    ) throws -> Awaited {
        let index = MemoryStore()
        let folder = TemporaryFolder()
        let test = try TestNode(in: folder)
        defer { test.node.stop() }
        let node = test.node
        let head = node.chain.head
        let history = try HistoryStore(
            blocks: MemoryStore(), index: index,
            identity: StoreIdentity(
                chainID: node.chain.genesis.chainID, genesisHash: node.chain.genesis.hash))
        try history.append(
            [
                BlockRecord(
                    height: 0, hash: head.hash, transactions: [], logItems: [], bytes: [])
            ], sync: true)
        index.fail(reads: failure)
        let timer = WaitTimer(named: "test")
        timer.start()
        defer { timer.stop() }
        let waiters = Waiters()
        let waits = ReceiptWaits(
            waiters,
            chain: Chain(machine: node.chain.withMachine { $0 }, head: head, history: history),
            pool: node.pool, certification: node.certification, timer: timer)
        let told = Locked(Awaited?.none)
        waits.wait(
            for: Keccak256.hash("unknown"), .executed, timeoutMillis: timeoutMillis,
            isOver: { false }, later: later
        ) { outcome in told.withSignal { $0 = outcome } }
        var seconds = 0
        let outcome: Awaited? = told.wait {
            seconds += 1
            return $0 != nil || seconds > 120 ? .done($0) : .again(1_000)
        }
        #expect(waiters.isEmpty)
        return try #require(outcome)
    }

    @Test func `what cannot be read is not taken for what is not there`() throws {
        guard case .timedOut = try told(whereReading: nil) else {
            Issue.record("it is not there")
            return
        }
        guard case .unreadable(let fault) = try told(whereReading: .corrupt) else {
            Issue.record("nobody knows whether it is there")
            return
        }
        #expect(fault.kind == .corrupt)
    }

    @Test func `a wait ends when the look into the history is dropped`() throws {
        guard
            case .timedOut = try told(whereReading: nil, timeoutMillis: 3_000_000, later: { _ in })
        else {
            Issue.record("it is not there")
            return
        }
    }
}
