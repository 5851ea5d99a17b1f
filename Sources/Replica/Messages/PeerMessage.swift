import Consensus
import Ledger

/// What one bank's node says to another; the transport adds from whom and over which connection.
package enum PeerMessage: Sendable {
    /// Ordering.
    case raft(RaftMessage)
    /// The sender has executed a block.
    case vote(HeaderVote)
    /// How the sender is.
    case status(PeerStatus)
    /// Transactions for the leader, as their senders signed them.
    case transactions([[UInt8]])
    /// The sender wants something; the answer carries the same number.
    case request(number: UInt64, PeerRequest)
    /// The answer to a request.
    case reply(number: UInt64, PeerReply)
}

/// How a node is, as it tells its peers every now and then.
package struct PeerStatus: Equatable, Sendable {
    /// The last executed block.
    package var height: UInt64
    /// The last certified one.
    package var certified: UInt64
    /// The oldest block that the node keeps.
    package var oldest: UInt64
    /// The node's clock, milliseconds since 1970.
    package var timeMillis: UInt64
    /// The newest protocol version that its program knows.
    package var version: UInt16
    /// Whether it takes transactions.
    package var isServing: Bool

    /// Describes a node.
    package init(
        height: UInt64, certified: UInt64, oldest: UInt64, timeMillis: UInt64, version: UInt16,
        isServing: Bool
    ) {
        self.height = height
        self.certified = certified
        self.oldest = oldest
        self.timeMillis = timeMillis
        self.version = version
        self.isServing = isServing
    }
}

/// What a node may ask of another.
package enum PeerRequest: Equatable, Sendable {
    /// Blocks of these heights, as many from the first on as fit into so many bytes, one at least.
    case blocks(ClosedRange<UInt64>, bytes: UInt32)
    /// Certificates of these heights; at most ``certificatesMax``.
    case certificates(ClosedRange<UInt64>)
    /// The newest certified checkpoint above a height.
    case checkpoint(above: UInt64)
    /// Bytes of a chunk of the checkpoint of a height, from an offset in the chunk on.
    case chunk(height: UInt64, index: UInt32, offset: UInt64)

    /// The most certificates in one answer.
    package static let certificatesMax: UInt64 = 1_024
}

/// What a node answers.
package enum PeerReply: Sendable {
    /// Blocks from the first asked for on; none if it is not there.
    case blocks([SealedBlock], oldest: UInt64)
    /// The certificates that are there, encoded.
    case certificates([[UInt8]])
    /// A checkpoint, and what vouches for it.
    case checkpoint(CheckpointOffer)
    /// Some bytes of a chunk; none at its end.
    case chunk([UInt8])
    /// It does not have what was asked for.
    case nothing
}

/// A checkpoint of the state that a peer offers, and what vouches for it.
package struct CheckpointOffer: Sendable {
    /// The encoded outline: the roots of its chunks.
    package var outline: [UInt8]
    /// The block after which the state stood so, as it is stored.
    package var block: [UInt8]
    /// That block's encoded certificate.
    package var blockCertificate: [UInt8]
    /// The encoded header that names the state's root.
    package var header: [UInt8]
    /// That header's encoded certificate.
    package var certificate: [UInt8]
    /// The blocks that changed the set of banks since genesis, as they are stored, each with its encoded
    /// certificate.
    package var changes: [(block: [UInt8], certificate: [UInt8])]

    /// Puts an offer together.
    package init(
        outline: [UInt8], block: [UInt8], blockCertificate: [UInt8], header: [UInt8],
        certificate: [UInt8],
        changes: [(block: [UInt8], certificate: [UInt8])]
    ) {
        self.outline = outline
        self.block = block
        self.blockCertificate = blockCertificate
        self.header = header
        self.certificate = certificate
        self.changes = changes
    }
}
