import Gateway
import JSON
import Ledger
import Storage
import TestSupport
import Testing
import Threads

@testable import Node

/// What is answered about blocks that were forgotten, before or while they are read.
@Suite struct ForgottenBlocksTests {
    /// A node with nine blocks behind the first, a payment in each, of which those below the fifth are forgotten on
    /// demand.
    private func with(
        _ body: (RPCTestNode, _ forget: @escaping @Sendable () -> Void) async throws -> Void
    ) async throws {
        try await RPCTestNode.with { test async throws in
            for _ in 0..<9 { try await test.send(from: 1, to: test.keys[2], value: 5) }
            let history = test.test.node.history
            try await until("block 9 is stored") { history.tip ?? 0 >= 9 }
            try await body(test) { try! history.prune(below: 5) }
        }
    }

    @Test func `events that are not kept are not passed over`() async throws {
        try await with { test, forget async throws in
            let all = try await test.call("dip_events", "5:0")
            forget()
            for cursor in ["0:0", "4:1"] as [JSON] {
                let error = try await test.failure("dip_events", cursor)
                #expect(error.code == -32000)
                // The way out.
                #expect(
                    error.message.contains("Go on with \"5:0\"") && error.data?["oldest"] == "5:0")
                // What the filter would not let through counts, too: nobody knows any more.
                let filter: JSON = ["events": ["Paid"]]
                #expect(try await test.failure("dip_events", cursor, filter).code == -32000)
                let socket = try await RPCWebSocket.connect(test.endpoint)
                await #expect(throws: ClientFault.method(error)) {
                    try await socket.call("dip_subscribe", ["events", ["cursor": cursor]])
                }
                await socket.close()
            }
            #expect(try await test.call("dip_events", "5:0") == all)
            #expect(all["events"]?.array?.isEmpty == false)
        }
    }

    @Test func `a walk through logs fails where blocks are forgotten meanwhile`() async throws {
        try await with { test, forget async throws in
            let query = LogQuery(
                context: RPCContext(test.test.node, RPCLimits()), filter: LogFilter())
            var heights: [UInt64] = []
            let error = #expect(throws: RPCError.self) {
                try query.visit(1...9) { log in
                    if heights.isEmpty { forget() }
                    heights.append(log.block.header.height)
                    return true
                }
            }
            #expect(error?.message == "block 2 is not kept here; blocks are kept from 5 on")
            #expect(Set(heights) == [1])
            // The index has nothing of them any more, and no block could be missed by reading.
            #expect(throws: RPCError.self) { try query.visit(1...9) { _ in true } }
            #expect(try query.visit(5...9) { _ in true } == nil)
        }
    }

    @Test func `a filter that missed blocks is removed`() async throws {
        try await with { test, forget async throws in
            let ids = [
                try await test.call("eth_newFilter", .object([])),
                try await test.call("eth_newBlockFilter"),
            ]
            let history = test.test.node.history
            for _ in 0..<3 { try await test.send(from: 1, to: test.keys[2], value: 5) }
            try await until("block 12 is stored") { history.tip ?? 0 >= 12 }
            try history.prune(below: 11)
            for id in ids {
                let error = try await test.failure("eth_getFilterChanges", id)
                #expect(error.message.hasPrefix("filter not found: it was removed, because blocks"))
                #expect(
                    error.message.contains("from 10 on") && error.message.contains("from 11 on"))
                let after = try await test.failure("eth_getFilterChanges", id)
                #expect(after.message == "filter not found")
            }
        }
    }

    /// A connection to a server with one method, which subscribes.
    private func subscribed(
        to context: RPCContext,
        _ subscribe: @escaping @Sendable (Subscriber) throws(RPCError) -> Void,
        _ body: (RPCWebSocket) async throws -> Void
    ) async throws {
        var methods = RPCMethods()
        methods.value("subscribe") { (request) throws(RPCError) in
            let subscriber = try context.feeds.open(request)
            try subscribe(subscriber)
            return .string(subscriber.subscription.id)
        }
        let server = try await RPCServer.start(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0)), methods: methods)
        let socket = try await RPCWebSocket.connect(
            try RPCEndpoint("http://127.0.0.1:\(server.port!)"))
        _ = try await socket.call("subscribe", [])
        try await body(socket)
        await socket.close()
        await server.stop(within: 200)
    }

    @Test func `a stream ends whose next events were forgotten`() async throws {
        try await with { test, forget async throws in
            let context = RPCContext(test.test.node, RPCLimits())
            let add: @Sendable (Subscriber) throws(RPCError) -> Void = {
                (subscriber) throws(RPCError) in
                // As where it was asked for before.
                forget()
                try context.feeds.add(
                    events: subscriber, LogFilter(), from: EventCursor(4, 0), context)
            }
            try await subscribed(to: context, add) { socket async throws in
                await #expect(throws: ClientFault.self) { try await socket.next() }
            }
        }
    }

    @Test func `whoever is told each block is told no later one where one was forgotten`()
        async throws
    {
        try await with { test, forget async throws in
            let node = test.test.node
            let context = RPCContext(node, RPCLimits())
            let add: @Sendable (Subscriber) -> Void = { context.feeds.add(heads: $0) }
            try await subscribed(to: context, add) { socket async throws in
                context.feeds.published(try #require(try node.block(at: 3)), context)
                #expect(try await socket.next()?.result["number"] == "0x3")
                forget()
                context.feeds.published(node.head, context)
                await #expect(throws: ClientFault.self) { try await socket.next() }
            }
        }
    }

    @Test func `the oldest block and the one of a time are found while blocks are forgotten`()
        async throws
    {
        let folder = TemporaryFolder()
        let test = try TestNode(in: folder)
        defer { test.node.stop() }
        let node = test.node
        let last: UInt64 = 80
        let blocks = try (1...last).map { try bareBlock(height: $0, timeMillis: $0 * 1000) }
        for block in blocks { node.chain.publish(block, transactions: []) }
        try await until("block 0 is stored") { node.history.tip != nil }
        try node.history.append(
            blocks.map {
                BlockRecord(
                    height: $0.header.height, hash: $0.hash, transactions: [], logItems: [],
                    bytes: $0.bytes)
            }, sync: true)
        let forgetter = SystemThread(named: "forgetter") {
            for height in 1...last { try! node.history.prune(below: height) }
        }
        defer { forgetter.join() }
        let context = RPCContext(node, RPCLimits())
        var before: UInt64 = 0
        let end = ContinuousClock.now + .seconds(120)
        while before < last - 1 {
            try #require(ContinuousClock.now < end, "never: block \(last - 1) is the oldest")
            let oldest = try #require(try context.block(.earliest)).header.height
            let found = try #require(
                try context.height(["time": 1], "from", roundingUp: true))
            try #require(oldest >= before && found >= oldest)
            before = oldest
        }
    }
}
