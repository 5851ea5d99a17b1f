import Execution
import JSON
import Ledger
import Logging
import Replica
import TestSupport
import Testing
import Threads
import Tokens

@testable import Gateway
@testable import Node

/// What is charged to a client that sends what is refused, and what it meets when nothing is left.
@Suite struct RefusalBudgetTests {
    // So few a second that it does not matter how long a test takes.
    private let budget = RefusalBudget(RateLimit(callsPerSecond: 1, burst: 500))
    private let payee = Address(high: 7, middle: 7, low: 7)
    private let poor = PrivateKey(Hash32(word: 77).bytes)!

    private func submit(
        _ raws: [[UInt8]], to test: TestNode, within other: RefusalBudget? = nil
    ) async -> [Result<Hash32, PoolRefusal>] {
        await withCheckedContinuation { continuation in
            test.node.submit(raws, within: other ?? budget) { continuation.resume(returning: $0) }
        }
    }

    private func payment(
        _ nonce: UInt64, chainID: UInt64 = Genesis.developmentChainID,
        price: UInt128 = 1_000_000_000
    ) -> Transaction {
        Transaction(
            chainID: chainID, nonce: nonce, maxFeePerGas: price, gasLimit: 21_000, to: payee,
            value: 1)
    }

    private func unfunded(_ count: Int) -> [[UInt8]] {
        (0..<UInt64(count)).map { payment($0).sign(with: poor) }
    }

    private func isTurnedAway(_ answer: Result<Hash32, PoolRefusal>) -> Bool {
        if case .failure(.tooManyRefused) = answer { true } else { false }
    }

    private func with(_ body: (TestNode) async throws -> Void) async throws {
        let folder = TemporaryFolder()
        let test = try TestNode(in: folder)
        defer { test.node.stop() }
        try await body(test)
    }

    @Test func `what is refused whoever sent it costs nothing`() async throws {
        try await with { test in
            let executed = TestNode.transfer(from: 1, nonce: 0, to: payee)
            _ = try await test.run([executed])
            let waiting = TestNode.transfer(from: 1, nonce: 7, to: payee)
            _ = try await submit([waiting], to: test)[0].get()
            for raw in [
                [2, 0xC0], payment(0, chainID: 1).sign(with: poor),
                payment(0, price: 1).sign(with: poor), executed, waiting,
            ] {
                let answers = await submit(Array(repeating: raw, count: 600), to: test)
                #expect(answers.allSatisfy { isRefused($0) && !isTurnedAway($0) })
            }
            #expect(budget.wait(for: 1) == nil)
        }
    }

    private func isRefused(_ answer: Result<Hash32, PoolRefusal>) -> Bool {
        if case .failure = answer { true } else { false }
    }

    @Test func `what its signer's account refuses is charged, and then nothing is looked at`()
        async throws
    {
        try await with { test in
            let first = await submit(unfunded(450), to: test)
            #expect(first.allSatisfy { isRefused($0) && !isTurnedAway($0) })
            #expect(budget.wait(for: 1) == nil)
            _ = await submit(unfunded(100), to: test)
            #expect(try #require(budget.wait(for: 1)) >= 1)
            // A payment too: to tell it from the rest would take the search for its signer.
            let answers = await submit(
                unfunded(20) + [TestNode.transfer(from: 1, nonce: 0, to: payee)], to: test)
            #expect(answers.allSatisfy(isTurnedAway))
            // Another client's is.
            _ = try await test.run([TestNode.transfer(from: 1, nonce: 0, to: payee)])
        }
    }

    @Test func `a list is looked at as far as the budget goes where nobody signed it`() async throws
    {
        try await with { test in
            // An r that is no coordinate of a point, as it is above the order.
            let nobodys = Signature(
                r: Hash32(.max, .max, .max, .max), s: Hash32(word: 1), yParity: 0)
            let raws = (0..<1_500 as Range<UInt64>).map { payment($0).raw(with: nobodys) }
            let answers = await submit(raws, to: test)
            let away = answers.count(where: isTurnedAway)
            // Two threads have a share of sixteen each at any time.
            #expect((800...1_000).contains(away))
            #expect(answers.last.map(isTurnedAway) == true)
        }
    }

