import Glibc
import JSON
import NIOCore
import TestSupport
import Testing

@testable import Gateway

/// Who is let in.
struct AccessTests {
    private static let secret = "0123456789abcdef0123456789abcdef"
    private static let now = #"{"jsonrpc":"2.0","id":1,"method":"now"}"#

    private func status(
        _ headers: [String: String], _ port: Int, path: String = "/", body: String = Self.now
    ) async throws -> (status: Int, body: String) {
        let connection = try RawConnection(port: port)
        connection.post(body, headers: headers, path: path)
        let response = try await connection.response()
        return (response.status, response.body)
    }

    @Test(arguments: [
        ("localhost", 200), ("LOCALHOST:1234", 200), ("127.0.0.1:8545", 200), ("[::1]:1", 200),
        ("[::1]", 200), ("node.bank.example", 200), ("node.bank.example:443", 200),
        ("evil.example", 403), ("localhost.evil.example", 403), ("evil.example:localhost", 403),
        ("127.0.0.1.evil.example", 403), ("", 403), ("::1", 403),
    ])
    func `only hosts of the node's name are let in`(_ host: String, _ expected: Int) async throws {
        try await withServer(edit: { $0.hosts = ["Node.Bank.example"] }) { _, port in
            let answer1 = try await status(["Host": host], port)
            #expect(answer1.status == expected)
        }
    }

    @Test func `a request names exactly one host`() async throws {
        try await withServer { _, port in
            for headers in [
                "", "Host: localhost\r\nHost: localhost\r\n",
                "Host: localhost\r\nOrigin: http://a\r\nOrigin: http://b\r\n",
            ] {
                let connection = try RawConnection(port: port)
                connection.send("POST / HTTP/1.1\r\n\(headers)Content-Length: 0\r\n\r\n")
                #expect(try await connection.response().status == 400)
            }
        }
    }

