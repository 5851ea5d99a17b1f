import Execution
import Glibc
import JSON
import Ledger
import Replica
import Synchronization
import TestSupport
import Testing
import Threads

@testable import Gateway
@testable import Node

/// What is answered by those who look more than once, while blocks come between two of their looks.
@Suite struct MovingLedgerTests {
    /// Calls `body` for each of many heights, and shows its block meanwhile, certified before it is shown, as where one
    /// bank is alone, and with its state stored.
    private func whileBlocksCome(_ body: (RPCContext, _ height: UInt64) throws -> Void) throws {
        let folder = TemporaryFolder()
        let test = try TestNode(in: folder)
        defer { test.node.stop() }
        let blocks = try (1...1_000 as ClosedRange<UInt64>).map { try bareBlock(height: $0) }
        let node = test.node
        let wanted = Mutex<UInt64?>(0)
        // None, or some microseconds, and sometimes many.
        let spin = Atomic(0)
        @Sendable func pause() {
            for _ in 0..<Int.random(in: 0..<(1 << Int.random(in: 0...12))) {
                _ = spin.load(ordering: .relaxed)
            }
        }
        let publisher = SystemThread(named: "publisher") {
            for block in blocks {
                let height = block.header.height
                while let now = wanted.withLock({ $0 }), now < height { sched_yield() }
                pause()
                node.certification.willSign(height, in: node.bankSet)
                node.chain.publish(block, transactions: [])
                node.heightStored.with { $0 = height }
            }
        }
        defer {
            wanted.withLock { $0 = nil }
            publisher.join()
        }
        let context = RPCContext(node, RPCLimits())
        for block in blocks {
            wanted.withLock { $0 = block.header.height }
            pause()
            try body(context, block.header.height)
            while node.heightStored.with({ $0 }) < block.header.height { sched_yield() }
        }
    }

    @Test func `a block that is shown between two looks is not missing`() throws {
        try whileBlocksCome { context, height in
            let block = try context.published(at: height)
            try #require(block.header.height == height)
        }
    }

    @Test func `a range from a block to the same is one block`() throws {
        let ranges =
            [
                [], ["fromBlock": "finalized", "toBlock": "finalized"],
                ["fromBlock": "latest", "toBlock": "pending"],
            ] as [JSON]
        let parameters = try ranges.map { try LogParameter($0 == [] ? .object([]) : $0, "filter") }
        try whileBlocksCome { context, _ in
            for parameter in parameters {
                let range = try #require(try parameter.range(context))
                try #require(range.count == 1)
            }
        }
    }

    @Test func `no more blocks are certified than there are`() throws {
        try whileBlocksCome { context, _ in
            var writer = JSONWriter()
            context.writeConsortium(to: &writer)
            let answer = try JSON(parsing: writer.bytes)
            let (height, certified) = (answer["height"]?.unsigned, answer["certified"]?.unsigned)
            try #require(try #require(certified) <= #require(height))
            let bank = try #require(answer["validators"]?[0])
            try #require(bank["certified"]!.unsigned! <= bank["height"]!.unsigned!)
        }
    }

    @Test func `no state is stored ahead of the last block`() throws {
        let folder = TemporaryFolder()
        let test = try TestNode(in: folder)
        defer { test.node.stop() }
        let node = test.node
        let next = try bareBlock(height: 1)
        let isHeld = Locked(false)
        let publisher = SystemThread(named: "publisher") {
            node.heightStored.with { stored in
                isHeld.withSignal { $0 = true }
                // Long enough for the other to look at the last block.
                usleep(100_000)
                node.chain.publish(next, transactions: [])
                stored = 1
            }
        }
        defer { publisher.join() }
        isHeld.wait { $0 ? .done(()) : .again(nil) }
        // `/metrics` tells of it; a number below zero would end the process.
        #expect(node.blocksNotStored == 0)
    }

    /// Lets the node order nothing by itself.
    private func stopOrdering(_ node: RPCTestNode) {
        node.test.node.pool.with { $0.follow(nil) }
    }

    /// Executes a block, which nobody is shown.
    private static func execute(_ transactions: [VerifiedTransaction], on node: Node) {
        node.chain.execute { machine in
            var cutter = BodyCutter(tip: machine.tip, leader: DevelopmentKeys.addresses[0])
            let cut = cutter.cut(
                transactions, nowMillis: machine.tip.timeMillis,
                versions: machine.versions)
            _ = try! machine.execute(cut.body, cut.transactions)
        }
    }

