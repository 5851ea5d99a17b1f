import Consensus
import Execution
import Foundation
import Gateway
import JSON
import Ledger
import Peers
import Replica
import Signing
import Storage
import Synchronization
import TestSupport
import Testing
import Threads

@testable import Node

/// A node of which the banks certified another result: strangers get nothing of what it has, from that moment on.
@Suite struct DivergedTests {
    private let other = Hash32(word: 6)

    /// Expects that strangers are told that the node serves no more, and the administrator everything.
    private func expectClosed(_ service: NodeService, _ folder: TemporaryFolder) async throws {
        let endpoint = try RPCEndpoint("http://127.0.0.1:\(service.port!)")
        let stranger = RPCClient(endpoint)
        let why = try #require(service.node.pool.with { $0.haltedBecause })
        #expect(why.hasPrefix("the banks certified \(other) as block 1, this node has "))
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
        #expect(try await administrator.call("eth_blockNumber", []) == "0x1")
        await administrator.close()
    }

    @Test(.timeLimit(.minutes(2)))
    func `nothing is told on connections that were there, nor after another start`()
        async throws
    {
        let folder = TemporaryFolder()
        try await diverge(in: folder)
        let again = try await NodeService.start(in: folder)
        try await expectClosed(again, folder)
        // What is to follow a divergence follows at once, since doors open after the node has begun.
        let followed = Mutex(0)
        again.node.halting.whenDiverged { followed.withLock { $0 += 1 } }
        #expect(followed.withLock { $0 } == 1)
        // Nor does it take part: what it ordered or signed would stand on what is wrong.
        if case .leading = again.node.driver.status.leadership {
            Issue.record("it leads")
        }
        await again.stop()
    }

    @Test func `a node that has diverged meets no peers after another start`() async throws {
        let consortium = try TestConsortium(banks: 2)
        do {
            let node = try await consortium.start(0)
            #expect(node.consortium?.group.network.port == consortium.ports[0])
            try node.folder.keep(divergence: "the banks certified another block")
        }
        await consortium.stop(0)
        let again = try await consortium.start(0)
        #expect(again.hasDiverged && again.consortium?.group.network.port == nil)
        await consortium.stopAll()
    }

    @Test func `a node that never diverged lets go of its folder when it stops`() async throws {
        let folder = TemporaryFolder()
        for _ in 0..<2 {
            let service = try await NodeService.start(in: folder)
            await service.stop()
        }
    }

    /// The only bank's signature of another block 1.
    private func certificate(of header: Hash32) throws -> Certificate {
        let key = try #require(DevelopmentKeys.key(0))
        let vote = HeaderVote(
            height: 1, header: header, signedBy: key,
            in: .headers(chainID: Genesis.developmentChainID))
        return Certificate(height: 1, header: header, votes: [(key.address, vote.signature)])
    }

    private func diverge(in folder: TemporaryFolder) async throws {
        let service = try await NodeService.start(in: folder)
        let socket = try await RPCWebSocket.connect(
            try RPCEndpoint("http://127.0.0.1:\(service.port!)"))
        _ = try await socket.call("eth_subscribe", ["newHeads"])
        _ = try await socket.call("dip_subscribe", ["events", ["cursor": "0:0"]])
        let payment = TestNode.transfer(from: 1, nonce: 0, to: Address(high: 7, middle: 7, low: 7))
        _ = try await TestNode(service.node).run([payment])
        // A payment is answered before its block is handed to who certifies; what comes for it earlier is asked for again.
        let certificate = try certificate(of: other)
        try await until("the node notices that the banks certified another block") {
            service.node.certification.received([certificate])
            return service.node.pool.with { $0.haltedBecause } != nil
        }
        // What came before may still have been sent; then the connection ends.
        await #expect(throws: ClientFault.self) {
            while try await socket.next() != nil {}
        }
        await socket.close()
        try await expectClosed(service, folder)
        await service.stop()
    }
}
