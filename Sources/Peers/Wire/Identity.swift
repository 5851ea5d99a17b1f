import Consensus
import Ledger

/// Who this node is to its peers, and how it knows them.
package struct Identity: Sendable {
    let id: NodeID
    let chainID: UInt64
    let genesis: Hash32
    /// Tells this process from others with the same identity.
    let instance: UInt64

    package init(
        id: NodeID, chainID: UInt64, genesis: Hash32, instance: UInt64 = .random(in: 0 ... .max)
    ) {
        self.id = id
        self.chainID = chainID
        self.genesis = genesis
        self.instance = instance
    }

    /// What the node key signs before this node can say the first thing to a peer.
    package func endorsement(
        of certificate: Hash32, to peer: NodeID, lane: Lane
    ) -> EIP712.PeerHello {
        EIP712.PeerHello(
            genesis: genesis, from: id.rawValue, to: peer.rawValue, lane: lane.rawValue,
            certificate: certificate)
    }

    /// What this node says first.
    package func hello(
        to peer: NodeID, lane: Lane, certificate: Hash32, endorsement: Signature
    ) -> Hello {
        Hello(
            chainID: chainID, genesis: genesis, from: id, to: peer, lane: lane,
            certificate: certificate, instance: instance, endorsement: endorsement)
    }

    /// Checks what a dialer said, in the order in which an operator wants to know.
    ///
    /// - Parameters:
    ///   - hello: what it said.
    ///   - presented: SHA-256 of the certificate that TLS verified.
    ///   - nodeKey: of the bank that it says it is; nil if there is no such bank.
    /// - Throws: ``Refusal`` with the first thing that is wrong.
    package func check(_ hello: Hello, presented: Hash32, nodeKey: Address?) throws(Refusal) {
        guard hello.chainID == chainID else {
            throw Refusal(
                .wrongChain, "you run chain \(hello.chainID), this node runs chain \(chainID)")
        }
        guard hello.genesis == genesis else {
            throw Refusal(
                .wrongGenesis,
                "your genesis is \(hello.genesis), that of this node is \(genesis)")
        }
        guard hello.to == id else {
            throw Refusal(
                .wrongAddressee, "you want bank \(hello.to.rawValue), this is bank \(id.rawValue)")
        }
        guard hello.from != id else {
            throw Refusal(.notInBankSet, "you say that you are this very bank, \(id.rawValue)")
        }
        guard let nodeKey else {
            throw Refusal(
                .notInBankSet, "bank \(hello.from.rawValue) is not in this node's bank set")
        }
        guard hello.certificate == presented else {
            throw Refusal(
                .foreignCertificate,
                "your node key endorses the certificate \(hello.certificate), but you came with "
                    + "\(presented)")
        }
        guard hello.endorser == nodeKey else {
            throw Refusal(
                .badEndorsement,
                "your certificate is not endorsed by the node key of bank "
                    + "\(hello.from.rawValue), \(nodeKey.checksummed)")
        }
    }

    /// Checks what the node said that was dialed.
    ///
    /// - Throws: ``Refusal`` with the first thing that is wrong.
    func check(
        _ hello: Hello, presented: Hash32, dialed peer: PeerAddress, lane: Lane
    ) throws(Refusal) {
        guard hello.from == peer.id || hello.chainID != chainID || hello.genesis != genesis else {
            throw Refusal(
                .wrongAddressee,
                "this node dialed bank \(peer.id.rawValue) at \(peer.endpoint), you are bank "
                    + "\(hello.from.rawValue)")
        }
        try check(hello, presented: presented, nodeKey: peer.nodeKey)
        guard hello.lane == lane else {
            throw Refusal(.malformedHello, "you answered on another lane")
        }
    }
}
