import Glibc
import JSON
import TestSupport
import Testing

@testable import Gateway

/// The client against the server: TCP, TLS and socket files.
struct ClientTests {
    private static let secret = "0123456789abcdef0123456789abcdef"

    @Test func `a client makes calls and batches over one connection`() async throws {
        let metrics = Metrics()
        try await withServer(metrics: metrics) { _, port in
            let client = RPCClient(try RPCEndpoint("http://127.0.0.1:\(port)/"))
            #expect(try await client.call("now") == "0x7")
            #expect(try await client.call("echo", ["a", 1]) == ["a", 1])
            let results = try await client.batch([.init("now"), .init("fails"), .init("later")])
            #expect(try results[0].get() == "0x7")
            #expect(try results[2].get() == "late")
            let error = RPCError(code: 3, message: "execution reverted", data: "0x08c379a0")
            #expect(throws: ClientFault.method(error)) { try results[1].get() }
            #expect(metrics.page().contains("\ndip_connections_total 1\n"))
            await client.close()
            #expect(try await client.call("now") == "0x7")
            await client.close()
        }
    }

    @Test func `calls from many tasks are each given their own answer`() async throws {
        try await withServer { _, port in
            let client = RPCClient(try RPCEndpoint("http://127.0.0.1:\(port)"))
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let value = JSON.integer(number)
                        return try await client.call("echo", [value]) == [value]
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
            await client.close()
        }
    }

    @Test func `without a node the address and a hint are in the fault`() async throws {
        let client = RPCClient(try RPCEndpoint("http://127.0.0.1:1"))
        let fault = await #expect(throws: ClientFault.self) { try await client.call("now") }
        #expect(fault?.description.contains("http://127.0.0.1:1: ") == true)
        #expect(fault?.description.contains("Connection refused; is the node running") == true)
    }

    @Test func `an answer that does not come in time is a fault`() async throws {
        let gate = Gate()
        var methods = RPCMethods.forTests
        methods.deferred("held") { _, reply in gate.hold(reply) }
        try await withServer(methods) { _, port in
            var endpoint = try RPCEndpoint("http://127.0.0.1:\(port)")
            endpoint.timeoutMilliseconds = 50
            let client = RPCClient(endpoint)
            let fault = await #expect(throws: ClientFault.self) { try await client.call("held") }
            guard case .timedOut? = fault else { return #expect(Bool(false), "\(fault as Any)") }
            gate.release(nil)
        }
    }

    @Test func `a refusal tells status and reason`() async throws {
        let token = try AccessToken(name: "a", scopes: .read, secret: Self.secret)
        try await withServer(edit: { $0.tokens = [token] }) { _, port in
            let endpoint = try RPCEndpoint("http://127.0.0.1:\(port)")
            let client = RPCClient(endpoint)
            let fault = await #expect(throws: ClientFault.self) { try await client.call("now") }
            guard case .refused(401, let text)? = fault else { return #expect(Bool(false)) }
            #expect(text.contains("needs a token"))
            await client.close()
            await #expect(throws: ClientFault.self) { try await RPCWebSocket.connect(endpoint) }
            var shown = endpoint
            shown.token = Self.secret
            let socket = try await RPCWebSocket.connect(shown)
            #expect(try await socket.call("now") == "0x7")
            await socket.close()
        }
    }

    @Test(arguments: [
        ("http://localhost", "http://localhost:8545"), ("https://a.b:1/", "https://a.b:1"),
        ("ws://[::1]:9", "http://[::1]:9"), ("unix:/a/b", "unix:/a/b"), ("/a", "unix:/a"),
        ("data/admin.sock", "unix:data/admin.sock"),
    ])
    func `an address is read as people write it`(_ text: String, _ expected: String) throws {
        #expect(try RPCEndpoint(text).description == expected)
    }

    @Test(arguments: [
        "", "localhost:8545", "ftp://a", "http://", "http://a:0", "http://a:99999", "http://a/b",
        "http://user@a",
    ])
    func `what is no address is refused`(_ text: String) {
        #expect(throws: ClientFault.self) { try RPCEndpoint(text) }
    }

    @Test func `a token is not sent readable over a network`() async throws {
        var endpoint = try RPCEndpoint("http://192.0.2.1:1")
        endpoint.token = Self.secret
        let fault = await #expect(throws: ClientFault.self) {
            try await RPCClient(endpoint).call("now")
        }
        guard case .misconfigured? = fault else { return #expect(Bool(false), "\(fault as Any)") }
    }

    // MARK: Socket files

    @Test func `a socket file is open to its owner only and allows everything`() async throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/admin.sock"
        let server = try await RPCServer.start(
            ServerConfiguration(address: .unix(path: path)), methods: .forTests)
        var facts = stat()
        #expect(lstat(path, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o600)
        #expect(facts.st_mode & S_IFMT == S_IFSOCK)
        let client = RPCClient(try RPCEndpoint(path))
        #expect(try await client.call("advance") == true)
        await client.close()

        let fault = await #expect(throws: ServerFault.self) {
            try await RPCServer.start(
                ServerConfiguration(address: .unix(path: path)), methods: .forTests)
        }
        #expect(fault?.description.contains("another node listens") == true)
        await server.stop(within: 0)
        #expect(lstat(path, &facts) != 0)
    }

