import Gateway
import JSON
import Ledger
import TestSupport
import Testing

@testable import Node

/// What subscriptions of all clients may name together.
@Suite struct SubscriptionLimitTests {
    private func filter(_ addresses: Int, as name: String = "address") -> JSON {
        [
            name: .array(
                (0..<UInt32(addresses)).map { .data(Address(high: 1, middle: 2, low: $0).bytes) })
        ]
    }

    @Test func `clients that name as much as they may leave others what names little`()
        async throws
    {
        var limits = RPCLimits()
        limits.filterWords = 20
        try await RPCTestNode.with(limits: limits) { node in
            let greedy = try await RPCWebSocket.connect(node.endpoint)
            _ = try await greedy.call("eth_subscribe", ["logs", filter(20)])
            let other = try await RPCWebSocket.connect(node.endpoint)
            let fault = await #expect(throws: ClientFault.self) {
                try await other.call("eth_subscribe", ["logs", filter(9)])
            }
            guard case .method(let error)? = fault else { return }
            #expect(error.code == -32005 && error.message.contains("at most 20 contracts"))
            _ = try await other.call("eth_subscribe", ["logs", filter(8)])
            _ = try await other.call("dip_subscribe", ["events", .object([])])
            await other.close()
            await greedy.close()
        }
    }

    /// A node's methods for subscriptions and those that are given, over a connection.
    private func with(
        _ limits: RPCLimits = RPCLimits(), subscriptions: Int = 64,
        adding more: (inout RPCMethods, RPCContext) -> Void = { _, _ in },
        _ body: (RPCEndpoint, RPCContext) async throws -> Void
    ) async throws {
        let folder = TemporaryFolder()
        let test = try TestNode(in: folder, manualClock: true)
        let context = RPCContext(test.node, limits)
        var methods = RPCMethods()
        methods.addSubscriptions(context)
        methods.addEvents(context)
        more(&methods, context)
        var configuration = ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0))
        configuration.limits.subscriptions = subscriptions
        let server = try await RPCServer.start(configuration, methods: methods)
        do {
            try await body(try RPCEndpoint("http://127.0.0.1:\(server.port!)"), context)
        } catch {
            Issue.record(error)
        }
        await server.stop(within: 200)
        test.node.stop()
    }

    private func subscribeToAll(
        _ socket: RPCWebSocket
    ) async throws -> [(end: String, id: JSON)] {
        let heads = try await socket.call("eth_subscribe", ["newHeads"])
        let logs = try await socket.call("eth_subscribe", ["logs", filter(3)])
        let events = try await socket.call(
            "dip_subscribe", ["events", ["filter": filter(4, as: "contracts")]])
        return [("eth_unsubscribe", heads), ("eth_unsubscribe", logs), ("dip_unsubscribe", events)]
    }

    @Test func `nothing is left of subscriptions that ended, without a block between`()
        async throws
    {
        try await with { endpoint, context in
            let socket = try await RPCWebSocket.connect(endpoint)
            let first = try await subscribeToAll(socket)
            #expect(context.feeds.load == (3, 7))
            _ = try await subscribeToAll(socket)
            #expect(context.feeds.load == (6, 14))
            for (end, id) in first { #expect(try await socket.call(end, [id]) == true) }
            #expect(context.feeds.load == (3, 7))
            await socket.close()
            try await until("the rest goes with its connection") { context.feeds.load == (0, 0) }
        }
    }

    @Test func `a subscription that ends before it is entered leaves nothing`() async throws {
        let adding: (inout RPCMethods, RPCContext) -> Void = { methods, context in
            methods.value("subscribe") { (request) throws(RPCError) in
                let feeds = context.feeds
                for kind in 0..<3 {
                    let subscriber = try feeds.open(request)
                    subscriber.subscription.end()
                    switch kind {
                    case 0: feeds.add(heads: subscriber)
                    case 1: try feeds.add(logs: subscriber, LogFilter(addresses: [.dip]))
                    default:
                        try feeds.add(
                            events: subscriber, LogFilter(addresses: [.dip]),
                            from: EventCursor(0, 0), context)
                    }
                }
                return .bool(true)
            }
        }
        try await with(adding: adding) { endpoint, context in
            let socket = try await RPCWebSocket.connect(endpoint)
            #expect(try await socket.call("subscribe", []) == true)
            #expect(context.feeds.load == (0, 0))
            await socket.close()
        }
    }
}
