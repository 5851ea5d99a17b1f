import Consensus
import Glibc
import Ledger
import Synchronization
import Testing

@testable import Peers

struct RotationTests {
    private func withThree(
        watching: Bool, _ body: ([TestNode], TestConsortium) async throws -> Void
    ) async throws {
        let consortium = try TestConsortium(banks: 3)
        let configurations = try (1...3).map { bank in
            var configuration = try consortium.configuration(bank)
            configuration.timeouts.watchMillis = watching ? 50 : 3_600_000
            return configuration
        }
        try await withNodes(configurations) { nodes in
            try await connect(nodes)
            try await body(nodes, consortium)
        }
    }

    /// Sends without pause, but no faster than it arrives, until told to stop; the number of frames.
    private func sending(
        _ node: TestNode, to receiver: TestNode, while body: () async throws -> Void
    ) async throws -> Int {
        let sender = Task.detached {
            var count = 0
            while !Task.isCancelled {
                var writer = ByteWriter()
                writer.write(UInt64(count))
                node.send(writer.bytes + [UInt8](repeating: 0, count: 500), to: receiver.bank)
                count += 1
                while !Task.isCancelled, count > receiver.recorder.seen.received.count + 500 {
                    try? await Task.sleep(for: .milliseconds(1))
                }
            }
            return count
        }
        do {
            try await body()
        } catch {
            sender.cancel()
            throw error
        }
        sender.cancel()
        return await sender.value
    }

    @Test func `a new certificate is taken over without losing a peer or a frame`() async throws {
        try await withThree(watching: false) { nodes, consortium in
            let old = try #require(nodes[0].network.certificate)
            let sent = try await sending(nodes[0], to: nodes[1]) {
                try await nodes[1].recorder.wait("some frames") { $0.received.count > 100 }
                for round in 1...3 {
                    try consortium.issue(1)
                    try nodes[0].network.reloadCertificates()
                    let now = try #require(nodes[0].network.certificate)
                    #expect(now.fingerprint != old.fingerprint)
                    for node in nodes[1...] {
                        // Both ends know when the new connection is there.
                        try await node.recorder.wait("round \(round)") { _ in
                            let state = try? node.state(of: 1)
                            return state?.certificate?.fingerprint == now.fingerprint
                        }
                    }
                    let count = nodes[1].recorder.seen.received.count
                    try await nodes[1].recorder.wait("more frames") { $0.received.count > count }
                }
            }
            try await nodes[1].recorder.wait("every frame") { $0.received.count == sent }
            let received = nodes[1].recorder.seen.received
            for (number, frame) in received.enumerated() {
                var reader = ByteReader(frame.bytes)
                try #require(try reader.read(UInt64.self) == UInt64(number))
            }
            #expect(Set(received.map(\.epoch)).count == 4)
            #expect(nodes[0].recorder.seen.disconnections.isEmpty)
            #expect(try nodes[0].state(of: 2).lanes[.consensus].droppedFrames == 0)
            #expect(try nodes[0].state(of: 2).lanes[.consensus].dials == 4)
        }
    }

    @Test func `changed files are seen without being told`() async throws {
        try await withThree(watching: true) { nodes, consortium in
            try consortium.issue(1)
            for node in nodes[1...] {
                try await node.recorder.wait("the new certificate") { _ in
                    let now = nodes[0].network.certificate?.fingerprint
                    return (try? node.state(of: 1).certificate?.fingerprint) == now
                        && node.network.certificate != nil
                }
            }
        }
    }

    @Test func `files that cannot be used leave the old ones in use`() async throws {
        try await withThree(watching: false) { nodes, consortium in
            let network = nodes[0].network
            let old = try #require(network.certificate)
            let files = consortium.files("bank1")
            func expectFault(_ words: String) {
                let fault = #expect(throws: PeerFault.self) { try network.reloadCertificates() }
                #expect(fault?.description.contains(words) == true, "\(fault as Any)")
                #expect(network.certificate == old)
            }
            // A certificate whose key has not been written yet.
            let other = try consortium.authorities[0].issue(
                name: "Bank 1", host: "127.0.0.1", chainID: 1, bank: NodeID(1))
            try other.write(
                certificate: files.chain, key: consortium.folder + "/elsewhere", replacing: true)
            expectFault("belong together")
            try consortium.issue(1, from: -7_200, to: -3_600)
            expectFault("does not count now")
            try consortium.issue(1)
            chmod(files.key, 0o640)
            expectFault("chmod 600")
            unlink(files.chain)
            chmod(files.key, 0o600)
            expectFault("cannot read the certificate")
            #expect(network.states().allSatisfy { $0.isConnected })
            #expect(nodes[0].recorder.seen.disconnections.isEmpty)
            try consortium.issue(1)
            try network.reloadCertificates()
            #expect(network.certificate != old)
        }
    }

