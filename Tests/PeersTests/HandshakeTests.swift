import Consensus
import Gateway
import Ledger
import Signing
import Testing

@testable import Peers

struct HandshakeTests {
    @Test func `two nodes introduce themselves on both lanes and exchange frames`() async throws {
        let consortium = try TestConsortium()
        try await withNodes([try consortium.configuration(1), try consortium.configuration(2)]) {
            nodes in
            try await connect(nodes)
            for lane in Lane.allCases {
                nodes[0].send([1, lane.rawValue], to: 2, lane: lane)
                nodes[1].send([2, lane.rawValue], to: 1, lane: lane)
            }
            for (node, other) in [(nodes[0], nodes[1]), (nodes[1], nodes[0])] {
                try await node.recorder.wait("both frames") { $0.received.count == 2 }
                for lane in Lane.allCases {
                    let received = try #require(
                        node.recorder.seen.received.first { $0.lane == lane })
                    #expect(received.bytes == [UInt8(other.bank), lane.rawValue])
                    #expect(received.peer == NodeID(UInt64(other.bank)))
                }
                let state = try node.state(of: other.bank)
                #expect(state.isConnected)
                #expect(state.certificate?.subject == "CN=Bank \(other.bank)")
                #expect(state.lanes.all.allSatisfy { $0.receivingSince != nil })
                #expect(node.network.states().count == 1)
            }
        }
    }

    /// What two ends say of one another when the first one dials the second.
    private func refusals(
        dialer: PeerConfiguration, acceptor: PeerConfiguration,
        dialed: (TestNode) -> PeerAddress = { $0.address() },
        known: PeerAddress? = TestNode.unreachable(1),
        until reason: RefusalReason, _ side: PeerRefusal.Side, theirs: RefusalReason? = nil
    ) async throws -> (dialer: PeerRefusal, acceptor: PeerRefusal, log: [String]) {
        var result: (PeerRefusal, PeerRefusal, [String])?
        try await withNodes([dialer, acceptor]) { nodes in
            nodes[1].network.update(peers: known.map { [$0] } ?? [])
            nodes[0].network.update(peers: [dialed(nodes[1])])
            let other: PeerRefusal.Side = side == .here ? .there : .here
            try await nodes[0].recorder.wait("the dialer learns of \(reason)") {
                $0.refusal(reason, side) != nil
            }
            let theirs = theirs ?? reason
            try await nodes[1].recorder.wait("the acceptor learns of \(theirs)") {
                $0.refusal(theirs, other) != nil
            }
            for (node, reason) in zip(nodes, [reason, theirs]) {
                try await node.recorder.wait("a line in the log") {
                    $0.logLines.contains { $0.contains("reason=\(reason.name)") }
                }
            }
            #expect(nodes.allSatisfy { $0.recorder.seen.received.isEmpty })
            #expect(nodes.allSatisfy { $0.recorder.seen.connections.isEmpty })
            let state = try #require(nodes[0].network.states().first)
            #expect(state.lastRefusal?.reason == reason)
            #expect(!state.isConnected)
            result = (
                try #require(nodes[0].recorder.seen.refusal(reason, side)),
                try #require(nodes[1].recorder.seen.refusal(theirs, other)),
                nodes[0].recorder.seen.logLines
            )
        }
        return try #require(result)
    }

    @Test func `a dialer's expired certificate is named on both sides`() async throws {
        let consortium = try TestConsortium()
        let files = try consortium.issue(1, from: -7_200, to: -3_600)
        let said = try await refusals(
            dialer: try consortium.configuration(1, files: files),
            acceptor: try consortium.configuration(2), until: .certificateExpired, .there)
        #expect(said.dialer.text.contains("our certificate has expired"), "\(said.dialer)")
        #expect(said.dialer.text.contains("CN=Bank 1"))
        #expect(said.acceptor.text.contains("CN=Bank 1"), "\(said.acceptor)")
        #expect(said.acceptor.text.contains("has expired"))
        #expect(said.acceptor.peer == NodeID(1))
    }

    @Test func `an acceptor's expired certificate is named on both sides`() async throws {
        let consortium = try TestConsortium()
        let files = try consortium.issue(2, from: -7_200, to: -3_600)
        let said = try await refusals(
            dialer: try consortium.configuration(1),
            acceptor: try consortium.configuration(2, files: files), until: .certificateExpired,
            .here)
        #expect(said.dialer.text.contains("CN=Bank 2"), "\(said.dialer)")
        #expect(said.dialer.text.contains("has expired"))
        #expect(said.acceptor.text.contains("our certificate has expired"), "\(said.acceptor)")
    }

    @Test func `a certificate whose time has not come is named`() async throws {
        let consortium = try TestConsortium()
        let files = try consortium.issue(2, from: 7_200, to: 14_400)
        let said = try await refusals(
            dialer: try consortium.configuration(1),
            acceptor: try consortium.configuration(2, files: files),
            until: .certificateNotYetValid, .here, theirs: .certificateExpired)
        #expect(said.dialer.text.contains("does not count before"), "\(said.dialer)")
    }

    @Test func `a certificate of an unknown authority is named on both sides`() async throws {
        let consortium = try TestConsortium()
        let stranger = try Authority.make(name: "Nobody's authority")
        let files = try consortium.issue(1, by: stranger)
        let said = try await refusals(
            dialer: try consortium.configuration(1, files: files),
            acceptor: try consortium.configuration(2), until: .unknownAuthority, .there)
        #expect(said.dialer.text.contains("Nobody's authority"), "\(said.dialer)")
        #expect(said.acceptor.text.contains("Nobody's authority"), "\(said.acceptor)")
        #expect(said.acceptor.text.contains("no authority that this node trusts"))
    }

    @Test func `a certificate that is not made for clients is named`() async throws {
        let consortium = try TestConsortium()
        let files = try consortium.issue(1, usage: "serverAuth")
        let said = try await refusals(
            dialer: try consortium.configuration(1, files: files),
            acceptor: try consortium.configuration(2), until: .unfitCertificate, .there)
        #expect(said.acceptor.text.contains("purpose"), "\(said.acceptor)")
    }

    @Test func `a valid certificate of another bank does not pass for this one`() async throws {
        let consortium = try TestConsortium(banks: 3)
        // Bank 3 with its own certificate and node key says that it is bank 1.
        var liar = try consortium.configuration(3)
        liar.id = NodeID(1)
        let said = try await refusals(
            dialer: liar, acceptor: try consortium.configuration(2), until: .badEndorsement, .there)
        #expect(said.dialer.text.contains("not endorsed by the node key of bank 1"))
        #expect(said.acceptor.text == said.dialer.text)
    }

    @Test func `a node that answers in another bank's place is not sent anything`() async throws {
        let consortium = try TestConsortium(banks: 3)
        var liar = try consortium.configuration(3)
        liar.id = NodeID(2)
        let said = try await refusals(
            dialer: try consortium.configuration(1), acceptor: liar,
            until: .badEndorsement, .here)
        #expect(said.dialer.text.contains("not endorsed by the node key of bank 2"))
    }

    @Test func `a node whose signer is away says so, and not where the signer is`() async throws {
        let consortium = try TestConsortium()
        var dialer = try consortium.configuration(1)
        dialer.nodeKey = .remote(
            RemoteSigner(
                try RPCEndpoint("http://127.0.0.1:1"), address: TestConsortium.key(1).address))
        let said = try await refusals(
            dialer: dialer, acceptor: try consortium.configuration(2), until: .noEndorsement, .here)
        #expect(said.acceptor.text.contains("does not endorse"))
        #expect(!said.acceptor.text.contains("127.0.0.1"))
        #expect(said.log.contains { $0.contains("127.0.0.1:1") && $0.contains("signer") })
    }

    @Test func `a bank that is not in the bank set is told so`() async throws {
        let consortium = try TestConsortium()
        let said = try await refusals(
            dialer: try consortium.configuration(1), acceptor: try consortium.configuration(2),
            known: nil, until: .notInBankSet, .there)
        #expect(said.dialer.text == "bank 1 is not in this node's bank set")
    }

    @Test func `another genesis and another chain are told apart`() async throws {
        let consortium = try TestConsortium()
        var other = try consortium.configuration(1)
        other.genesis = Hash32(11, 12, 13, 15)
        let genesis = try await refusals(
            dialer: other, acceptor: try consortium.configuration(2), until: .wrongGenesis, .there)
        #expect(genesis.dialer.text.contains(consortium.genesis.hex))
        other.chainID = 9
        let chain = try await refusals(
            dialer: other, acceptor: try consortium.configuration(2), until: .wrongChain, .there)
        #expect(chain.dialer.text == "you run chain 9, this node runs chain 7001")
    }

    @Test func `an endpoint that leads to another bank is named`() async throws {
        let consortium = try TestConsortium(banks: 3)
        let said = try await refusals(
            dialer: try consortium.configuration(1), acceptor: try consortium.configuration(3),
            dialed: { $0.address(as: 2) }, until: .wrongAddressee, .there)
        #expect(said.dialer.text == "you want bank 2, this is bank 3")
    }

    @Test func `nobody listening is a reason of its own`() async throws {
        let consortium = try TestConsortium()
        try await withNodes([try consortium.configuration(1)]) { nodes in
            nodes[0].network.update(peers: [TestNode.unreachable(2)])
            try await nodes[0].recorder.wait("unreachable, more than once") { seen in
                seen.refusals.filter { $0.reason == .unreachable }.count > 5
            }
            #expect(try nodes[0].state(of: 2).lastRefusal?.text.contains("refused") == true)
            let lines = nodes[0].recorder.seen.logLines.filter { $0.contains("unreachable") }
            #expect(lines.count == 1, "the same reason is logged once a minute: \(lines)")
        }
    }
}