    @Test func `pages of other origins are kept out, allowed ones are told so`() async throws {
        try await withServer(edit: { $0.origins = ["https://wallet.example"] }) { _, port in
            for origin in [
                "https://evil.example", "null", "https://wallet.example.evil.example",
                "https://chrome-extension://x",
            ] {
                let answer2 = try await status(["Origin": origin], port)
                #expect(answer2.status == 403)
            }
            let connection = try RawConnection(port: port)
            connection.post(Self.now, headers: ["Origin": "https://wallet.example"])
            let response = try await connection.response()
            #expect(response.status == 200)
            #expect(
                response.head.contains("access-control-allow-origin: https://wallet.example\r\n"))
            #expect(response.head.contains("vary: origin\r\n"))

            for (origin, expected) in [("https://wallet.example", 204), ("https://a.example", 403)]
            {
                connection.send(
                    "OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: \(origin)\r\n"
                        + "Access-Control-Request-Method: POST\r\n\r\n")
                let preflight = try await connection.response()
                #expect(preflight.status == expected)
                #expect(preflight.head.contains("allow-headers") == (expected == 204))
            }
        }
    }

    @Test func `a wallet in the browser may call unless that is turned off`() async throws {
        for isAllowed in [true, false] {
            try await withServer(edit: { $0.allowsBrowserExtensions = isAllowed }) { _, port in
                for scheme in ["chrome-extension", "moz-extension", "safari-web-extension"] {
                    let answer = try await status(["Origin": "\(scheme)://abc"], port)
                    #expect(answer.status == (isAllowed ? 200 : 403))
                }
            }
        }
    }

    @Test(arguments: [("127.0.0.1", 403), ("0.0.0.0", 200)])
    func `a node on the network may be called by any address`(
        _ listening: String, _ expected: Int
    ) async throws {
        try await withServer(edit: {
            $0.address = .tcp(host: listening, port: 0)
            $0.allowsUnprotectedAddress = true
        }) { _, port in
            for host in ["10.1.2.3:8545", "[2001:db8::1]"] {
                let answer = try await status(["Host": host], port)
                #expect(answer.status == expected)
            }
            for host in ["10.1.2.3.evil.example", "10.1.2", "evil.example", "[::1"] {
                let answer = try await status(["Host": host], port)
                #expect(answer.status == 403)
            }
        }
    }

    @Test func `a token opens what its scopes name and nothing else`() async throws {
        let read = try AccessToken(name: "monitor", scopes: .read, secret: Self.secret)
        let dev = try AccessToken(
            name: "developer", scopes: [.read, .dev], secret: Self.secret + "-dev")
        let advance = #"{"jsonrpc":"2.0","id":1,"method":"advance"}"#
        try await withServer(edit: { $0.tokens = [read, dev] }) { _, port in
            func with(_ token: String?, _ body: String) async throws -> (status: Int, body: String)
            {
                try await status(token.map { ["Authorization": $0] } ?? [:], port, body: body)
            }
            let answer3 = try await with(nil, Self.now)
            #expect(answer3.status == 401)
            let answer4 = try await with("Bearer \(Self.secret)x", Self.now)
            #expect(answer4.status == 401)
            #expect(try await with("Bearer \(Self.secret.dropLast())", Self.now).status == 401)
            let answer5 = try await with("Bearer ", Self.now)
            #expect(answer5.status == 401)
            let answer6 = try await with("Basic \(Self.secret)", Self.now)
            #expect(answer6.status == 401)
            let answer7 = try await with("bearer \(Self.secret)", Self.now)
            #expect(answer7.status == 200)
            let denied = try await with("Bearer \(Self.secret)", advance)
            #expect(try JSON(parsing: denied.body)["error"]?["code"] == -32001)
            #expect(denied.body.contains("scope dev"))
            let answer8 = try await with("Bearer \(Self.secret)-dev", advance)
            #expect(answer8.body.contains("true"))
        }
    }

    @Test func `pages need a token only if they say so`() async throws {
        var routes = HTTPRoutes()
        routes.get("/health") { query in .text("up \(query)") }
        routes.get("/metrics", scope: .read) { _ in .text("numbers") }
        let token = try AccessToken(name: "monitor", scopes: .read, secret: Self.secret)
        try await withServer(routes: routes, edit: { $0.tokens = [token] }) { _, port in
            func get(_ path: String, _ more: String = "", method: String = "GET") async throws
                -> (status: Int, head: String, body: String)
            {
                let connection = try RawConnection(port: port)
                connection.send("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(more)\r\n")
                guard method == "HEAD" else { return try await connection.response() }
                let head = try await connection.head()
                return (Int(head.split(separator: " ")[1]) ?? 0, head, "")
            }
            let answer9 = try await get("/health?deep=1")
            #expect(answer9.body == "up deep=1")
            let answer10 = try await get("/health", method: "HEAD")
            #expect(answer10.head.contains("content-length: 3"))
            let answer11 = try await get("/metrics")
            #expect(answer11.status == 401)
            let answer0 = try await get("/metrics", "Authorization: Bearer \(Self.secret)\r\n")
            #expect(answer0.body == "numbers")
            let answer12 = try await get("/nothing")
            #expect(answer12.status == 404)
            let answer13 = try await get("/")
            #expect(answer13.status == 405)
            let answer14 = try await get("/health", method: "DELETE")
            #expect(answer14.head.contains("allow: get"))
            let answer15 = try await status([:], port, path: "/rpc")
            #expect(answer15.status == 404)
            let answer16 = try await status([:], port, path: "/health")
            #expect(answer16.status == 405)
            let answer17 = try await status(["Content-Type": "text/plain"], port)
            #expect(answer17.status == 415)
            let untyped = try RawConnection(port: port)
            untyped.send(
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(Self.now.utf8.count)\r\n\r\n"
                    + Self.now)
            #expect(try await untyped.response().status == 415)
        }
    }

    @Test func `too many headers are refused`() async throws {
        try await withServer { _, port in
            let connection = try RawConnection(port: port)
            connection.post(Self.now, headers: ["X": String(repeating: "x", count: 20_000)])
            #expect(try await connection.response().status == 431)
            let answer18 = try await status(["X": "\u{1}"], port)
            #expect(answer18.status == 400)
        }
    }

    @Test func `a connection beyond the limit is told so`() async throws {
        try await withServer(edit: { $0.limits.connections = 1 }) { _, port in
            let first = try RawConnection(port: port)
            first.post(Self.now)
            #expect(try await first.response().status == 200)
            let second = try RawConnection(port: port)
            #expect(try await second.response().status == 503)
            #expect(try await second.readToEnd())
            first.post(Self.now)
            #expect(try await first.response().status == 200)
        }
    }

    @Test func `a client with most of the connections is refused another, others are served`()
        async throws
    {
        let metrics = Metrics()
        try await withServer(metrics: metrics, edit: { $0.limits.connections = 6 }) { _, port in
            var greedy: [RawConnection] = []
            for _ in 0..<4 {
                greedy.append(try RawConnection(port: port))
                greedy.last?.post(Self.now)
                #expect(try await greedy.last?.response().status == 200)
            }
            // More than may linger: those that were refused leave nothing behind.
            for _ in 0..<300 {
                let one = try RawConnection(port: port)
                let answer = try await one.response()
                #expect(answer.status == 503 && answer.body.contains("you have too many"))
                #expect(try await one.readToEnd())
            }
            let other = try RawConnection(port: port, from: "127.0.0.2")
            other.post(Self.now)
            #expect(try await other.response().status == 200)
            #expect(metrics.page().contains("\ndip_connections 5\n"))
            withExtendedLifetime(greedy) {}
        }
    }

    @Test func `calls beyond the rate are refused, each call of a batch counted`() async throws {
        // However slow the machine is, a hundred calls are not allowed again meanwhile.
        let rate = RateLimit(callsPerSecond: 1, burst: 300)
        let many = "[" + [String](repeating: Self.now, count: 200).joined(separator: ",") + "]"
        let token = try AccessToken(name: "erp", scopes: .all, secret: Self.secret)
        for isToken in [false, true] {
            try await withServer(edit: { configuration in
                if isToken {
                    configuration.limits.tokenRate = rate
                    configuration.tokens = [token]
                } else {
                    configuration.limits.connectionRate = rate
                }
            }) { _, port in
                let connection = try RawConnection(port: port)
                let headers = ["Authorization": "Bearer \(Self.secret)"]
                connection.post(many, headers: headers)
                #expect(try await connection.response().status == 200)
                let other = isToken ? try RawConnection(port: port) : connection
                other.post(many, headers: headers)
                let refusal = try await other.response()
                #expect(refusal.status == 429)
                #expect(refusal.head.contains("retry-after"))
                #expect(try JSON(parsing: refusal.body)["error"]?["code"] == -32005)
            }
        }
    }

    @Test func `a bucket fills with time up to its size`() {
        let bucket = TokenBucket(
            RateLimit(callsPerSecond: 10, burst: 5), now: .uptimeNanoseconds(0))
        #expect(bucket.take(5, now: .uptimeNanoseconds(0)))
        #expect(!bucket.take(1, now: .uptimeNanoseconds(99_999_999)))
        #expect(bucket.take(1, now: .uptimeNanoseconds(100_000_000)))
        #expect(!bucket.take(6, now: .uptimeNanoseconds(UInt64.max / 4)))
        #expect(bucket.take(5, now: .uptimeNanoseconds(UInt64.max / 4)))
    }

    // MARK: Files

    @Test func `tokens are read from a file that only its owner can read`() throws {
        let folder = TemporaryFolder()
        let text =
            "# who scopes secret\n\nerp read,send \(Self.secret)\r\nops admin \(Self.secret)2\n"
        let file = try folder.file("tokens", text, mode: 0o600)
        let tokens = try AccessToken.read(file: file)
        #expect(tokens.map(\.name) == ["erp", "ops"])
        #expect(tokens.map(\.scopes) == [[.read, .send], .admin])
        chmod(file, 0o640)
        #expect(throws: ServerFault.self) { try AccessToken.read(file: file) }
        #expect(throws: ServerFault.self) { try AccessToken.read(file: folder.path + "/none") }
    }

    @Test(arguments: [
        "", "# nothing", "erp read", "erp read,fly \(secret)", "erp read short",
        "a read \(secret)\na read \(secret)x", "a read \(secret)\nb read \(secret)",
        "a read \(secret) x", "a read \(secret)\u{e9}",
    ])
    func `a token file that is not understood is refused and shows no secret`(
        _ text: String
    ) throws {
        let folder = TemporaryFolder()
        let file = try folder.file("tokens", text, mode: 0o600)
        let fault = #expect(throws: ServerFault.self) { try AccessToken.read(file: file) }
        #expect(fault?.description.contains(Self.secret) == false)
    }

    @Test func `an address that the network reaches needs TLS and tokens`() throws {
        var configuration = ServerConfiguration(address: .tcp(host: "0.0.0.0", port: 0))
        #expect(throws: ServerFault.self) { try configuration.check() }
        configuration.tls = .init(certificateChain: "a", privateKey: "b")
        #expect(throws: ServerFault.self) { try configuration.check() }
        configuration.tokens = [
            try AccessToken(name: "a", scopes: .read, secret: Self.secret)
        ]
        try configuration.check()
        configuration.tls = nil
        #expect(throws: ServerFault.self) { try configuration.check() }
        configuration.allowsUnprotectedAddress = true
        try configuration.check()
        for host in ["127.0.0.1", "127.9.9.9", "localhost", "::1"] {
            try ServerConfiguration(address: .tcp(host: host, port: 1)).check()
        }
        for host in ["::", "10.0.0.1", "127.0.0.1.example", "example", "127.1"] {
            #expect(throws: ServerFault.self) {
                try ServerConfiguration(address: .tcp(host: host, port: 1)).check()
            }
        }
    }
}

extension TemporaryFolder {
    func file(_ name: String, _ text: String, mode: mode_t) throws -> String {
        let handle = open(file(name), O_WRONLY | O_CREAT | O_TRUNC, mode)
        try #require(handle >= 0)
        let bytes = Array(text.utf8)
        try #require(write(handle, bytes, bytes.count) == bytes.count)
        close(handle)
        return file(name)
    }
}
