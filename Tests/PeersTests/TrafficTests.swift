import Consensus
import Glibc
import Ledger
import Logging
import Synchronization
import Testing

@testable import Peers

struct TrafficTests {
    private static func bytes(_ number: Int, count: Int = 8) -> [UInt8] {
        var writer = ByteWriter(capacity: count)
        writer.write(UInt64(number))
        writer.write(raw: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: count - 8))
        return writer.bytes
    }

    @Test func `ten thousand frames of all sizes arrive once and in order`() async throws {
        let consortium = try TestConsortium()
        try await withNodes([try consortium.configuration(1), try consortium.configuration(2)]) {
            nodes in
            try await connect(nodes)
            let sizes = (0..<10_000).map { number in
                number % 1_000 == 999 ? 300_000 : 8 + number * 7_919 % 2_000
            }
            for (number, size) in sizes.enumerated() {
                nodes[0].send(Self.bytes(number, count: size), to: 2)
            }
            try await nodes[1].recorder.wait("all of them") { $0.received.count == 10_000 }
            let received = nodes[1].recorder.seen.received
            for (number, size) in sizes.enumerated() {
                try #require(received[number].bytes == Self.bytes(number, count: size))
            }
            #expect(Set(received.map(\.epoch)).count == 1)
            try await nodes[0].recorder.wait("the queue is empty") { _ in
                (try? nodes[0].state(of: 2).lanes[.consensus].queuedBytes) == 0
            }
            let state = try nodes[0].state(of: 2).lanes[.consensus]
            #expect(state.sentFrames == 10_000)
            #expect(state.sentBytes == UInt64(sizes.reduce(0, +) + 4 * 10_000))
            #expect(state.droppedFrames == 0)
        }
    }

    @Test func `a frame of the greatest size passes`() async throws {
        let consortium = try TestConsortium()
        var configurations = [
            try consortium.configuration(1), try consortium.configuration(2),
        ]
        for index in 0..<2 {
            configurations[index].limits.frameBytes = PerLane(consensus: 5 << 20, bulk: 5 << 20)
            // A single frame passes although it is larger than the queue's bound.
            configurations[index].limits.queueBytes = PerLane(consensus: 1 << 20, bulk: 1 << 20)
        }
        try await withNodes(configurations) { nodes in
            try await connect(nodes)
            nodes[0].send(Self.bytes(5, count: 5 << 20), to: 2, lane: .bulk)
            try await nodes[1].recorder.wait("the frame") { $0.receivedBytes == 5 << 20 }
        }
    }

    @Test func `an own frame beyond the limit breaks the connection, which comes back`()
        async throws
    {
        let consortium = try TestConsortium()
        var configuration = try consortium.configuration(1)
        configuration.limits.frameBytes = PerLane(consensus: 100, bulk: 100)
        try await withNodes([configuration, try consortium.configuration(2)]) { nodes in
            try await connect(nodes)
            nodes[0].send([1], to: 2)
            nodes[0].send([UInt8](repeating: 0, count: 101), to: 2)
            try await nodes[0].recorder.wait("known as unfit") {
                $0.refusal(.unfitFrame, .here) != nil
            }
            try await nodes[0].recorder.wait("back again") { seen in
                seen.connections[.init(peer: NodeID(2), lane: .consensus)] == 2
            }
            nodes[0].send([2], to: 2)
            try await nodes[1].recorder.wait("the last") { $0.received.last?.bytes == [2] }
            #expect(nodes[1].recorder.seen.received.allSatisfy { $0.bytes.count == 1 })
        }
    }

    /// A receiver that does not return from its first call before it is let go.
    private final class Stalling: PeerReceiver {
        private let gate = Gate()
        let recorder = Recorder(keepsBytes: false)

        private final class Gate: Sendable {
            let isOpen = Atomic<Bool>(false)
            let isEntered = Atomic<Bool>(false)
        }

        var isStalled: Bool { gate.isEntered.load(ordering: .acquiring) }

        func letGo() { gate.isOpen.store(true, ordering: .releasing) }

        func received(
            _ bytes: [UInt8], from peer: NodeID, lane: Lane, epoch: UInt64
        ) throws(UnreadableFrame) {
            gate.isEntered.store(true, ordering: .releasing)
            while !gate.isOpen.load(ordering: .acquiring) { sched_yield() }
            try recorder.received(bytes, from: peer, lane: lane, epoch: epoch)
        }

        func connected(to peer: NodeID, lane: Lane) {
            recorder.connected(to: peer, lane: lane)
        }

        func disconnected(from peer: NodeID, lane: Lane, why: String) {
            recorder.disconnected(from: peer, lane: lane, why: why)
        }
    }

    @Test func `a queue that passes its bound breaks the connection, which recovers`()
        async throws
    {
        let consortium = try TestConsortium()
        var configuration = try consortium.configuration(1)
        configuration.limits.queueBytes = PerLane(consensus: 8 << 20, bulk: 1 << 20)
        try await withNodes([configuration]) { nodes in
            let node = nodes[0]
            let slow = Stalling()
            let network = PeerNetwork(
                configuration: try consortium.configuration(2), logger: .init(label: "slow"))
            do {
                try await network.start(slow)
                network.update(peers: [node.address()])
                let address = PeerAddress(
                    id: NodeID(2), nodeKey: TestConsortium.key(2).address, host: "127.0.0.1",
                    port: try #require(network.port))
                node.network.update(peers: [address])
                try await node.recorder.wait("connected") { $0.isConnected(2) }
                let frame = [UInt8](repeating: 1, count: 1 << 20)
                node.send(frame, to: 2)
                try await node.recorder.wait("the first holds up the receiver") { _ in
                    slow.isStalled
                }
                // The kernel's buffers take some MiB as well.
                for _ in 0..<200 where node.recorder.seen.refusal(.overflow, .here) == nil {
                    node.send(frame, to: 2)
                }
                try await node.recorder.wait("overflow") { $0.refusal(.overflow, .here) != nil }
                try await node.recorder.wait("told") { seen in
                    seen.disconnections[.init(peer: NodeID(2), lane: .consensus)] ?? 0 > 0
                }
                #expect(try node.state(of: 2).lanes[.consensus].droppedFrames > 0)
                slow.letGo()
                try await node.recorder.wait("connected again") { $0.isConnected(2) }
                #expect(try node.state(of: 2).lanes[.consensus].queuedBytes == 0)
                node.send([UInt8](repeating: 1, count: 77), to: 2)
                try await slow.recorder.wait("the frame after it") { seen in
                    seen.receivedBytes % (1 << 20) == 77
                }
                let received = slow.recorder.seen.received
                #expect(try #require(received.first).epoch < #require(received.last).epoch)
            } catch {
                slow.letGo()
                await network.shutdown()
                throw error
            }
            await network.shutdown()
        }
    }

    /// Gives up a peer that takes nothing; whether the node noticed it before the kernel, which is told the same
    /// time and looks less often.
    private func isGivenUp(stuckMillis: Int64) async throws -> Bool {
        let consortium = try TestConsortium()
        var configuration = try consortium.configuration(1)
        configuration.timeouts.stuckMillis = stuckMillis
        configuration.timeouts.keepAliveMillis = 50
        var isNoticed = false
        try await withNodes([configuration]) { nodes in
            let node = nodes[0]
            let slow = Stalling()
            let network = PeerNetwork(
                configuration: try consortium.configuration(2), logger: .init(label: "slow"))
            do {
                try await network.start(slow)
                network.update(peers: [node.address()])
                node.network.update(peers: [
                    PeerAddress(
                        id: NodeID(2), nodeKey: TestConsortium.key(2).address,
                        host: "127.0.0.1", port: try #require(network.port))
                ])
                try await node.recorder.wait("connected") { $0.isConnected(2) }
                for _ in 0..<60 { node.send([UInt8](repeating: 1, count: 1 << 20), to: 2) }
                try await node.recorder.wait("stuck") {
                    $0.refusal(.stuck, .here) != nil || $0.refusal(.broken, .there) != nil
                }
                isNoticed = node.recorder.seen.refusal(.stuck, .here) != nil
            } catch {
                slow.letGo()
                await network.shutdown()
                throw error
            }
            slow.letGo()
            await network.shutdown()
        }
        return isNoticed
    }

    @Test func `a peer that takes nothing is given up after a while`() async throws {
        // Where this process stands still for a moment the kernel may be first.
        for millis in [400, 4_000, 40_000] as [Int64] {
            if try await isGivenUp(stuckMillis: millis) { return }
        }
        Issue.record("the kernel alone gives it up")
    }

    /// Whether two nodes that have nothing to say stay connected for longer than the silence that is borne.
    private func isKeptIdle(silenceMillis: Int64) async throws -> Bool {
        let consortium = try TestConsortium()
        var configurations = [
            try consortium.configuration(1), try consortium.configuration(2),
        ]
        for index in 0..<2 {
            configurations[index].timeouts.keepAliveMillis = 20
            configurations[index].timeouts.silenceMillis = silenceMillis
        }
        var isKept = false
        try await withNodes(configurations) { nodes in
            try await connect(nodes)
            try await Task.sleep(for: .milliseconds(silenceMillis * 3 / 2))
            isKept = nodes.allSatisfy {
                $0.recorder.seen.refusal(.silence, .here) == nil
                    && $0.recorder.seen.disconnections.isEmpty
            }
            guard isKept else { return }
            let lane = try nodes[0].state(of: 2).lanes[.consensus]
            #expect(try #require(lane.roundTripMicros) > 0)
            #expect(lane.dials == 1)
            #expect(nodes[1].recorder.seen.received.isEmpty)
        }
        return isKept
    }

    @Test func `an idle connection stays, and tells how long its way is`() async throws {
        // A machine that stands still for so long is silent as well: then once more, with more patience.
        for silence in [2_000, 10_000, 60_000] as [Int64] {
            if try await isKeptIdle(silenceMillis: silence) { return }
        }
        Issue.record("idle connections do not stay")
    }

    @Test func `a peer that was restarted is found again, with a greater epoch`() async throws {
        let consortium = try TestConsortium()
        try await withNodes([try consortium.configuration(1)]) { nodes in
            let node = nodes[0]
            var configuration = try consortium.configuration(2)
            for round in 1...3 {
                let peer = try await TestNode(configuration)
                configuration.port = try #require(peer.network.port)
                peer.network.update(peers: [node.address()])
                if round == 1 { node.network.update(peers: [peer.address()]) }
                try await node.recorder.wait("connected, round \(round)") { $0.isConnected(2) }
                try await peer.recorder.wait("connected, round \(round)") { $0.isConnected(1) }
                peer.send([UInt8(round)], to: 1)
                node.send([UInt8(round)], to: 2)
                try await node.recorder.wait("frame \(round)") { $0.received.count == round }
                try await peer.recorder.wait("frame \(round)") { $0.received.count == 1 }
                await peer.network.shutdown()
                try await node.recorder.wait("told why") { seen in
                    seen.reasons.contains("the node of bank 2 stops")
                        && seen.disconnections.values.reduce(0, +) == 2 * round
                }
                // Nobody is there: what is sent is gone at once.
                node.send([99], to: 2)
                #expect(try node.state(of: 2).lanes[.consensus].queuedBytes == 0)
            }
            let received = node.recorder.seen.received
            #expect(received.map(\.bytes) == [[1], [2], [3]])
            #expect(received.map(\.epoch) == received.map(\.epoch).sorted())
            #expect(Set(received.map(\.epoch)).count == 3)
        }
    }

    @Test func `a bank that leaves the set is dropped on both sides, and may come back`()
        async throws
    {
        let consortium = try TestConsortium(banks: 3)
        try await withNodes(try (1...3).map { try consortium.configuration($0) }) { nodes in
            try await connect(nodes)
            nodes[0].network.update(peers: [nodes[2].address()])
            try await nodes[1].recorder.wait("bank 2 learns it") { seen in
                seen.refusal(.notInBankSet, .there) != nil && !seen.isConnected(1)
            }
            #expect(nodes[0].network.states().map(\.id) == [NodeID(3)])
            nodes[0].send([1], to: 2)
            nodes[0].network.update(peers: nodes.map { $0.address() })
            try await nodes[0].recorder.wait("bank 1 is back") { $0.isConnected(2) }
            try await nodes[1].recorder.wait("bank 2 is back") { $0.isConnected(1) }
            #expect(
                nodes[0].recorder.seen.disconnections[.init(peer: NodeID(3), lane: .bulk)] == nil)
        }
    }

    @Test func `a bank with another node key has to show it`() async throws {
        let consortium = try TestConsortium()
        try await withNodes([try consortium.configuration(1), try consortium.configuration(2)]) {
            nodes in
            try await connect(nodes)
            nodes[0].network.update(peers: [nodes[1].address(key: 9)])
            try await nodes[0].recorder.wait("the old key no longer counts") {
                $0.refusal(.badEndorsement, .here) != nil
            }
            try await nodes[1].recorder.wait("and the other side knows") {
                $0.refusal(.badEndorsement, .there) != nil && !$0.isConnected(1)
            }
        }
    }

    @Test func `of two nodes with one identity the second is not let in before the first is gone`()
        async throws
    {
        let consortium = try TestConsortium()
        let configurations = [
            try consortium.configuration(1), try consortium.configuration(2),
            try consortium.configuration(2),
        ]
        try await withNodes(configurations) { nodes in
            let (listener, first, second) = (nodes[0], nodes[1], nodes[2])
            try await connect([listener, first])
            second.network.update(peers: [listener.address()])
            try await listener.recorder.wait("refused") { $0.refusal(.identityInUse, .here) != nil }
            try await second.recorder.wait("and told") { $0.refusal(.identityInUse, .there) != nil }
            #expect(!second.recorder.seen.isConnected(1) && first.recorder.seen.isConnected(1))
            #expect(listener.recorder.seen.refusal(.replaced, .here) == nil)
            await first.network.shutdown()
            try await second.recorder.wait("the second takes its place") { $0.isConnected(1) }
        }
    }
}
