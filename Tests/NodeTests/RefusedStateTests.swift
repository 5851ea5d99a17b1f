import Execution
import Ledger
import Replica
import Storage
import TestSupport
import Testing
import Threads

@testable import Node

/// A disk that has room for blocks and refuses the state.
@Suite struct RefusedStateTests {
    private let payee = Address(high: 7, middle: 7, low: 7)
    private let kept = MemoryStore()

    /// A node that stores its state after each block and makes every fourth a checkpoint.
    private func start(in folder: TemporaryFolder, over store: any KeyValueStore) throws -> TestNode
    {
        try TestNode(in: folder) { configuration in
            configuration.flushBlocks = 1
            configuration.genesis.checkpointInterval = 4
            configuration.openState = { (_, identity) throws(StoreFault) in
                try StateStore(over: store, identity: identity)
            }
        }
    }

    private func pay(_ test: TestNode, _ nonce: UInt64) async throws {
        let records = try await test.run([TestNode.transfer(from: 2, nonce: nonce, to: payee)])
        #expect(records.count == 1)
    }

    /// Runs `body` on a thread of its own.
    private func beside<Value: Sendable>(
        _ body: @escaping @Sendable () -> Value
    ) -> Locked<Value?> {
        let result = Locked(Value?.none)
        SystemThread(named: "beside") {
            let value = body()
            result.withSignal { $0 = value }
        }.letGo()
        return result
    }

    /// What a thread came to, nil if it is still waiting after two minutes: nobody would ever tell it.
    private func outcome<Value: Sendable>(_ thread: Locked<Value?>) -> Value? {
        let deadline = monotonicMillis() + 120_000
        return thread.wait { value in
            let now = monotonicMillis()
            return value != nil || now >= deadline ? .done(value) : .again(deadline - now)
        }
    }

    @Test func `a node whose state is refused stops, and goes on once started again`() async throws
    {
        let store = RefusingStore(kept)
        let folder = TemporaryFolder()
        let test = try start(in: folder, over: store)
        let node = test.node
        try await pay(test, 0)
        while node.status.heightStored < 1 { try await Task.sleep(for: .milliseconds(2)) }

        store.hold()
        for nonce in 1..<4 as Range<UInt64> { try await pay(test, nonce) }
        // Block 4 is executed, its payment acknowledged, and the thread of blocks waits to store its state.
        #expect(node.head.header.height == 4)
        store.awaitWrite()
        let stored = beside { node.storeState(timeoutMillis: 3_600_000) }
        store.refuse()

        #expect(outcome(stored) == false)
        let why = node.pool.wait { $0.haltedBecause.map { .done($0) } ?? .again(nil) }
        #expect(why.contains("No space left on device"))
        let answers = await test.submit([TestNode.transfer(from: 2, nonce: 4, to: payee)])
        #expect(throws: PoolRefusal.self) { try answers[0].get() }
        #expect(node.status.closedBecause == why)

        let ended = beside { node.stop() }
        try #require(outcome(ended) != nil)
        // What changed before the refused state is in no later one: to store that would lose it.
        #expect(node.status.heightStored == 1)
        let identity = StoreIdentity(chainID: node.genesis.chainID, genesisHash: node.genesis.hash)
        #expect(try StateStore(over: kept, identity: identity).meta?.height == 1)

        let copy = TemporaryFolder()
        try copyFolder(folder.path + "/data", to: copy.path + "/data")
        let again = try start(in: copy, over: RefusingStore(kept))
        #expect(again.node.head.header.height == 4)
        #expect(again.balance(payee) == 4)
        try await pay(again, 4)
        again.node.stop()
    }
}
