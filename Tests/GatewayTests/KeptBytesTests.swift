import Glibc
import JSON
import NIOCore
import Synchronization
import Testing

@testable import Gateway

/// What is kept for callers, all together.
struct KeptBytesTests {
    private static let limit = 1 << 20

    /// Methods whose answers are as large as a test wants.
    private static var methods: RPCMethods {
        var methods = RPCMethods.forTests
        methods.value("large") { (request) throws(RPCError) in try largeText(request) }
        methods.offloaded("largeLater") { (request, writer) throws(RPCError) in
            writer.value(try largeText(request))
        }
        return methods
    }

    private static func largeText(_ request: RPCRequest) throws(RPCError) -> JSON {
        .string(String(repeating: "x", count: Int(try request.params().quantity64(0, "count"))))
    }

    private func call(_ method: String, _ params: String = "[]") -> String {
        #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#
    }

    /// Lets eight connections do the same, and expects that some are ended and others are served.
    private func expectSomeEnd(
        atMost: Double = 7, webSocket: Bool = false, _ act: @Sendable (RawConnection) -> Void
    ) async throws {
        let metrics = Metrics()
        let gate = Gate()
        var methods = Self.methods
        methods.deferred("held") { _, reply in gate.hold(reply) }
        methods.run(["heldTogether"], waits: true) { calls in
            for call in calls { gate.hold(call.reply) }
        }
        // What it waits for comes soon, so that its small bodies do not count.
        methods.run(["heldBriefly"]) { calls in
            for call in calls { gate.hold(call.reply) }
        }
        methods.run(["heldLists"]) { calls in
            for call in calls where (try? call.rawTransactions()) != nil { gate.hold(call.reply) }
        }
        try await withServer(
            methods, metrics: metrics, edit: { $0.limits.keptBytes = Self.limit }
        ) { _, port in
            var connections: [RawConnection] = []
            for _ in 0..<8 {
                let connection = try RawConnection(port: port)
                if webSocket { #expect(try await connection.upgrade().status == 101) }
                act(connection)
                connections.append(connection)
            }
            try await metrics.waitForEnded(1)
            #expect((1...atMost).contains(metrics.endedForGreed))
            let modest = try RawConnection(port: port)
            modest.post(call("now"))
            #expect(try await modest.response().status == 200)
            withExtendedLifetime(connections) {}
        }
        gate.release(true)
    }

    @Test func `bodies that do not end are bounded all together`() async throws {
        let part = String(repeating: " ", count: 300_000)
        try await expectSomeEnd { connection in
            connection.send(
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 8000000\r\n\r\n" + part)
        }
    }

    @Test func `answers that wait for one before them are bounded all together`() async throws {
        try await expectSomeEnd { connection in
            connection.post(call("held"))
            connection.post(call("largeLater", "[300000]"))
            connection.post("[" + call("held") + "," + call("largeLater", "[300000]") + "]")
        }
    }

    @Test func `answers that are not read are bounded all together`() async throws {
        // More than the system takes for a connection; each alone is above the bound, so that all may end.
        try await expectSomeEnd(atMost: 8) { connection in
            connection.post(call("large", "[8000000]"))
        }
    }

    @Test func `calls that wait together are bounded all together`() async throws {
        let calls = [String](repeating: call("heldTogether"), count: 300)
        try await expectSomeEnd { $0.post("[" + calls.joined(separator: ",") + "]") }
    }

    @Test func `what becomes of short lists is bounded all together`() async throws {
        let list = "[[" + [String](repeating: #""0x""#, count: 1_000).joined(separator: ",") + "]]"
        try await expectSomeEnd { $0.post(call("heldLists", list)) }
    }

    @Test func `a frame that does not end is bounded with all others`() async throws {
        try await expectSomeEnd(webSocket: true) { connection in
            // The head of a frame of four million bytes, and a part of them.
            let head: [UInt8] = [0x81, 0xff, 0, 0, 0, 0, 0, 0x3d, 0x09, 0, 0, 0, 0, 0]
            connection.send(head + [UInt8](repeating: 0x20, count: 300_000))
        }
    }

    @Test func `single calls that wait are bounded all together`() async throws {
        try await expectSomeEnd { connection in
            for _ in 0..<100 { connection.post(call("held")) }
        }
    }

    @Test func `frames that wait are bounded all together`() async throws {
        let pings = [[UInt8]](repeating: [0x89, 0x80, 0, 0, 0, 0], count: 10_000).flatMap { $0 }
        let text = Array(call("heldBriefly").utf8)
        let calls = [[UInt8]](
            repeating: [0x81, 0x80 | UInt8(text.count), 0, 0, 0, 0] + text, count: 128
        ).flatMap { $0 }
        try await expectSomeEnd(atMost: 8, webSocket: true) { connection in
            // The first are answered, and are for the reading to become large.
            connection.send(pings + calls + pings)
        }
    }

    @Test func `requests that wait are bounded all together`() async throws {
        func request(_ line: String, _ body: String = "") -> String {
            "\(line) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
        }
        let calls = String(repeating: request("POST /", call("heldBriefly")), count: 128)
        let small = String(repeating: request("GET /"), count: 4_000)
        try await expectSomeEnd(atMost: 8) { connection in
            // For the reading to become large.
            connection.post(String(repeating: " ", count: 100_000) + call("now"))
            connection.send(calls + small)
        }
    }

    @Test func `what a connection asked for is left undone when it is gone`() async throws {
        let begun = Atomic<Int>(0)
        let (arrivals, arrived) = AsyncStream<Void>.makeStream()
        let stop = Mutex(false)
        var methods = RPCMethods.forTests
        methods.offloaded("long", isLong: true) { (_, writer) throws(RPCError) in
            begun.wrappingAdd(1, ordering: .relaxed)
            arrived.yield()
            while !stop.withLock({ $0 }) { usleep(1_000) }
            writer.bool(true)
        }
        let metrics = Metrics()
        try await withServer(methods, metrics: metrics, edit: { $0.workerThreads = 1 }) { _, port in
            var gone: RawConnection? = try RawConnection(port: port)
            for _ in 0..<20 { gone?.post(call("long")) }
            var iterator = arrivals.makeAsyncIterator()
            await iterator.next()
            gone = nil
            try await metrics.wait(for: "dip_connections 0")
            // Nor is it kept until its turn comes.
            try await metrics.wait(for: #"dip_rpc_dropped_total{method="long"} 19"#)
            stop.withLock { $0 = true }
            // Whoever comes later waits for what was begun only.
            let other = try RawConnection(port: port)
            other.post(call("long"))
            #expect(try await other.response().body.contains("true"))
            #expect(begun.load(ordering: .relaxed) == 2)
        }
    }

    @Test func `books are even when a connection is over`() {
        let relieved = Atomic<Int>(0)
        let kept = KeptBytes(limit: 100) { relieved.wrappingAdd(1, ordering: .relaxed) }
        let (one, other) = (kept.part(of: .v4(1)), kept.part(of: .v4(2)))
        one.change(by: 60)
        other.change(by: 40)
        #expect(relieved.load(ordering: .relaxed) == 0)
        other.change(by: 1)
        #expect(relieved.load(ordering: .relaxed) == 1)
        #expect(one.dismiss() && !one.dismiss())
        // What comes later for a connection that is over does not count.
        one.change(by: 7)
        one.change(by: -60)
        #expect((kept.count, one.count, other.count) == (41, 0, 41))
        // What is kept for those that end has its bound, too, until they have.
        other.change(by: 1)
        #expect(kept.hasRoom && other.dismiss() && !kept.hasRoom)
        one.end()
        #expect(kept.hasRoom)
        other.end()
        other.end()
        #expect(kept.count == 0 && kept.hasRoom)
    }

    @Test func `many small connections of one client weigh as much as a large one`() {
        let clients = ClientTable(rate: nil)
        let kept = KeptBytes(limit: 100, clients: clients) {}
        var small = (0..<4).map { _ in kept.part(of: .v4(1)) }
        let large = kept.part(of: .v6(1))
        large.change(by: 50)
        for part in small { part.change(by: 20) }
        small[3].change(by: 1)
        #expect(small[3].weight == (81, 21) && large.weight == (50, 50))
        // As they end, the client weighs less.
        #expect(small[3].dismiss() && small[2].dismiss())
        #expect(small[0].weight == (40, 20))
        small[2].end()
        #expect(small[0].weight == (40, 20) && clients.count == 2)
        small[0].end()
        small[1].end()
        small[3].end()
        small = []
        #expect(clients.count == 1 && kept.count == 50)
    }

    @Test func `a client with many small connections loses them, another its large one not`()
        async throws
    {
        let metrics = Metrics()
        try await withServer(
            metrics: metrics, edit: { $0.limits.keptBytes = Self.limit }
        ) { _, port in
            func body(_ bytes: Int, of whole: Int) -> String {
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(whole)\r\n\r\n" + String(repeating: " ", count: bytes)
            }
            let honest = try RawConnection(port: port, from: "127.0.0.2")
            honest.send(body(400_000, of: 400_000 + call("now").utf8.count))
            var many: [RawConnection] = []
            for _ in 0..<20 {
                many.append(try RawConnection(port: port))
                many.last?.send(body(100_000, of: 8_000_000))
            }
            try await metrics.waitForEnded(8)
            honest.send(call("now"))
            #expect(try await honest.response().status == 200)
            withExtendedLifetime(many) {}
        }
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false),
        ("2001:db8::1", "2001:db8::ffff:2", true), ("2001:db8::1", "2001:db8:0:1::1", false),
        ("::ffff:10.0.0.1", "10.0.0.1", true), ("::ffff:10.0.0.1", "::ffff:10.0.0.2", false),
    ])
    func `connections from one host are one client's`(
        one: String, other: String, isSame: Bool
    ) throws {
        let addresses = try [one, other].map {
            ClientAddress(try SocketAddress(ipAddress: $0, port: 1))
        }
        #expect((addresses[0] == addresses[1]) == isSame)
        #expect(ClientAddress(nil) == .here && addresses[0] != .here)
    }
}