    @Test func `the next nonce is known while its transaction goes from the pool into the state`()
        async throws
    {
        try await RPCTestNode.with { test async throws in
            stopOrdering(test)
            let account = JSON.data(test.keys[1].bytes)
            let raw = TestNode.transfer(from: 1, nonce: 0, to: test.keys[2])
            let transaction = try VerifiedTransaction.verify(
                raw, chainID: Genesis.developmentChainID)
            try await test.call("eth_sendRawTransaction", .data(raw))
            #expect(try await test.call("eth_getTransactionCount", account, "pending") == "0x1")
            let node = test.test.node
            let isHeld = Locked(false)
            let executor = SystemThread(named: "executor") {
                node.pool.with { state in
                    isHeld.withSignal { $0 = true }
                    // Long enough for the call to come to the pool, at once or from the state.
                    usleep(300_000)
                    Self.execute([transaction], on: node)
                    _ = state.pool.settle(height: 1, [transaction]) { _ in false }
                }
            }
            defer { executor.join() }
            isHeld.wait { $0 ? .done(()) : .again(nil) }
            #expect(try await test.call("eth_getTransactionCount", account, "pending") == "0x1")
        }
    }

    @Test func `a call on a block is not answered from the next one`() async throws {
        try await RPCTestNode.with { test async throws in
            stopOrdering(test)
            let call: JSON = ["to": .data(Address.orders.bytes), "data": "0x00000000"]
            let pay: JSON = ["from": .data(test.keys[1].bytes), "to": .data(test.keys[2].bytes)]
            #expect(try await test.call("eth_estimateGas", pay, "0x0") == "0x5208")
            Self.execute([], on: test.test.node)
            // It is executed and not shown yet.
            #expect(try await test.call("eth_blockNumber") == "0x0")
            for (method, call) in [("eth_call", call), ("eth_estimateGas", pay)] {
                let error = try await test.failure(method, call, "0x0")
                #expect(error.message.hasPrefix("the state of block 0 is not kept for calls"))
            }
            #expect(try await test.call("eth_estimateGas", pay, "latest") == "0x5208")
        }
    }

    @Test func `a statement ends with the block that was the last when it was asked for`()
        async throws
    {
        try await RPCTestNode.with { test async throws in
            let node = test.test.node
            try await test.send(from: 1, to: test.keys[2], value: 5)
            let context = RPCContext(node, RPCLimits())
            let statement = try Statement(context, RPCParams([.data(test.keys[2].bytes)]))
            // Tokens are looked up in pieces, and this comes between two of them.
            try await test.send(from: 1, to: test.keys[2], value: 7)
            var writer = JSONWriter()
            try statement.write(to: &writer)
            let entries = try #require(try JSON(parsing: writer.bytes)["entries"]?.array)
            #expect(entries.map { $0["amount"] }.prefix(1) == ["5"])
            #expect(entries.first?["block"]?.unsigned == 1)
        }
    }

    @Test func `what an account has of many tokens is of one block`() async throws {
        try await RPCTestNode.with { test async throws in
            // More than are looked up at once.
            let tokens = 140
            var create = ABIWriter(selector: ITokens.Function.create.rawValue, words: 1)
            create.write(
                ITokens.NewToken(
                    name: "Test Yuan", symbol: "TCNY", decimals: 2, cap: 0, initialSupply: 1_000,
                    controls: 0, uri: ""))
            let data = create.finish()
            _ = try await test.test.run(
                (0..<UInt64(tokens)).map {
                    TestNode.transfer(
                        from: 1, nonce: $0, to: .tokens, value: 0, gasLimit: 20_000_000, data: data)
                })
            let last = try await test.call("dip_tokens", .integer(tokens), 1)
            let address = try #require(last["tokens"]?[0]?["address"]?.address)
            let payments = (0..<300 as Range<UInt64>).map { number in
                TestNode.transfer(
                    from: 1, nonce: UInt64(tokens) + number, to: address, value: 0,
                    gasLimit: 200_000,
                    data: test.data(
                        0xa905_9cbb, Hash32(word: test.keys[2]), Hash32(word: 1)))
            }
            let hasPaid = Atomic(false)
            let node = test.test
            async let paying: Void = {
                defer { hasPaid.store(true, ordering: .releasing) }
                // A block each.
                for payment in payments { _ = try await node.run([payment]) }
            }()
            var blocks: Set<Int64> = []
            while !hasPaid.load(ordering: .acquiring) {
                let answer = try await test.call("dip_balances", .data(test.keys[1].bytes))
                let balances = try #require(answer["balances"]?.array)
                try #require(balances.count == tokens + 1)
                blocks.insert(try #require(answer["block"]?.integer))
                // The account's nonce is that of DIP, the first; each payment takes one of the last.
                let nonce = try #require(answer["nonce"]?.integer)
                let amount = try #require(balances.last?["amount"]?.string.flatMap { Int64($0) })
                try #require(nonce + amount == Int64(tokens) + 1_000)
            }
            try await paying
            #expect(blocks.count > 10)
        }
    }
}
