import JSON
import NIOCore
import Testing

@testable import Gateway

/// Clients behind a proxy, which the server tells apart by what the proxy says.
struct ProxyTests {
    private static let limit = 1 << 20

    private func withProxiedServer(
        rate: RateLimit? = nil, _ methods: RPCMethods = .forTests, metrics: Metrics = Metrics(),
        _ body: (Int) async throws -> Void
    ) async throws {
        let proxies = [try #require(AddressNetwork("127.0.0.1"))]
        try await withServer(
            methods, metrics: metrics,
            edit: {
                $0.limits.keptBytes = Self.limit
                // Time is not the subject: nobody is to be ended for being slow, however slow the machine.
                $0.limits.headMilliseconds = 600_000
                $0.limits.bodyMilliseconds = 600_000
                $0.limits.idleMilliseconds = 600_000
                $0.limits.pingMilliseconds = 600_000
                $0.limits.connectionRate = rate
                $0.proxies = proxies
            }
        ) { _, port in try await body(port) }
    }

    private func call(_ method: String, id: Int = 1) -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)"}"#
    }

    /// The head of a body, of which as much is sent.
    private func body(_ bytes: Int, of whole: Int, for client: String) -> String {
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "X-Forwarded-For: \(client)\r\nContent-Length: \(whole)\r\n\r\n"
            + String(repeating: " ", count: bytes)
    }

    /// Lets a client with one large body, and another with many small ones that together are more, come
    /// by connections from `source`; tells whether the first was served.
    private func isServedBesideMany(
        from source: String, _ honest: String, _ greedyClient: (Int) -> String
    ) async throws -> Bool {
        let metrics = Metrics()
        var isServed = false
        try await withProxiedServer(metrics: metrics) { port in
            let one = try RawConnection(port: port, from: source)
            // Before, the connection was used for the other.
            one.post(call("now"), headers: ["X-Forwarded-For": greedyClient(0)])
            #expect(try await one.response().status == 200)
            one.send(body(400_000, of: 400_000 + call("now").utf8.count, for: honest))
            var many: [RawConnection] = []
            for number in 0..<20 {
                many.append(try RawConnection(port: port, from: source))
                many.last?.send(body(100_000, of: 8_000_000, for: greedyClient(number)))
            }
            try await metrics.waitForEnded(8)
            one.send(call("now"))
            isServed = (try? await one.response().status) == 200
            withExtendedLifetime(many) {}
        }
        return isServed
    }

    @Test func `what is kept counts by the client that the proxy names`() async throws {
        #expect(
            try await isServedBesideMany(from: "127.0.0.1", "192.0.2.1") { _ in "192.0.2.2" })
    }

    @Test func `an IPv6 client counts by its first half`() async throws {
        #expect(
            try await isServedBesideMany(from: "127.0.0.1", "2001:db8::1") {
                "2001:db8:1:2:\($0)::1"
            })
    }

    @Test func `nobody else is believed whom he speaks for`() async throws {
        // All from one address, so the one with most of its client's bytes goes, whoever that claims to be.
        #expect(
            try await !isServedBesideMany(from: "127.0.0.2", "192.0.2.1") { "198.51.100.\($0)" })
    }

    @Test func `a WebSocket is the client's that its upgrade names`() async throws {
        let metrics = Metrics()
        try await withProxiedServer(metrics: metrics) { port in
            // The head of a frame of half a million bytes, and a part of them.
            func begin(_ connection: RawConnection, _ count: Int) {
                let head: [UInt8] = [0x81, 0xff, 0, 0, 0, 0, 0, 0x07, 0xa1, 0x20, 0, 0, 0, 0]
                connection.send(head + [UInt8](repeating: 0x20, count: count))
            }
            let honest = try RawConnection(port: port)
            #expect(try await honest.upgrade("Forwarded: for=192.0.2.1\r\n").status == 101)
            begin(honest, 400_000)
            var many: [RawConnection] = []
            for _ in 0..<20 {
                let one = try RawConnection(port: port)
                #expect(try await one.upgrade("Forwarded: for=192.0.2.2\r\n").status == 101)
                begin(one, 100_000)
                many.append(one)
            }
            try await metrics.waitForEnded(8)
            honest.send([UInt8](repeating: 0x20, count: 100_000))
            // It is a message of spaces, and answered as that.
            let (opcode, payload) = try await honest.frame()
            #expect(opcode == 1)
            #expect(String(decoding: payload, as: UTF8.self).contains("-32700"))
            withExtendedLifetime(many) {}
        }
    }

    @Test func `a rate is the client's on whatever connections the proxy takes`() async throws {
        // So few a second that it does not matter how long the test takes.
        let rate = RateLimit(callsPerSecond: 1, burst: 1_000)
        let calls = "[" + [String](repeating: call("now"), count: 600).joined(separator: ",") + "]"
        try await withProxiedServer(rate: rate) { port in
            let connections = [try RawConnection(port: port), try RawConnection(port: port)]
            func status(_ connection: Int, _ client: String?) async throws -> Int {
                connections[connection].post(
                    calls, headers: client.map { ["X-Forwarded-For": $0] } ?? [:])
                return try await connections[connection].response().status
            }
            #expect(try await status(0, "192.0.2.2") == 200)
            #expect(try await status(1, "192.0.2.2") == 429)
            #expect(try await status(1, "192.0.2.1") == 200)
            // Without a header the request is the proxy's own.
            #expect(try await status(1, nil) == 200)
            #expect(try await status(1, "192.0.2.2") == 429)
        }
    }

    @Test func `a client finds its rate as it left it, whoever had the connection meanwhile`()
        async throws
    {
        // So few a second that it does not matter how long the test takes.
        let rate = RateLimit(callsPerSecond: 1, burst: 1_000)
        let calls = "[" + [String](repeating: call("now"), count: 600).joined(separator: ",") + "]"
        try await withProxiedServer(rate: rate) { port in
            // One connection for several clients, then one more when no client has any.
            for expected in [[200, 200, 429], [429, 429, 429]] {
                let connection = try RawConnection(port: port)
                for (client, status) in zip(["192.0.2.1", "192.0.2.2", "192.0.2.1"], expected) {
                    connection.post(calls, headers: ["X-Forwarded-For": client])
                    #expect(try await connection.response().status == status)
                }
            }
        }
    }

    @Test func `a client without connections is forgotten when its bucket is full`() throws {
        let clients = ClientTable(rate: RateLimit(callsPerSecond: 1, burst: 10))
        func visit(_ number: UInt32, _ calls: Int, second: Int64) throws -> Bool {
            let now = NIODeadline.uptimeNanoseconds(0) + .seconds(second)
            let client = clients.enter(.v4(number), now: now)
            defer { clients.leave(client, now: now) }
            return try #require(client.calls).take(calls, now: now)
        }
        #expect(try visit(1, 0, second: 100))
        #expect(clients.count == 0)
        #expect(try visit(1, 6, second: 100))
        #expect(try visit(2, 10, second: 100))
        #expect(try !visit(1, 5, second: 100))
        #expect(clients.count == 2)
        // Each is looked at when somebody comes, and only one of them is as if it had asked nothing.
        #expect(try visit(3, 1, second: 106))
        #expect(clients.count == 2)
        #expect(try !visit(2, 7, second: 106))
        #expect(try visit(4, 0, second: 200))
        #expect(clients.count == 0)
    }

    @Test func `clients without connections are known up to a bound`() throws {
        let clients = ClientTable(rate: RateLimit(callsPerSecond: 1, burst: 10))
        let now = NIODeadline.now()
        let present = clients.enter(.here, now: now)
        for number in 0..<UInt32(ClientTable.idleMax + 100) {
            let client = clients.enter(.v4(number), now: now)
            #expect(try #require(client.calls).take(1, now: now))
            clients.leave(client, now: now)
        }
        #expect(clients.count == ClientTable.idleMax + 1)
        #expect(clients.enter(.here, now: now) === present)
    }

    @Test func `another client's request waits for those before it on the connection`() async throws
    {
        let gate = Gate()
        var methods = RPCMethods.forTests
        methods.deferred("held") { _, reply in gate.hold(reply) }
        try await withProxiedServer(methods) { port in
            let connection = try RawConnection(port: port)
            let (one, other) = (
                ["X-Forwarded-For": "192.0.2.1"], ["X-Forwarded-For": "192.0.2.2"]
            )
            for id in 1...2 { connection.post(call("held", id: id), headers: one) }
            connection.post(call("held", id: 3), headers: other)
            connection.post(call("now", id: 4), headers: one)
            await gate.wait(for: 2)
            // The node answers another meanwhile, and has then read what came before.
            let witness = try RawConnection(port: port)
            witness.post(call("work"))
            #expect(try await witness.response().status == 200)
            #expect(gate.count == 2)
            gate.release(true)
            for id in 1...2 {
                #expect(try await connection.response().body.contains(#""id":\#(id)"#))
            }
            await gate.wait(for: 1)
            gate.release(true)
            for id in 3...4 {
                #expect(try await connection.response().body.contains(#""id":\#(id)"#))
            }
        }
    }

    @Test func `what is kept goes with a connection to its next client`() {
        let clients = ClientTable(rate: nil)
        let kept = KeptBytes(limit: 100, clients: clients) {}
        let (proxied, direct) = (kept.part(of: .v4(1)), kept.part(of: .v4(2)))
        proxied.change(by: 30)
        direct.change(by: 5)
        proxied.move(to: .v4(2))
        proxied.move(to: .v4(2))
        #expect(direct.weight == (35, 5) && proxied.weight == (35, 30))
        #expect(clients.count == 1 && kept.count == 35)
        proxied.change(by: -30)
        proxied.move(to: .v6(1))
        #expect(direct.weight == (5, 5) && proxied.weight == (0, 0))
        #expect(clients.count == 2)
        proxied.end()
        direct.end()
        #expect(kept.count == 0)
    }
}