    @Test func `a socket file left behind is replaced, another file is not`() async throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/admin.sock"
        close(try SocketFile.listen(path))
        let server = try await RPCServer.start(
            ServerConfiguration(address: .unix(path: path)), methods: .forTests)
        let client = RPCClient(try RPCEndpoint("unix:\(path)"))
        #expect(try await client.call("now") == "0x7")
        await client.close()
        await server.stop(within: 0)

        let file = try folder.file("plain", "keep me", mode: 0o600)
        #expect(throws: ServerFault.self) { try SocketFile.listen(file) }
        #expect(access(file, F_OK) == 0)
        let long = folder.path + "/" + String(repeating: "x", count: 200)
        #expect(throws: ServerFault.self) { try SocketFile.listen(long) }
    }

    // MARK: TLS

    @Test func `over TLS 1.3 the certificate is checked`() async throws {
        let folder = TemporaryFolder()
        let (certificate, key) = try folder.certificate()
        let edit: (inout ServerConfiguration) -> Void = {
            $0.tls = .init(certificateChain: certificate, privateKey: key)
        }
        try await withServer(edit: edit) { _, port in
            for host in ["localhost", "127.0.0.1"] {
                var endpoint = try RPCEndpoint("https://\(host):\(port)")
                endpoint.authorityFile = certificate
                let client = RPCClient(endpoint)
                #expect(try await client.call("now") == "0x7")
                await client.close()
                let socket = try await RPCWebSocket.connect(endpoint)
                #expect(try await socket.call("now") == "0x7")
                await socket.close()
            }
            let stranger = RPCClient(try RPCEndpoint("https://localhost:\(port)"))
            let fault = await #expect(throws: ClientFault.self) {
                try await stranger.call("now")
            }
            #expect(fault?.description.contains("certificate") == true, "\(fault as Any)")
            let plain = RPCClient(try RPCEndpoint("http://localhost:\(port)"))
            await #expect(throws: ClientFault.self) { try await plain.call("now") }
            #expect(try folder.handshake(port, "-tls1_2") == false)
            #expect(try folder.handshake(port, "-tls1_3") == true)
        }
        chmod(key, 0o644)
        let fault = await #expect(throws: ServerFault.self) {
            try await withServer(edit: edit) { _, _ in }
        }
        #expect(fault?.description.contains("chmod 600") == true)
    }
}

extension TemporaryFolder {
    /// Makes a certificate for localhost that is its own authority.
    func certificate() throws -> (certificate: String, key: String) {
        let (certificate, key) = (path + "/cert.pem", path + "/key.pem")
        let status = try run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ])
        try #require(status == 0)
        chmod(key, 0o600)
        return (certificate, key)
    }

    /// Whether a connection with OpenSSL's own client succeeds.
    func handshake(_ port: Int, _ version: String) throws -> Bool {
        try run(["openssl", "s_client", "-connect", "127.0.0.1:\(port)", version]) == 0
    }

    func run(_ arguments: [String]) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (handle, mode) in [(Int32(0), O_RDONLY), (1, O_WRONLY), (2, O_WRONLY)] {
            posix_spawn_file_actions_addopen(&actions, handle, "/dev/null", mode, 0)
        }
        var words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        try #require(posix_spawnp(&process, arguments[0], &actions, nil, &words, environ) == 0)
        var status: Int32 = 0
        try #require(waitpid(process, &status, 0) == process)
        return status
    }
}