    @Test func `what a connection that is gone handed in is not looked at`() async throws {
        /// Says when the last one who could answer has gone.
        final class Hope: Sendable {
            let hasGone: AsyncStream<Void>.Continuation

            init(_ hasGone: AsyncStream<Void>.Continuation) { self.hasGone = hasGone }

            deinit { hasGone.yield() }
        }
        try await with { test in
            let raws = unfunded(2_000)
            let (goodbyes, hasGone) = AsyncStream<Void>.makeStream()
            let caller = RPCCaller(.v4(1), connection: 1)
            do {
                let hope = Hope(hasGone)
                // Each thread waits with its first share of sixteen for the pool; there are far fewer than thirty.
                test.node.pool.with { _ in
                    test.node.submit(raws, of: caller, within: budget) { _ in
                        Issue.record("an answer to nobody: \(hope)")
                    }
                    test.node.forget(caller)
                }
            }
            for await _ in goodbyes { break }
            #expect(budget.wait(for: 1) == nil)
            // Whoever comes by the same number is another.
            await confirmation { answered in
                await withCheckedContinuation { continuation in
                    test.node.submit(Array(raws[..<20]), of: caller, within: budget) {
                        #expect($0.allSatisfy(isRefused))
                        answered()
                        continuation.resume()
                    }
                }
            }
        }
    }

    @Test func `one by itself is charged as in a list, and what waits for another one is not`()
        async throws
    {
        try await with { test in
            let limit = RateLimit(callsPerSecond: 1, burst: 3)
            let (refused, waiting) = (RefusalBudget(limit), RefusalBudget(limit))
            for nonce in 0..<4 as Range<UInt64> {
                // The first one after a block is looked at on the thread that brings it.
                _ = try await test.run([TestNode.transfer(from: 1, nonce: nonce, to: payee)])
                let late = TestNode.transfer(from: 1, nonce: 0, to: payee, value: 99)
                #expect(isRefused(await submit([late], to: test, within: refused)[0]))
            }
            #expect(refused.wait(for: 1) != nil)
            for nonce in 9..<15 as Range<UInt64> {
                let raw = TestNode.transfer(from: 1, nonce: nonce, to: payee)
                _ = try await submit([raw], to: test, within: waiting)[0].get()
            }
            #expect(waiting.wait(for: 1) == nil)
        }
    }

    @Test func `a client is forgotten when all that it sent is answered, however it was`()
        async throws
    {
        // What is charged is there again in a moment.
        let limit = RateLimit(callsPerSecond: 1_000_000, burst: 500)
        let book = RefusalBook(limit, metrics: Metrics(), logger: Logger(label: "test"))
        let clients = ClientTable(rate: nil, refusals: book)
        try await with { test in
            let executed = TestNode.transfer(from: 1, nonce: 0, to: payee)
            _ = try await test.run([executed])
            for raws in [[executed], [], unfunded(1), unfunded(40), [executed, executed]] {
                // The first one after a block is looked at on the thread that brings it.
                for isFirst in [true, false] {
                    if isFirst { try await pay(test) }
                    let client = clients.enter(.v4(1))
                    _ = await submit(raws, to: test, within: client.refusals)
                    clients.leave(client)
                    // Whoever comes has those looked at that have gone.
                    try await until("\(raws.count) sent, \(isFirst): it is forgotten") {
                        clients.leave(clients.enter(.v4(2)))
                        return clients.count == 0
                    }
                }
            }
        }
    }

    /// Has a block executed.
    private func pay(_ test: TestNode) async throws {
        let key = DevelopmentKeys.addresses[2]
        let nonce = test.node.withMachine { $0.state.peek(TokenID.dip.balanceKey(key)).nonce }
        _ = try await test.run([TestNode.transfer(from: 2, nonce: nonce, to: payee)])
    }

