import JSON
import NIOCore

/// A stream of notifications to one WebSocket client.
public final class RPCSubscription: Sendable {
    /// Why a subscription ended.
    public enum End: Sendable, Equatable {
        /// The client or the node ended it.
        case ended
        /// The connection is gone.
        case disconnected
        /// The client read too slowly; its connection is closed with code 1013.
        case tooSlow
    }

    /// The name that the client knows it by: `0x` and hexadecimal digits.
    public let id: String
    private let session: RPCSession
    private let feed: SubscriptionFeed
    /// The message up to the result.
    private let prefix: ByteBuffer

    init(id: String, notification: String, session: RPCSession, feed: SubscriptionFeed) {
        self.id = id
        self.session = session
        self.feed = feed
        var writer = JSONWriter()
        writer.openObject()
        writer.key("jsonrpc")
        writer.string("2.0")
        writer.key("method")
        writer.string(notification)
        writer.key("params")
        writer.openObject()
        writer.key("subscription")
        writer.string(id)
        writer.key("result")
        prefix = ByteBuffer(writer)
    }

    /// Whether the client still listens.
    public var isOpen: Bool { feed.isOpen(id) }

    /// Bytes of all subscriptions of the connection that the client has not been sent yet.
    ///
    /// Who sends much looks here first and waits while it is much: a client that lets more than
    /// ``ServerLimits/webSocketQueueBytes`` gather is cut off.
    public var waitingBytes: Int { feed.waitingBytes }

    /// Sends one notification; from any thread, without waiting.
    ///
    /// What comes before the answer to the request that subscribed is held back until then.
    ///
    /// - Parameter result: one JSON value; written once, it can go to many subscriptions.
    /// - Returns: false if the subscription has ended.
    @discardableResult
    public func send(_ result: borrowing JSONWriter) -> Bool {
        var message = ByteBuffer()
        message.reserveCapacity(prefix.readableBytes + result.count + 2)
        message.writeImmutableBuffer(prefix)
        result.withBytes { _ = message.writeBytes($0) }
        message.writeStaticString("}}")
        guard let signal = feed.push(message, for: id) else { return false }
        session.outlet.signal(signal)
        return true
    }

    /// Ends the subscription from the node's side.
    public func end() { _ = feed.end(id, .ended) }

    /// Ends the connection because something that it was to be sent cannot be sent any more.
    ///
    /// As where too much waits: whoever reads on could not tell that something is missing, and whoever connects
    /// again asks from where on.
    public func cutOff() {
        if let signal = feed.cutOff(id) { session.outlet.signal(signal) }
    }
}

extension RPCRequest {
    /// Opens a subscription for the client that sent this request.
    ///
    /// Answer the request with the subscription's ``RPCSubscription/id``.
    ///
    /// - Parameters:
    ///   - notification: the method name of the messages that will be sent.
    ///   - onEnd: called once, on any thread, when the subscription ends for whatever reason.
    /// - Returns: the subscription, open until it, the connection or the node ends it.
    /// - Throws: if the connection is no WebSocket or has too many subscriptions.
    public func subscribe(
        notification: String = "eth_subscription",
        onEnd: @escaping @Sendable (RPCSubscription.End) -> Void = { _ in }
    ) throws(RPCError) -> RPCSubscription {
        guard let feed = session.feed else {
            throw .methodNotFound(
                "subscriptions need a WebSocket connection; over HTTP use filters")
        }
        let id = try feed.open(tag: tag, onEnd: onEnd)
        return RPCSubscription(id: id, notification: notification, session: session, feed: feed)
    }

    /// Ends a subscription of the client that sent this request.
    ///
    /// - Returns: false if it has none of this id.
    public func unsubscribe(_ id: String) -> Bool {
        session.feed?.end(id, .ended) ?? false
    }
}
