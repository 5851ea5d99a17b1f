import Consensus
import Ledger

/// What both ends of a connection say first: who they are, to whom they speak, and that the bank's
/// node key endorses the certificate they came with.
package struct Hello: Equatable, Sendable {
    /// The version of the protocol that this program speaks.
    static let version: UInt16 = 3
    /// `DIPNPEER`.
    static let magic: UInt64 = 0x4449_504e_5045_4552
    /// Bytes of a Hello, its kind included.
    static let byteCount = 173

    var chainID: UInt64
    var genesis: Hash32
    var from: NodeID
    var to: NodeID
    var lane: Lane
    /// SHA-256 of the speaker's own certificate in DER.
    var certificate: Hash32
    /// The number that the speaker's process gave itself when it started.
    var instance: UInt64
    /// By the speaker's node key, over ``endorsed`` in the domain of what node keys sign.
    var endorsement: Signature

    /// What the node key of `from` should have signed.
    package var endorsed: EIP712.PeerHello {
        EIP712.PeerHello(
            genesis: genesis, from: from.rawValue, to: to.rawValue, lane: lane.rawValue,
            certificate: certificate)
    }

    /// Whose key made the endorsement; nil when no key can have.
    var endorser: Address? { endorsed.recover(endorsement, in: .headers(chainID: chainID)) }

    func write(to writer: inout ByteWriter) {
        writer.write(byte: ControlKind.hello.rawValue)
        writer.write(Self.magic)
        writer.write(Self.version)
        writer.write(chainID)
        writer.write(genesis)
        writer.write(from.rawValue)
        writer.write(to.rawValue)
        writer.write(byte: lane.rawValue)
        writer.write(certificate)
        writer.write(instance)
        writer.write(raw: endorsement.bytes)
    }

    /// Reads what follows the kind.
    /// - Throws: the refusal to answer with.
    init(decoding reader: inout ByteReader) throws(Refusal) {
        do {
            guard try reader.read(UInt64.self) == Self.magic else {
                throw Refusal(.malformedHello, "this is no Hello of Dipnet")
            }
            let version = try reader.read(UInt16.self)
            guard version == Self.version else {
                throw Refusal(
                    .version,
                    "you speak version \(version) of the protocol, this node \(Self.version)")
            }
            chainID = try reader.read()
            genesis = try reader.readHash()
            from = NodeID(try reader.read())
            to = NodeID(try reader.read())
            guard let lane = Lane(rawValue: try reader.read()) else {
                throw Refusal(.malformedHello, "the Hello names a lane that does not exist")
            }
            self.lane = lane
            certificate = try reader.readHash()
            instance = try reader.read()
            guard let signature = Signature(try reader.readRaw(65)) else {
                throw Refusal(.malformedHello, "the Hello's endorsement is no signature")
            }
            endorsement = signature
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw Refusal(.malformedHello, "the Hello is too short")
        }
        guard reader.remaining == 0 else {
            throw Refusal(.malformedHello, "the Hello is too long")
        }
    }

    init(
        chainID: UInt64, genesis: Hash32, from: NodeID, to: NodeID, lane: Lane,
        certificate: Hash32, instance: UInt64, endorsement: Signature
    ) {
        self.chainID = chainID
        self.genesis = genesis
        self.from = from
        self.to = to
        self.lane = lane
        self.certificate = certificate
        self.instance = instance
        self.endorsement = endorsement
    }
}
