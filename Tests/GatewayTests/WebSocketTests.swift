import JSON
import NIOCore
import Synchronization
import Testing

@testable import Gateway

/// JSON-RPC and subscriptions over WebSocket.
struct WebSocketTests {
    private static let now = #"{"jsonrpc":"2.0","id":1,"method":"now"}"#
    private static let nowAnswer = #"{"jsonrpc":"2.0","id":1,"result":"0x7"}"#

    /// A node that lets a test speak to its subscribers.
    private final class Publisher: Sendable {
        let subscriptions = Mutex<[RPCSubscription]>([])
        let ends: AsyncStream<RPCSubscription.End>
        private let ended: AsyncStream<RPCSubscription.End>.Continuation

        init() { (ends, ended) = AsyncStream.makeStream() }

        var methods: RPCMethods {
            var methods = RPCMethods.forTests
            // On another thread than the connection's, so that the order is not a gift of that.
            methods.offloaded("eth_subscribe") { [self] (request, writer) throws(RPCError) in
                let subscription = try request.subscribe { [ended] end in ended.yield(end) }
                subscriptions.withLock { $0.append(subscription) }
                // A client must not see this before it knows the subscription.
                subscription.send(Self.text("early"))
                writer.string(subscription.id)
            }
            methods.value("eth_unsubscribe") { (request) throws(RPCError) in
                .bool(request.unsubscribe(try request.params().string(0, "id")))
            }
            return methods
        }

        static func text(_ text: String) -> JSONWriter {
            var writer = JSONWriter()
            writer.string(text)
            return writer
        }

        func send(_ text: String) -> Bool {
            let result = Self.text(text)
            return subscriptions.withLock { $0.reduce(true) { $1.send(result) && $0 } }
        }
    }

    private func connect(_ port: Int) async throws -> RawConnection {
        let connection = try RawConnection(port: port)
        let response = try await connection.upgrade()
        #expect(response.status == 101)
        // RFC 6455's own example.
        #expect(response.head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="))
        return connection
    }

    private func nextText(_ connection: RawConnection) async throws -> String {
        let (opcode, payload) = try await connection.frame()
        #expect(opcode == 1)
        return String(decoding: payload, as: UTF8.self)
    }

