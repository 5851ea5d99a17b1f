import Consensus
import Ledger
import NIOCore
import Synchronization
import Testing

@testable import Peers

/// A node of bank 2, and somebody with a certificate of bank 1 who does not keep to the rules.
struct HostilePeerTests {
    private func withHostile(
        introduced: Bool = true, edit: (inout PeerConfiguration) -> Void = { _ in },
        _ body: (TestNode, RawPeer, TestConsortium) async throws -> Void
    ) async throws {
        let consortium = try TestConsortium()
        let credentials = try consortium.credentials(try consortium.issue(1))
        var configuration = try consortium.configuration(2)
        configuration.limits.frameBytes = PerLane(consensus: 1_000, bulk: 2_000)
        edit(&configuration)
        try await withNodes([configuration]) { nodes in
            nodes[0].network.update(peers: [TestNode.unreachable(1)])
            let port = try #require(nodes[0].network.port)
            let raw = try await RawPeer(port: port, credentials: credentials)
            if introduced {
                let hello = consortium.hello(1, to: 2, certificate: credentials)
                try await raw.send(ControlFrame.hello(hello).bytes)
                let answer = try #require(try await raw.hello())
                #expect(answer.from == NodeID(2))
                #expect(
                    answer.endorser == TestConsortium.key(2).address)
            }
            try await body(nodes[0], raw, consortium)
        }
    }

    private func expectRefusal(
        _ reason: RefusalReason, introduced: Bool, sending bytes: [UInt8]
    ) async throws {
        try await withHostile(introduced: introduced) { node, raw, _ in
            raw.throwIn(bytes)
            let refusal = try await raw.refusal()
            #expect(refusal?.reason == reason)
            try await node.recorder.wait("\(reason) is known here, too") {
                $0.refusal(reason, .here) != nil
            }
            #expect(node.recorder.seen.received.isEmpty)
            #expect(try node.state(of: 1).acceptedRefusal?.reason == reason)
        }
    }

    @Test func `an oversized Hello is refused at its header`() async throws {
        try await expectRefusal(
            .frameTooLarge, introduced: false,
            sending: [0x80, 0, 2, 1] + [UInt8](repeating: 1, count: 1 << 20))
    }

    @Test func `a frame before the Hello is refused`() async throws {
        try await expectRefusal(
            .frameTooLarge, introduced: false, sending: RawPeer.frame([1, 2, 3]))
        try await expectRefusal(.malformedHello, introduced: false, sending: [0, 0, 0, 0])
    }

    @Test func `garbage in place of a Hello is refused`() async throws {
        try await expectRefusal(
            .malformedHello, introduced: false,
            sending: [0x80, 0, 0, 165, 1] + [UInt8](repeating: 7, count: 164))
        try await expectRefusal(
            .malformedFrame, introduced: false, sending: [0x80, 0, 0, 2, 9, 9])
    }

    @Test func `an oversized frame is refused at its header`() async throws {
        try await expectRefusal(
            .frameTooLarge, introduced: true, sending: [0, 0, 0x03, 0xe9, 1, 2, 3])
        try await expectRefusal(
            .frameTooLarge, introduced: true,
            sending: [0x7f, 0xff, 0xff, 0xff] + [UInt8](repeating: 1, count: 1 << 20))
    }

    @Test func `garbage after the Hello ends the connection with its reason`() async throws {
        try await expectRefusal(.malformedFrame, introduced: true, sending: [0x80, 0, 0, 1, 77])
        try await expectRefusal(.malformedFrame, introduced: true, sending: [0x80, 0, 0, 0])
    }

    @Test func `a second Hello ends the connection`() async throws {
        let consortium = try TestConsortium()
        let credentials = try consortium.credentials(try consortium.issue(1))
        let hello = consortium.hello(1, to: 2, certificate: credentials)
        try await expectRefusal(
            .malformedFrame, introduced: true, sending: ControlFrame.hello(hello).bytes)
    }

    @Test func `frames up to the limit are taken`() async throws {
        try await withHostile { node, raw, _ in
            try await raw.send(RawPeer.frame([UInt8](repeating: 3, count: 1_000)))
            try await node.recorder.wait("the frame") { $0.receivedBytes == 1_000 }
        }
    }

    @Test func `a Hello for another certificate does not pass`() async throws {
        try await withHostile(introduced: false) { node, raw, consortium in
            // As if somebody had seen bank 1's Hello and came with a certificate of its own.
            let other = try consortium.credentials(try consortium.issue(1, as: "second"))
            let hello = consortium.hello(1, to: 2, certificate: other)
            try await raw.send(ControlFrame.hello(hello).bytes)
            let refusal = try await raw.refusal()
            #expect(refusal?.reason == .foreignCertificate)
        }
    }

    @Test func `a Hello for another lane or bank does not pass`() async throws {
        let changes: [@Sendable (inout Hello) -> Void] = [
            { $0.lane = .bulk }, { $0.certificate = Hash32(1, 2, 3, 4) },
            { $0.from = NodeID(2) }, { $0.to = NodeID(3) },
        ]
        for change in changes {
            try await withHostile(introduced: false) { node, raw, consortium in
                let credentials = try consortium.credentials(consortium.files("bank1"))
                var hello = consortium.hello(1, to: 2, certificate: credentials)
                change(&hello)
                try await raw.send(ControlFrame.hello(hello).bytes)
                #expect(try await raw.refusal() != nil)
                #expect(node.recorder.seen.received.isEmpty)
            }
        }
    }

    @Test func `who says nothing is not waited for`() async throws {
        // On a busy machine TLS may not be through in so short a time, and then nobody can be told why.
        for millis in [200, 2_000, 20_000, 120_000] as [Int64] {
            var refusal: Refusal?
            try await withHostile(
                introduced: false, edit: { $0.timeouts.helloMillis = millis }
            ) { node, raw, _ in
                refusal = try await raw.refusal()
                try await node.recorder.wait("given up") {
                    $0.refusal(.helloTimeout, .here) != nil
                }
            }
            guard refusal == nil else { return #expect(refusal?.reason == .helloTimeout) }
        }
        Issue.record("not told why")
    }

    @Test func `who does not even begin TLS is not waited for`() async throws {
        let consortium = try TestConsortium()
        var configuration = try consortium.configuration(2)
        configuration.timeouts.helloMillis = 200
        try await withNodes([configuration]) { nodes in
            let port = try #require(nodes[0].network.port)
            let raw = try await RawPeer(port: port, credentials: nil)
            try await nodes[0].recorder.wait("given up") {
                $0.refusal(.helloTimeout, .here)?.remote.hasPrefix("127.0.0.1:") == true
            }
            #expect(try await raw.refusal() == nil)
        }
    }

    @Test(arguments: ["GET / HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}garbage, and more of it"])
    func `who speaks no TLS is told apart from a bad certificate`(_ text: String) async throws {
        let consortium = try TestConsortium()
        try await withNodes([try consortium.configuration(2)]) { nodes in
            let port = try #require(nodes[0].network.port)
            let raw = try await RawPeer(port: port, credentials: nil)
            raw.throwIn(Array(text.utf8))
            try await nodes[0].recorder.wait("no TLS") {
                $0.refusal(.handshakeFailed, .here) != nil
            }
        }
    }

    @Test func `who stays silent after the Hello is given up`() async throws {
        try await withHostile(
            edit: {
                $0.timeouts.keepAliveMillis = 50
                $0.timeouts.silenceMillis = 300
            }
        ) { node, raw, _ in
            let refusal = try await raw.refusal()
            #expect(refusal?.reason == .silence)
            #expect(try node.state(of: 1).lanes[.consensus].receivingSince == nil)
        }
    }

    @Test func `who only opens connections keeps no bank's node away`() async throws {
        let consortium = try TestConsortium()
        var configuration = try consortium.configuration(2)
        configuration.limits.strangers = 2
        configuration.timeouts.helloMillis = 120_000
        try await withNodes([configuration]) { nodes in
            nodes[0].network.update(peers: [TestNode.unreachable(1)])
            let port = try #require(nodes[0].network.port)
            var strangers: [RawPeer] = []
            for _ in 0..<4 { strangers.append(try await RawPeer(port: port, credentials: nil)) }
            try await nodes[0].recorder.wait("as many stay as may") {
                $0.refusals.count { $0.reason == .tooManyStrangers } == 2
            }
            let credentials = try consortium.credentials(try consortium.issue(1))
            let raw = try await RawPeer(port: port, credentials: credentials)
            let hello = consortium.hello(1, to: 2, certificate: credentials)
            raw.throwIn(ControlFrame.hello(hello).bytes)
            #expect(try await raw.hello() != nil)
            // One of those that said nothing has made room.
            try await nodes[0].recorder.wait("another one goes") {
                $0.refusals.count { $0.reason == .tooManyStrangers } == 3
            }
            for stranger in strangers { await stranger.close() }
        }
    }

    @Test func `a frame that is no message ends the connection, and both are told why`()
        async throws
    {
        try await withHostile { node, raw, _ in
            node.recorder.unreadable.withLock { $0 = [7, 7] }
            raw.throwIn(RawPeer.frame([1]) + RawPeer.frame([7, 7]) + RawPeer.frame([2]))
            let refusal = try await raw.refusal()
            #expect(refusal == Refusal(.malformedFrame, "no message"))
            try await node.recorder.wait("it is known here, too") {
                $0.refusal(.malformedFrame, .here) != nil
            }
            #expect(node.recorder.seen.received.map(\.bytes) == [[1]])
        }
    }

    @Test func `another process of a bank is let in once the first is gone or silent`() throws {
        let presence = Presence()
        func enter(_ instance: UInt64, atSecond second: UInt64) throws(Refusal) -> UInt64 {
            try presence.enter(
                instance, from: "here:1", patience: .seconds(5),
                at: .uptimeNanoseconds(second * 1_000_000_000))
        }
        let first = try enter(1, atSecond: 100)
        // Its other lane, and a connection with another certificate.
        #expect(try enter(1, atSecond: 104) == first)
        let refusal = #expect(throws: Refusal.self) { _ = try enter(2, atSecond: 106) }
        #expect(refusal?.reason == .identityInUse)
        #expect(
            refusal?.text
                == "another node with your bank's identity is connected from here:1, heard 2000 ms ago: stop one of the two"
        )
        presence.leave(first)
        #expect(throws: Refusal.self) { _ = try enter(2, atSecond: 106) }
        presence.leave(first)
        let second = try enter(2, atSecond: 106)
        // Now the first one is the other; it is let in where the second is not heard any more, and what
        // the second one leaves then is not taken for the first one's.
        #expect(throws: Refusal.self) { _ = try enter(1, atSecond: 110) }
        _ = try enter(1, atSecond: 111)
        presence.leave(second)
        #expect(throws: Refusal.self) { _ = try enter(2, atSecond: 112) }
        presence.heard(at: .uptimeNanoseconds(115 * 1_000_000_000))
        #expect(throws: Refusal.self) { _ = try enter(2, atSecond: 119) }
        _ = try enter(2, atSecond: 120)
    }

    @Test func `who waits with the Hello until the authority is taken out is not let in`()
        async throws
    {
        try await withHostile(introduced: false) { node, raw, consortium in
            #expect(await raw.hasPassed())
            try consortium.writeBundle([consortium.authorities[1]], to: "authorities.pem")
            try node.network.reloadCertificates()
            let credentials = try consortium.credentials(consortium.files("bank1"))
            raw.throwIn(
                ControlFrame.hello(consortium.hello(1, to: 2, certificate: credentials)).bytes)
            raw.throwIn(RawPeer.frame([66]))
            let refusal = try await raw.refusal()
            #expect(refusal?.reason == .changed)
            #expect(node.recorder.seen.received.isEmpty)
            #expect(try node.state(of: 1).lanes.all.allSatisfy { $0.receivingSince == nil })
        }
    }

    @Test func `a newer connection takes over and the older one is told`() async throws {
        try await withHostile { node, raw, consortium in
            try await raw.send(RawPeer.frame([1]))
            try await node.recorder.wait("the first") { $0.received.count == 1 }
            let credentials = try consortium.credentials(consortium.files("bank1"))
            let second = try await RawPeer(
                port: try #require(node.network.port), credentials: credentials)
            let hello = consortium.hello(1, to: 2, certificate: credentials)
            try await second.send(ControlFrame.hello(hello).bytes)
            _ = try #require(try await second.hello())
            // The other lane has a connection and a count of its own.
            raw.throwIn(RawPeer.frame([66]))
            let refusal = try await raw.refusal()
            #expect(refusal?.reason == .replaced)
            try await second.send(RawPeer.frame([2]))
            try await node.recorder.wait("the second") { seen in
                seen.received.contains { $0.bytes == [2] }
            }
            let received = node.recorder.seen.received
            #expect(received.map(\.bytes) == [[1], [2]])
            #expect(received[0].epoch < received[1].epoch)
        }
    }
}
