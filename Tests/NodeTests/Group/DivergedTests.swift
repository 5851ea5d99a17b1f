import Consensus
import Foundation
import Gateway
import JSON
import Logging
import Signing
import Storage
import TestSupport
import Testing

@testable import Node

/// A node of which the banks certified another result: strangers get nothing of what it has, from that moment on.
@Suite struct DivergedTests {
    private let why = "the banks certified another block 1"

    private func start(in folder: TemporaryFolder) async throws -> NodeService {
        var configuration = NodeConfiguration(
            folder: folder.path + "/data",
            genesis: DevelopmentKeys.genesis(timeMillis: 1_700_000_000_000),
            key: .local(DevelopmentKeys.key(0)!), verifiers: 1)
        configuration.diskReserve = 0
        return try await NodeService.start(
            configuration,
            doors: NodeService.Doors(
                rpc: ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0)),
                adminSocket: folder.path + "/admin.sock"),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Expects that strangers are told that the node serves no more, and the administrator everything.
    private func expectClosed(_ service: NodeService, _ folder: TemporaryFolder) async throws {
        let endpoint = try RPCEndpoint("http://127.0.0.1:\(service.port!)")
        let stranger = RPCClient(endpoint)
        for (method, params) in [
            ("eth_getBlockByNumber", ["latest", false]), ("dip_events", ["0:0"]),
            ("eth_blockNumber", []),
        ] as [(String, JSON)] {
            let fault = await #expect(throws: ClientFault.self) {
                try await stranger.call(method, params)
            }
            guard case .method(let error)? = fault else { continue }
            #expect(error.message == "this node serves no more: \(why)")
        }
        #expect(try await stranger.call("dip_consortium", [])["why"] == .string(why))
        await stranger.close()
        let socket = try await RPCWebSocket.connect(endpoint)
        await #expect(throws: ClientFault.self) {
            try await socket.call("dip_subscribe", ["events", ["cursor": "0:0"]])
        }
        await socket.close()
        let administrator = RPCClient(try RPCEndpoint(folder.path + "/admin.sock"))
        #expect(try await administrator.call("eth_blockNumber", []) == "0x0")
        await administrator.close()
    }

    @Test func `nothing is told on connections that were there, nor after another start`()
        async throws
    {
        let folder = TemporaryFolder()
        try await diverge(in: folder)
        let again = try await start(in: folder)
        try await expectClosed(again, folder)
        // Nor does it take part: what it ordered or signed would stand on what is wrong.
        if case .leading = again.node.driver.status.leadership {
            Issue.record("it leads")
        }
        await again.stop()
    }

    @Test func `a node that never diverged lets go of its folder when it stops`() async throws {
        let folder = TemporaryFolder()
        for _ in 0..<2 {
            let service = try await start(in: folder)
            await service.stop()
        }
    }

    private func diverge(in folder: TemporaryFolder) async throws {
        let service = try await start(in: folder)
        let socket = try await RPCWebSocket.connect(
            try RPCEndpoint("http://127.0.0.1:\(service.port!)"))
        _ = try await socket.call("eth_subscribe", ["newHeads"])
        _ = try await socket.call("dip_subscribe", ["events", ["cursor": "0:0"]])
        try service.node.folder.keep(divergence: why)
        service.node.halting.halt(diverged: why)
        // What came before may still have been sent; then the connection ends.
        await #expect(throws: ClientFault.self) {
            while try await socket.next() != nil {}
        }
        await socket.close()
        try await expectClosed(service, folder)
        await service.stop()
    }
}