    @Test(arguments: [("now", "0x7"), ("work", "worked")])
    func `a call that comes with the upgrade is answered`(
        method: String, result: String
    ) async throws {
        try await withServer { _, port in
            let connection = try RawConnection(port: port)
            let call = Array(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)"}"#.utf8)
            connection.send(
                Array(
                    ("GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        + "Sec-WebSocket-Version: 13\r\n\r\n").utf8)
                    + [0x81, 0x80 | UInt8(call.count), 0, 0, 0, 0] + call)
            #expect(try await connection.response().status == 101)
            let frame = try await connection.frame()
            #expect(String(decoding: frame.payload, as: UTF8.self).contains(result))
        }
    }

    @Test func `calls are answered as they are over HTTP`() async throws {
        try await withServer { _, port in
            let connection = try await connect(port)
            connection.text(Self.now)
            #expect(try await nextText(connection) == Self.nowAnswer)
            connection.text("[\(Self.now),\(#"{"jsonrpc":"2.0","method":"later"}"#)]")
            #expect(try await nextText(connection) == "[\(Self.nowAnswer)]")
            connection.text("{")
            #expect(try await nextText(connection).contains("-32700"))
        }
    }

    @Test func `a client that calls its text binary is answered with text`() async throws {
        try await withServer { _, port in
            let connection = try await connect(port)
            connection.frame(2, Array(Self.now.utf8))
            #expect(try await nextText(connection) == Self.nowAnswer)
            // Whatever it is called, it must be UTF-8.
            connection.frame(2, [0x22, 0xff, 0x22])
            #expect(try await connection.closeCode() == 1007)
        }
    }

    @Test func `the answer to an upgrade says nothing twice`() async throws {
        try await withServer { _, port in
            let connection = try RawConnection(port: port)
            let head = try await connection.upgrade().head
            let names = head.split(separator: "\r\n").dropFirst().map {
                $0.split(separator: ":")[0]
            }
            #expect(Set(names).count == names.count, "\(head)")
            #expect(names.contains("upgrade") && names.contains("connection"))
        }
    }

    @Test func `a message in pieces is put together, control frames between them`() async throws {
        try await withServer { _, port in
            let connection = try await connect(port)
            let bytes = Array(Self.now.utf8)
            connection.frame(1, Array(bytes[..<10]), isLast: false)
            connection.frame(9, [1, 2, 3])
            connection.frame(0, Array(bytes[10..<11]), isLast: false)
            connection.frame(0, [], isLast: false)
            connection.frame(0, Array(bytes[11...]))
            let (opcode, payload) = try await connection.frame()
            #expect(opcode == 10 && payload == [1, 2, 3])
            #expect(try await nextText(connection) == Self.nowAnswer)
        }
    }

    @Test func `what breaks the protocol ends the connection with its code`() async throws {
        try await withServer(edit: { $0.limits.messageBytes = 1_000 }) { _, port in
            let cases: [(Int, (RawConnection) -> Void)] = [
                (1002, { $0.frame(1, [0x31], isMasked: false) }),
                (1002, { $0.frame(1, [0x31], reserved: 0x40) }),
                (1002, { $0.frame(0, [0x31]) }),
                (1002, { $0.frame(3, []) }),
                (1002, { $0.frame(9, [], isLast: false) }),
                (1002, { $0.frame(9, [UInt8](repeating: 0, count: 126)) }),
                (
                    1002,
                    {
                        $0.frame(1, [0x31], isLast: false)
                        $0.frame(1, [0x31])
                    }
                ),
                (1007, { $0.frame(1, [0x22, 0xff, 0x22]) }),
                (1009, { $0.frame(1, [UInt8](repeating: 0x20, count: 1_001)) }),
                (
                    1009,
                    {
                        $0.frame(1, [UInt8](repeating: 0x20, count: 600), isLast: false)
                        $0.frame(0, [UInt8](repeating: 0x20, count: 600))
                    }
                ),
                (1000, { $0.frame(8, [0x03, 0xe8]) }),
            ]
            for (index, (code, act)) in cases.enumerated() {
                let connection = try await connect(port)
                act(connection)
                #expect(try await connection.closeCode() == code, "case \(index)")
            }
        }
    }

    @Test func `what is no proper request for WebSocket is refused`() async throws {
        try await withServer { _, port in
            let head = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            for rest in [
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n",
                "Connection: Upgrade\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: eA==\r\n",
            ] {
                let connection = try RawConnection(port: port)
                connection.send(head + rest + "\r\n")
                #expect(try await connection.response().status == 400)
            }
            let evil = try RawConnection(port: port)
            #expect(try await evil.upgrade("Origin: https://evil.example\r\n").status == 403)
        }
    }

    @Test func `a subscriber gets what is sent, after its answer and until it ends`() async throws {
        let publisher = Publisher()
        try await withServer(publisher.methods) { _, port in
            let client = try await RPCWebSocket.connect(try RPCEndpoint("ws://127.0.0.1:\(port)"))
            let id = try await client.call("eth_subscribe", ["newHeads"]).string
            #expect(publisher.send("one"))
            #expect(publisher.send("two"))
            for expected in ["early", "one", "two"] {
                let notification = try await client.next()
                #expect(notification?.subscription == id)
                #expect(notification?.result.string == expected)
            }
            #expect(try await client.call("eth_unsubscribe", [.string(id ?? "")]) == true)
            #expect(try await client.call("eth_unsubscribe", [.string(id ?? "")]) == false)
            #expect(!publisher.send("three"))
            var ends = publisher.ends.makeAsyncIterator()
            #expect(await ends.next() == .ended)
            await client.close()
            #expect(try await client.next() == nil)
        }
    }

    @Test func `the raw order on the wire is answer first`() async throws {
        let publisher = Publisher()
        try await withServer(publisher.methods) { _, port in
            let connection = try await connect(port)
            connection.text(#"{"jsonrpc":"2.0","id":5,"method":"eth_subscribe","params":[]}"#)
            let answer = try JSON(parsing: try await nextText(connection))
            let id = try #require(answer["result"]?.string)
            #expect(
                try await nextText(connection)
                    == #"{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"\#(id)","result":"early"}}"#
            )
        }
    }

    @Test func `a subscriber that reads too slowly is cut off with 1013`() async throws {
        let publisher = Publisher()
        let metrics = Metrics()
        try await withServer(
            publisher.methods, metrics: metrics,
            edit: { $0.limits.webSocketQueueBytes = 100_000 }
        ) { _, port in
            let connection = try await connect(port)
            connection.text(#"{"jsonrpc":"2.0","id":5,"method":"eth_subscribe"}"#)
            _ = try await nextText(connection)
            // More than the system's buffers hold between two sockets, by far.
            let block = String(repeating: "x", count: 10_000)
            var sent = 0
            while sent < 100_000, publisher.send(block) { sent += 1 }
            #expect(sent < 100_000)
            var ends = publisher.ends.makeAsyncIterator()
            #expect(await ends.next() == .tooSlow)
            #expect(!publisher.send("more"))
            #expect(try await connection.closeCode() == 1013)
            #expect(metrics.page().contains("\ndip_slow_subscribers_total 1\n"))
        }
    }

    @Test func `a connection has a limited number of subscriptions`() async throws {
        let publisher = Publisher()
        try await withServer(publisher.methods, edit: { $0.limits.subscriptions = 2 }) { _, port in
            let client = try await RPCWebSocket.connect(try RPCEndpoint("ws://127.0.0.1:\(port)"))
            let first = try await client.call("eth_subscribe")
            _ = try await client.call("eth_subscribe")
            let fault = await #expect(throws: ClientFault.self) {
                try await client.call("eth_subscribe")
            }
            guard case .method(let error)? = fault else { return #expect(Bool(false)) }
            #expect(error.code == -32005)
            _ = try await client.call("eth_unsubscribe", [first])
            _ = try await client.call("eth_subscribe")
            await client.close()
        }
    }

    @Test func `a connection with all subscriptions there may be leaves others a few`() async throws
    {
        let publisher = Publisher()
        try await withServer(publisher.methods, edit: { $0.limits.subscriptionsTotal = 6 }) {
            _, port in
            var clients: [RPCWebSocket] = []
            for most in [6, SubscriptionCount.own, SubscriptionCount.own] {
                let client = try await RPCWebSocket.connect(
                    try RPCEndpoint("ws://127.0.0.1:\(port)"))
                for _ in 0..<most { _ = try await client.call("eth_subscribe") }
                let fault = await #expect(throws: ClientFault.self) {
                    try await client.call("eth_subscribe")
                }
                #expect(fault?.description.contains("at most 6 subscriptions") == true)
                // Its connection stays open.
                _ = try await client.call("now")
                clients.append(client)
            }
            for client in clients { await client.close() }
        }
    }

    @Test func `a subscription ends with its connection`() async throws {
        let publisher = Publisher()
        try await withServer(publisher.methods) { _, port in
            let client = try await RPCWebSocket.connect(try RPCEndpoint("ws://127.0.0.1:\(port)"))
            _ = try await client.call("eth_subscribe")
            await client.close()
            var ends = publisher.ends.makeAsyncIterator()
            #expect(await ends.next() == .disconnected)
        }
    }

    @Test func `over HTTP there are no subscriptions`() async throws {
        try await withServer(Publisher().methods) { _, port in
            let client = RPCClient(try RPCEndpoint("http://127.0.0.1:\(port)"))
            let fault = await #expect(throws: ClientFault.self) {
                try await client.call("eth_subscribe")
            }
            #expect(fault?.description.contains("WebSocket") == true)
            await client.close()
        }
    }

    @Test func `a stopping server says so after the last answer`() async throws {
        let gate = Gate()
        var methods = RPCMethods.forTests
        methods.deferred("held") { _, reply in gate.hold(reply) }
        let server = try await RPCServer.start(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0)), methods: methods)
        let connection = try await connect(try #require(server.port))
        connection.text(#"{"jsonrpc":"2.0","id":1,"method":"held"}"#)
        await gate.wait(for: 1)
        async let stopped: Void = server.stop(within: 60_000)
        gate.release("done")
        #expect(try await nextText(connection).contains("done"))
        #expect(try await connection.closeCode() == 1001)
        connection.frame(8, [0x03, 0xe9])
        await stopped
    }

    @Test func `small notifications count for what they take`() throws {
        let kept = Atomic<Int>(0)
        let feed = SubscriptionFeed(
            byteLimit: 7, countLimit: 1, all: SubscriptionCount(limit: 1)
        ) { kept.wrappingAdd($0, ordering: .relaxed) }
        let id = try feed.open(tag: 0) { _ in }
        _ = feed.activate(tag: 0)
        let message = ByteBuffer(string: "{}")
        for _ in 0..<3 { #expect(feed.push(message, for: id) != nil) }
        let size = SubscriptionFeed.size(of: feed.takeFrames())
        #expect(size == 3 * (2 + 256) && kept.load(ordering: .relaxed) == size)
        // The client is too slow by the bytes that it has to read, though.
        guard case .overflow? = feed.push(message, for: id) else {
            Issue.record("a client that reads nothing was not too slow")
            return
        }
        feed.sent(6, size: size)
        #expect(kept.load(ordering: .relaxed) == 0 && feed.waitingBytes == 0)
    }
}
