import Consensus

/// Who gets what the peers send.
///
/// Called on the network's event loops, so each call has to be quick; calls about different
/// connections may come at the same time. ``PeerNetwork/send(_:to:lane:)`` may be called from within.
public protocol PeerReceiver: AnyObject, Sendable {
    /// A frame came in, of at least one byte and at most the lane's limit.
    ///
    /// Frames of one epoch come in the order in which they were sent, with none left out. After the
    /// first frame of a greater epoch of the same peer and lane none of an older one comes.
    ///
    /// - Parameters:
    ///   - bytes: what the peer sent; nothing about it was checked but its size.
    ///   - peer: proven by its certificate and its node key's endorsement.
    ///   - lane: over which kind of connection.
    ///   - epoch: which connection; greater for every newer one.
    /// - Throws: ``UnreadableFrame`` for what no node of ours sends; the connection ends.
    func received(
        _ bytes: [UInt8], from peer: NodeID, lane: Lane, epoch: UInt64
    ) throws(UnreadableFrame)

    /// The connection that this node dialed is up: from now on frames to the peer are queued.
    func connected(to peer: NodeID, lane: Lane)

    /// The connection that this node dialed has ended, and what was queued for it is lost.
    func disconnected(from peer: NodeID, lane: Lane, why: String)
}

/// That the bytes of a frame are no message.
public struct UnreadableFrame: Error, Equatable, Sendable {
    /// Why, in a sentence that the other end's operator reads too.
    public var why: String

    /// Says why.
    public init(_ why: String) { self.why = why }
}
