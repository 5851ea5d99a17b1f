import Dispatch
import NIOCore
import Synchronization
import Testing

@testable import Peers

/// Peers that are given by name.
struct NameTests {
    /// A name server that is silent until it is let go.
    private final class SilentServer: Sendable {
        let asked = Atomic(0)
        private let gate = DispatchSemaphore(value: 0)

        func letGo() { gate.signal() }

        @Sendable
        func find(_ host: String, _ port: Int) throws -> [SocketAddress] {
            asked.add(1, ordering: .relaxed)
            gate.wait()
            gate.signal()
            return try NameLookup.system("localhost", port)
        }
    }

    private func named(_ peer: PeerAddress) -> PeerAddress {
        var peer = peer
        peer.host = "peer.example"
        return peer
    }

    @Test func `a peer is found by its name`() async throws {
        let consortium = try TestConsortium()
        var configuration = try consortium.configuration(1)
        configuration.finder = { host, port in
            guard host == "peer.example" else { throw NameLookup.UnknownHost() }
            return try NameLookup.system("localhost", port)
        }
        try await withNodes([configuration, try consortium.configuration(2)]) { nodes in
            nodes[1].network.update(peers: [nodes[0].address()])
            nodes[0].network.update(peers: [named(nodes[1].address())])
            try await nodes[0].recorder.wait("1 reaches 2") { $0.isConnected(2) }
            var unknown = nodes[1].address()
            unknown.host = "nobody.example"
            nodes[0].network.update(peers: [unknown])
            try await nodes[0].recorder.wait("it is told") { seen in
                seen.refusal(.unreachable, .here)?.text
                    == "there is no host with the name nobody.example"
            }
        }
    }

    @Test func `a lookup that takes long is made once, and outlives the network`() async throws {
        let consortium = try TestConsortium()
        let server = SilentServer()
        var configuration = try consortium.configuration(1)
        configuration.finder = server.find
        configuration.timeouts.connectMillis = 20
        configuration.timeouts.redialMillis = 1...5
        let node = try await TestNode(configuration)
        node.network.update(peers: [named(TestNode.unreachable(2))])
        for text in ["no answer in time", "is still being looked up"] {
            try await node.recorder.wait("\(text)") { seen in
                seen.refusals.contains { $0.reason == .unreachable && $0.text.contains(text) }
            }
        }
        let refusals = node.recorder.seen.refusals.count
        try await node.recorder.wait("more dials") { $0.refusals.count > refusals + 10 }
        // One for each lane.
        #expect(server.asked.load(ordering: .relaxed) == 2)
        await node.network.shutdown()
        #expect(!node.network.core.errands.isEmpty)
        server.letGo()
        await withCheckedContinuation { ended in
            node.network.core.errands.whenNone { ended.resume() }
        }
    }
}
