import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import TestSupport
import Testing

@testable import Gateway

/// What a client says of a connection that TLS did not let come about.
struct TLSFailureTests {
    /// A server that makes TLS connections and says nothing.
    private func withTLS(
        _ configuration: TLSConfiguration, _ body: (Int) async throws -> Void
    ) async throws {
        let context = try NIOSSLContext(configuration: configuration)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLServerHandler(context: context))
                }
            }
            .bind(host: "0.0.0.0", port: 0).get()
        do {
            try await body(server.localAddress?.port ?? 0)
        } catch {
            try await server.close()
            throw error
        }
        try await server.close()
    }

    private func configuration(_ files: (certificate: String, key: String)) throws
        -> TLSConfiguration
    {
        .makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map {
                .certificate($0)
            }, privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
    }

    private func endpoint(
        _ port: Int, host: String = "localhost", trusting authority: String
    ) throws -> RPCEndpoint {
        var endpoint = try RPCEndpoint("https://\(host):\(port)")
        endpoint.authorityFile = authority
        return endpoint
    }

    /// What a call says, and what a WebSocket says.
    private func expect(_ endpoint: RPCEndpoint, says words: String) async {
        let client = RPCClient(endpoint)
        let called = await #expect(throws: ClientFault.self) { try await client.call("now") }
        let upgraded = await #expect(throws: ClientFault.self) {
            _ = try await RPCWebSocket.connect(endpoint)
        }
        for fault in [called, upgraded] {
            guard case .unreachable(let text)? = fault else {
                Issue.record("\(fault as Any)")
                continue
            }
            #expect(text == "\(endpoint): no TLS 1.3 connection: \(words)")
        }
    }

    @Test func `the certificate there is expired, of another name or of nobody trusted`()
        async throws
    {
        let (folder, other) = (TemporaryFolder(), TemporaryFolder())
        let files = try folder.certificate()
        let stranger = try other.certificate().certificate
        try await withTLS(try configuration(files)) { port in
            await expect(
                try endpoint(port, trusting: stranger),
                says: "the certificate there comes from no authority in \(stranger)")
            await expect(
                try RPCEndpoint("https://localhost:\(port)"),
                says: "the certificate there comes from no authority that this system trusts")
            await expect(
                try endpoint(port, host: "127.0.0.2", trusting: files.certificate),
                says: "the certificate there is of another name or address than this one")
        }
        let request = folder.path + "/request.pem"
        let old = folder.path + "/old.pem"
        try #require(
            try folder.run([
                "openssl", "req", "-new", "-key", files.key, "-subj", "/CN=localhost", "-out",
                request,
            ]) == 0)
        try #require(
            try folder.run([
                "openssl", "x509", "-req", "-in", request, "-signkey", files.key, "-days", "-1",
                "-out", old,
            ]) == 0)
        try await withTLS(try configuration((old, files.key))) { port in
            await expect(
                try endpoint(port, trusting: old), says: "the certificate there has expired")
        }
    }

    @Test func `the other end wants a certificate, or another one`() async throws {
        let (folder, other) = (TemporaryFolder(), TemporaryFolder())
        let files = try folder.certificate()
        let stranger = try other.certificate()
        var demanding = try configuration(files)
        demanding.certificateVerification = .noHostnameVerification
        demanding.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(files.certificate))
        try await withTLS(demanding) { port in
            var endpoint = try endpoint(port, trusting: files.certificate)
            await expect(endpoint, says: "the other end wants a certificate, and none was shown")
            endpoint.certificate = .init(
                certificateChain: stranger.certificate, privateKey: stranger.key)
            let client = RPCClient(endpoint)
            let fault = await #expect(throws: ClientFault.self) { try await client.call("now") }
            #expect(fault?.description.contains("the certificate that was shown") == true)
        }
    }

    @Test func `the other end speaks an older TLS, or none`() async throws {
        let folder = TemporaryFolder()
        let files = try folder.certificate()
        var old = try configuration(files)
        old.maximumTLSVersion = .tlsv12
        try await withTLS(old) { port in
            await expect(
                try endpoint(port, trusting: files.certificate),
                says: "the other end does not speak TLS 1.3")
        }
        try await withServer { _, port in
            await expect(
                try endpoint(port, trusting: files.certificate),
                says: "the other end does not speak TLS")
        }
    }

    @Test func `requests that come when TLS has failed already are told why`() async throws {
        let (folder, other) = (TemporaryFolder(), TemporaryFolder())
        let stranger = try other.certificate().certificate
        try await withTLS(try configuration(try folder.certificate())) { port in
            let endpoint = try endpoint(port, trusting: stranger)
            for _ in 0..<20 {
                let client = RPCClient(endpoint)
                let said = await withTaskGroup(of: String.self) { group in
                    for number in 0..<40 {
                        group.addTask {
                            // Some before the connection is there, some while it ends, some after it.
                            for _ in 0..<number { await Task.yield() }
                            do {
                                return "\(try await client.call("now"))"
                            } catch {
                                return "\(error)"
                            }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(said.allSatisfy { $0.contains("comes from no authority in") })
            }
        }
    }
}
