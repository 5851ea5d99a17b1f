import JSON
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// A client over a WebSocket connection: calls, and the notifications of subscriptions.
public final class RPCWebSocket: Sendable {
    /// One notification.
    public struct Notification: Sendable {
        /// The subscription that it belongs to.
        public let subscription: String
        /// What it says.
        public let result: JSON
    }

    /// What is asked of the connection.
    package enum Order: Sendable {
        case call(RPCClient.Call, EventLoopPromise<JSON>)
        case next(EventLoopPromise<Notification?>)
        case close
    }

    private let endpoint: RPCEndpoint
    private let channel: any Channel
    private let isClosed = Atomic<Bool>(false)

    private init(endpoint: RPCEndpoint, channel: any Channel) {
        self.endpoint = endpoint
        self.channel = channel
    }

    /// Connects.
    ///
    /// - Throws: why there is no connection.
    public static func connect(
        _ endpoint: RPCEndpoint
    ) async throws(ClientFault) -> RPCWebSocket {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let upgraded = eventLoop.makePromise(of: Void.self)
        do {
            let channel = try await ClientBootstrap.connect(endpoint, on: eventLoop) { channel in
                try prepare(channel, endpoint, upgraded)
            }.get()
            let timer = eventLoop.scheduleTask(in: .milliseconds(endpoint.timeoutMilliseconds)) {
                upgraded.fail(
                    ClientFault.timedOut("\(endpoint): no answer to the WebSocket request"))
                channel.close(promise: nil)
            }
            try await upgraded.futureResult.get()
            timer.cancel()
            return RPCWebSocket(endpoint: endpoint, channel: channel)
        } catch {
            upgraded.fail(error)
            throw endpoint.unreachable(error)
        }
    }

    private static func prepare(
        _ channel: any Channel, _ endpoint: RPCEndpoint, _ upgraded: EventLoopPromise<Void>
    ) throws {
        let upgrader = NIOWebSocketClientUpgrader(
            maxFrameSize: 64 << 20, automaticErrorHandling: false
        ) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                try begin(channel, endpoint)
                upgraded.succeed()
            }
        }
        let request = NIOLoopBound(
            WebSocketRequest(endpoint: endpoint, upgraded: upgraded), eventLoop: channel.eventLoop)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHTTPClientHandlers(
            leftOverBytesStrategy: .forwardBytes,
            withClientUpgrade: (
                upgraders: [upgrader],
                completionHandler: { context in
                    context.pipeline.syncOperations.removeHandler(request.value, promise: nil)
                }
            ))
        try pipeline.addHandler(request.value)
    }

    /// Has a channel of frames take orders.
    package static func begin(_ channel: any Channel, _ endpoint: RPCEndpoint) throws {
        try channel.pipeline.syncOperations.addHandler(ClientWebSocketHandler(endpoint: endpoint))
    }

    /// Makes one call and waits for its result.
    ///
    /// - Throws: ``ClientFault/method(_:)`` with the method's error, or why there is no answer.
    public func call(_ method: String, _ params: JSON = []) async throws(ClientFault) -> JSON {
        let promise = channel.eventLoop.makePromise(of: JSON.self)
        let timer = channel.eventLoop.scheduleTask(
            in: .milliseconds(endpoint.timeoutMilliseconds)
        ) { [endpoint] in
            promise.fail(
                ClientFault.timedOut(
                    "\(endpoint): no answer within \(endpoint.timeoutMilliseconds) ms"))
        }
        channel.writeAndFlush(
            Order.call(RPCClient.Call(method, params), promise)
        ).whenFailure { promise.fail($0) }
        defer { timer.cancel() }
        do {
            return try await promise.futureResult.get()
        } catch {
            throw endpoint.unreachable(error)
        }
    }

    /// Waits for the next notification of any subscription, in the order of arrival.
    ///
    /// While nobody asks, at most about a thousand are kept and no more is read: a node then ends
    /// the connection.
    ///
    /// - Returns: nil when the connection was closed from this side.
    /// - Throws: why the connection ended.
    public func next() async throws(ClientFault) -> Notification? {
        let promise = channel.eventLoop.makePromise(of: Notification?.self)
        channel.writeAndFlush(Order.next(promise)).whenFailure {
            promise.fail($0)
        }
        do {
            return try await promise.futureResult.get()
        } catch {
            if isClosed.load(ordering: .relaxed) { return nil }
            throw endpoint.unreachable(error)
        }
    }

    /// Ends the connection.
    public func close() async {
        isClosed.store(true, ordering: .relaxed)
        try? await channel.writeAndFlush(Order.close).get()
        try? await channel.closeFuture.get()
    }
}

/// Asks to speak WebSocket, and tells of a refusal.
private final class WebSocketRequest: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let endpoint: RPCEndpoint
    private let upgraded: EventLoopPromise<Void>
    private var response: ClientResponse?

    init(endpoint: RPCEndpoint, upgraded: EventLoopPromise<Void>) {
        self.endpoint = endpoint
        self.upgraded = upgraded
    }

    func channelActive(context: ChannelHandlerContext) {
        var headers: HTTPHeaders = ["host": endpoint.authority]
        if let token = endpoint.token {
            headers.add(name: "authorization", value: "Bearer \(token)")
        }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            response = ClientResponse(status: Int(head.status.code), body: ByteBuffer())
        case .body(var bytes):
            if (response?.body.readableBytes ?? 0) < 1 << 20 {
                response?.body.writeBuffer(&bytes)
            }
        case .end:
            upgraded.fail(
                response?.refusal(endpoint) ?? .badAnswer("\(endpoint): no WebSocket there"))
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        upgraded.fail(ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        upgraded.fail(error)
        context.close(promise: nil)
    }
}
