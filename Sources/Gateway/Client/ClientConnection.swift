import JSON
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// A request on its way through the pipeline, with the place for its answer.
package struct ClientCall: Sendable {
    let head: HTTPRequestHead
    let body: ByteBuffer
    let promise: EventLoopPromise<ClientResponse>

    /// Makes a request for a page.
    package init(head: HTTPRequestHead, body: ByteBuffer, promise: EventLoopPromise<ClientResponse>)
    {
        self.head = head
        self.body = body
        self.promise = promise
    }
}

/// An answer with its whole body.
package struct ClientResponse: Sendable {
    package let status: Int
    package internal(set) var body: ByteBuffer

    /// The error that a server sends with a status other than 200.
    func refusal(_ endpoint: RPCEndpoint) -> ClientFault {
        let tree = try? RPCClient.tree(body, endpoint)
        let message = tree?["error"]?["message"]?.string ?? "the request was turned away"
        return .refused(status: status, "\(endpoint): \(message)")
    }
}

/// Makes connections to an endpoint.
enum ClientBootstrap {
    /// Connects; TLS may still fail then.
    ///
    /// - Parameters:
    ///   - endpoint: to whom.
    ///   - eventLoop: where.
    ///   - end: takes note of why TLS failed.
    ///   - configure: adds the handlers.
    /// - Returns: the channel.
    static func connect(
        _ endpoint: RPCEndpoint, on eventLoop: any EventLoop, end: ConnectionEnd = ConnectionEnd(),
        _ configure: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        let tls: NIOSSLContext?
        do throws(ClientFault) {
            tls = try endpoint.tlsContext()
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
        let bootstrap = NIOPosix.ClientBootstrap(group: eventLoop)
            .connectTimeout(.milliseconds(endpoint.timeoutMilliseconds))
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 1 << 10, initial: 4 << 10, maximum: 256 << 10)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(
                            context: tls, serverHostname: endpoint.serverName)
                        try channel.pipeline.syncOperations.addHandlers(
                            handler, TLSFaultHandler(handler, endpoint, end))
                    }
                    try configure(channel)
                }
            }
        switch endpoint.place {
        case .tcp(let host, let port, _):
            return bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: host, port: port)
        case .unix(let path):
            return bootstrap.connect(unixDomainSocketPath: path)
        }
    }
}

/// Sends requests and matches the answers, which come in the same order.
final class ClientHTTPHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = ClientCall
    typealias OutboundOut = HTTPClientRequestPart

    /// Bytes of one answer.
    private let limit: Int
    private var waiting = CircularBuffer<EventLoopPromise<ClientResponse>>()
    private var response: ClientResponse?
    private var closes = false
    /// Heads of status 1xx, which only say that an answer will follow, since the last answer.
    private var heads = 0
    /// More of them have no use; without a bound the other end could keep a thread busy with nothing.
    private static let headsMax = 16

    init(limit: Int) { self.limit = limit }

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        let call = unwrapOutboundIn(data)
        waiting.append(call.promise)
        context.write(wrapOutboundOut(.head(call.head)), promise: nil)
        if call.body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(call.body))), promise: nil)
        }
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard !(100..<200).contains(head.status.code) || head.status == .switchingProtocols
            else {
                heads += 1
                guard heads > Self.headsMax else { return }
                let text = "more than \(Self.headsMax) times status 1xx instead of an answer"
                return fail(ClientFault.badAnswer(text), context)
            }
            heads = 0
            closes = !head.isKeepAlive
            response = ClientResponse(status: Int(head.status.code), body: ByteBuffer())
        case .body(var bytes):
            guard var whole = response else { return }
            response = nil
            guard whole.body.readableBytes + bytes.readableBytes <= limit else {
                let text = "the answer has more than \(limit) bytes, which is too large"
                return fail(ClientFault.badAnswer(text), context)
            }
            if whole.body.readableBytes == 0 {
                whole.body = bytes
            } else {
                whole.body.writeBuffer(&bytes)
            }
            response = whole
        case .end:
            guard let whole = response else { return }
            response = nil
            waiting.popFirst()?.succeed(whole)
            if closes { context.close(promise: nil) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(ChannelError.ioOnClosedChannel, context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error, context) }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        while let promise = waiting.popFirst() { promise.fail(error) }
        context.close(promise: nil)
    }
}