    @Test func `the watch logs a bad file once and takes the next good one`() async throws {
        try await withThree(watching: true) { nodes, consortium in
            try consortium.issue(1, from: -7_200, to: -3_600)
            try await nodes[0].recorder.wait("an error in the log") { seen in
                seen.logLines.contains {
                    $0.hasPrefix("error the changed certificate files cannot be used")
                }
            }
            try consortium.issue(1)
            for node in nodes[1...] {
                try await node.recorder.wait("the good one") { _ in
                    let now = nodes[0].network.certificate?.fingerprint
                    return (try? node.state(of: 1).certificate?.fingerprint) == now
                }
            }
            #expect(nodes[0].recorder.seen.disconnections.isEmpty)
        }
    }

    @Test func `a certificate that the others refuse costs no connection`() async throws {
        try await withThree(watching: true) { nodes, consortium in
            let stranger = try Authority.make(name: "Nobody's authority")
            try consortium.issue(1, by: stranger)
            try await nodes[0].recorder.wait("refused by both, again and again") { seen in
                seen.refusals.filter { $0.reason == .unknownAuthority && $0.side == .there }
                    .count > 6
            }
            #expect(nodes[0].network.states().allSatisfy { $0.isConnected })
            #expect(nodes[0].recorder.seen.disconnections.isEmpty)
            // The others trust the new authority: it is taken over by itself.
            try consortium.writeBundle(
                consortium.authorities + [stranger], to: "authorities.pem")
            for node in nodes[1...] {
                try await node.recorder.wait("the new authority's certificate") { _ in
                    let now = nodes[0].network.certificate?.fingerprint
                    let lanes = (try? node.state(of: 1))?.lanes.all ?? []
                    return (try? node.state(of: 1).certificate?.fingerprint) == now
                        && lanes.allSatisfy { $0.receivingSince != nil }
                }
            }
        }
    }

    @Test func `an authority that is trusted no more ends what it vouched for`() async throws {
        try await withThree(watching: false) { nodes, consortium in
            try consortium.writeBundle(
                Array(consortium.authorities[1...]), to: "authorities.pem")
            try nodes[1].network.reloadCertificates()
            try await nodes[0].recorder.wait("told to dial again, then refused") { seen in
                seen.refusal(.changed, .there) != nil
                    && seen.refusal(.unknownAuthority, .there) != nil
            }
            try await nodes[1].recorder.wait("bank 3 comes back") { _ in
                let lanes = (try? nodes[1].state(of: 3))?.lanes.all ?? []
                return lanes.allSatisfy { $0.receivingSince != nil }
            }
            #expect(try nodes[1].state(of: 1).lanes.all.allSatisfy { $0.receivingSince == nil })
        }
    }

    @Test func `no connection outlives the certificate it was made with`() async throws {
        let consortium = try TestConsortium()
        let clock = Clock()
        var watcher = try consortium.configuration(1)
        watcher.timeouts.keepAliveMillis = 30
        watcher.now = { clock.now }
        let hourly = try consortium.configuration(2, files: consortium.issue(2, to: 3_600))
        try await withNodes([watcher, hourly]) { nodes in
            try await connect(nodes)
            clock.advance(7_200)
            // Whichever of the two dialed: bank 1 ends both ways.
            for dialer in [PeerRefusal.Dialer.here, .there] {
                try await nodes[0].recorder.wait("\(dialer) ends") { seen in
                    seen.refusals.contains {
                        $0.reason == .certificateExpired && $0.dialer == dialer && $0.side == .here
                    }
                }
            }
            try await nodes[1].recorder.wait("bank 2 is told") { seen in
                seen.refusal(.certificateExpired, .there)?.text.contains("CN=Bank 2") == true
            }
            #expect(try nodes[0].state(of: 2).lastRefusal?.reason == .certificateExpired)
        }
    }

    private final class Clock: Sendable {
        private let ahead = Atomic<Int64>(0)
        func advance(_ seconds: Int64) { ahead.store(seconds, ordering: .relaxed) }
        var now: Int64 { WallClock.seconds + ahead.load(ordering: .relaxed) }
    }

    @Test func `an expiring certificate is announced, and a node starts with an expired one`()
        async throws
    {
        let consortium = try TestConsortium()
        let soon = try consortium.configuration(
            1, files: consortium.issue(1, to: 86_400 * 3 + 3_600))
        let expired = try consortium.configuration(
            2, files: consortium.issue(2, from: -7_200, to: -3_600))
        var configurations = [soon, expired]
        for index in 0..<2 { configurations[index].timeouts.watchMillis = 20 }
        try await withNodes(configurations) { nodes in
            try await nodes[0].recorder.wait("announced") { seen in
                seen.logLines.contains {
                    $0.hasPrefix("warning the node's certificate comes to its end days=3")
                }
            }
            #expect(
                nodes[1].recorder.seen.logLines.contains {
                    $0.hasPrefix("error the node's own certificate does not count now")
                })
            #expect(try #require(nodes[1].network.certificate).daysLeft(at: Authority.now) == -1)
            // The certificate may be mended while the node runs.
            try consortium.issue(2)
            nodes[0].network.update(peers: [nodes[1].address()])
            nodes[1].network.update(peers: [nodes[0].address()])
            try await nodes[0].recorder.wait("connected") { $0.isConnected(2) }
        }
    }
}
