/// The way to the peers: one ordered connection to each.
///
/// Messages to one peer arrive in the order in which they were sent, or not at all, and none twice:
/// the core does not bear anything else. A transport that reconnects drops what the old connection
/// still held and gives the new one a greater epoch (``Driver/receive(_:from:epoch:)``).
public protocol Outbox: Sendable {
    /// Queues a message and returns at once; called while the driver is locked, so it must not call back.
    func send(_ message: RaftMessage, to peer: NodeID)

    /// Drops the connection to a peer, with what it still holds, and makes another; returns at once, like
    /// ``send(_:to:)``. Called when a peer answers and does not come on all the same.
    func reconnect(_ peer: NodeID)
}

extension Outbox {
    /// Does nothing.
    public func reconnect(_ peer: NodeID) {}
}

/// The outbox of a node that is alone.
public struct NoPeers: Outbox {
    /// Makes an outbox that drops everything.
    public init() {}
    /// Drops the message.
    public func send(_ message: RaftMessage, to peer: NodeID) {}
}
