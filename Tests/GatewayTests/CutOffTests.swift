import JSON
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport
import Testing

@testable import Gateway

/// Connections that are ended because too much is kept for them.
struct CutOffTests {
    /// Reads nothing until it is told to, then tells how the connection ended.
    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let isOrderly: EventLoopPromise<Bool>
        private var hasFailed = false

        init(_ isOrderly: EventLoopPromise<Bool>) { self.isOrderly = isOrderly }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.read() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { hasFailed = true }
        func channelInactive(context: ChannelHandlerContext) { isOrderly.succeed(!hasFailed) }
    }

    @Test func `with TLS nothing is sent any more to whoever is ended for greed`() async throws {
        let folder = TemporaryFolder()
        let (certificate, key) = try folder.certificate()
        let metrics = Metrics()
        var methods = RPCMethods.forTests
        // More than the system takes for a connection.
        methods.value("large") { (_) throws(RPCError) in
            .string(String(repeating: "x", count: 16 << 20))
        }
        try await withServer(
            methods, metrics: metrics,
            edit: {
                $0.tls = .init(certificateChain: certificate, privateKey: key)
                $0.limits.keptBytes = 1 << 20
            }
        ) { _, port in
            var trust = TLSConfiguration.makeClientConfiguration()
            trust.trustRoots = .file(certificate)
            let context = try NIOSSLContext(configuration: trust)
            let isOrderly = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Bool.self)
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.autoRead, value: false)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers(
                            NIOSSLClientHandler(context: context, serverHostname: "localhost"),
                            Reader(isOrderly))
                    }
                }
                .connect(host: "localhost", port: port).get()
            let body = #"{"jsonrpc":"2.0","id":1,"method":"large"}"#
            let request =
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            async let sent: Void = channel.writeAndFlush(ByteBuffer(string: request))
            // The handshake is all that it reads.
            channel.read()
            try await sent
            try await metrics.waitForEnded(1)
            channel.read()
            #expect(try await isOrderly.futureResult.get() == false)
        }
    }

    @Test func `handshakes that do not end are bounded with all that is kept`() async throws {
        let folder = TemporaryFolder()
        let (certificate, key) = try folder.certificate()
        let metrics = Metrics()
        try await withServer(
            metrics: metrics,
            edit: {
                $0.tls = .init(certificateChain: certificate, privateKey: key)
                $0.limits.keptBytes = 10 * 32 << 10
            }
        ) { _, port in
            // The head of a record, and nothing else.
            var stalled: [RawConnection] = []
            for _ in 0..<11 {
                stalled.append(try RawConnection(port: port, from: "127.0.0.2"))
                stalled.last?.send([22, 3, 1])
            }
            try await metrics.waitForEnded(1)
            var endpoint = try RPCEndpoint("https://127.0.0.1:\(port)")
            endpoint.authorityFile = certificate
            // Another client's handshakes come to their end, and count no more once it has asked.
            var clients: [RPCClient] = []
            for _ in 0..<12 {
                clients.append(RPCClient(endpoint))
                #expect(try await clients.last?.call("now") == "0x7")
            }
            for client in clients { #expect(try await client.call("now") == "0x7") }
            withExtendedLifetime(stalled) {}
        }
    }

    @Test func `with TLS too who is one too many is told so`() async throws {
        let folder = TemporaryFolder()
        let (certificate, key) = try folder.certificate()
        try await withServer(edit: {
            $0.tls = .init(certificateChain: certificate, privateKey: key)
            $0.limits.connections = 1
        }) { _, port in
            var endpoint = try RPCEndpoint("https://127.0.0.1:\(port)")
            endpoint.authorityFile = certificate
            let first = RPCClient(endpoint)
            #expect(try await first.call("now") == "0x7")
            let second = RPCClient(endpoint)
            let fault = await #expect(throws: ClientFault.self) { try await second.call("now") }
            #expect(fault?.description.contains("too many connections") == true, "\(fault as Any)")
            #expect(try await first.call("now") == "0x7")
        }
    }

    @Test func `a last answer is whole, however short the time is for which others linger`()
        async throws
    {
        var methods = RPCMethods.forTests
        methods.value("large") { (_) throws(RPCError) in
            .string(String(repeating: "x", count: 16 << 20))
        }
        try await withServer(methods, edit: { $0.limits.lingerMilliseconds = 1 }) { _, port in
            let connection = try RawConnection(port: port)
            connection.post(
                #"{"jsonrpc":"2.0","id":1,"method":"large"}"#, headers: ["Connection": "close"])
            #expect(try await connection.response().body.utf8.count > 16 << 20)
        }
    }
}