    @Test func `what one payment takes the funds of is charged when a block skips it`() async throws
    {
        try await with { test in
            // Each is covered by itself, but after another not even its fee is: all are taken and one is paid.
            let all = test.balance(DevelopmentKeys.addresses[1]) - 21_000 * 1_000_000_000
            let row = (0..<600 as Range<UInt64>).map {
                TestNode.transfer(from: 1, nonce: $0, to: payee, value: all)
            }
            let budget = RefusalBudget(RateLimit(callsPerSecond: 1, burst: 600))
            let answers = await submit(row, to: test, within: budget)
            #expect(!answers.contains { isRefused($0) })
            try await until("all are gone") { test.node.pool.with { $0.pool.count } == 0 }
            // All but the one that was paid; what a minute gives back may be there as well.
            #expect(budget.wait(for: 1) == nil)
            _ = await submit(unfunded(60), to: test, within: budget)
            #expect(budget.wait(for: 1) != nil)
        }
    }

    @Test func `a client is not forgotten while what it sent waits`() async throws {
        let limit = RateLimit(callsPerSecond: 1_000_000, burst: 500)
        let book = RefusalBook(limit, metrics: Metrics(), logger: Logger(label: "test"))
        let clients = ClientTable(rate: nil, refusals: book)
        try await with { test in
            let client = clients.enter(.v4(1))
            let late = TestNode.transfer(from: 1, nonce: 1, to: payee)
            _ = try await submit([late], to: test, within: client.refusals)[0].get()
            clients.leave(client)
            clients.leave(clients.enter(.v4(2)))
            #expect(clients.count == 1)
            _ = try await test.run([TestNode.transfer(from: 1, nonce: 0, to: payee)])
            try await until("it is forgotten") {
                clients.leave(clients.enter(.v4(2)))
                return clients.count == 0
            }
        }
    }

    @Test func `to replace what waits for ever again and again costs as much as to be refused`()
        async throws
    {
        try await with { test in
            var price: UInt128 = 1_000_000_000
            var outcome: [Bool] = []
            for _ in 0..<600 {
                let raw = TestNode.transfer(from: 1, nonce: 9, to: payee, price: price)
                outcome.append(isTurnedAway(await submit([raw], to: test)[0]))
                price += price / 10 + 1
            }
            #expect(outcome.prefix(500).allSatisfy { !$0 })
            // One a second is looked at.
            #expect(outcome.suffix(100).contains(true))
        }
    }

    @Test(arguments: [
        "eth_sendRawTransaction", "eth_sendRawTransactionSync", "dip_sendTransactions",
    ])
    func `a call is turned away without a look at its parameters, and told when to come again`(
        _ method: String
    ) async throws {
        let limit = RateLimit(callsPerSecond: 1, burst: 50)
        try await RPCTestNode.with(refusals: limit) { node in
            let raws = unfunded(200).map { JSON.data($0) }
            let flood = JSON.array(raws)
            if method == "dip_sendTransactions" {
                let answers = try await node.call(method, flood)
                #expect(answers.array?.allSatisfy { $0["error"] != nil } == true)
            } else {
                for answer in try await node.client.batch(raws.map { .init(method, [$0]) }) {
                    #expect(throws: ClientFault.self) { try answer.get() }
                }
            }
            for params in [["nothing of the kind"], [flood]] as [[JSON]] {
                let error = try await node.failure(method, params[0])
                #expect(error.code == -32005)
                #expect(error.data?["name"] == "TooManyRefused")
                let millis = try #require(error.data?["retryMillis"]?.integer)
                #expect((60_000...152_000).contains(millis))
            }
            let batch = try await node.client.batch([
                .init(method, [flood]), .init("eth_chainId", []), .init(method, [flood]),
            ])
            #expect(throws: ClientFault.self) { try batch[0].get() }
            #expect(try batch[1].get() == "0xd1b")
            #expect(throws: ClientFault.self) { try batch[2].get() }
            #expect(node.metrics.page().contains("\ndip_turned_away_total 4\n"))
        }
    }
}
