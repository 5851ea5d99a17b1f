import JSON
import NIOCore
import NIOWebSocket

/// The client's end of a WebSocket connection.
final class ClientWebSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = RPCWebSocket.Order
    typealias OutboundOut = WebSocketFrame

    private static let messageLimit = 64 << 20
    private static let keptMost = 1_024

    private let endpoint: RPCEndpoint
    private var calls: [Int: EventLoopPromise<JSON>] = [:]
    private var nextID = 1
    private var kept = CircularBuffer<RPCWebSocket.Notification>()
    private var askers = CircularBuffer<EventLoopPromise<RPCWebSocket.Notification?>>()
    private var message = ByteBuffer()
    private var end: ClientFault?
    private var closedByUs = false
    private var holdsRead = false

    init(endpoint: RPCEndpoint) { self.endpoint = endpoint }

    // MARK: From the client object

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        switch unwrapOutboundIn(data) {
        case .call(let call, let answer):
            var writer = JSONWriter()
            RPCClient.write(call, id: nextID, to: &writer)
            calls[nextID] = answer
            nextID += 1
            send(.text, ByteBuffer(writer), context, promise)
        case .next(let asker):
            promise?.succeed()
            askers.append(asker)
            serveAskers()
            if holdsRead, kept.count < Self.keptMost {
                holdsRead = false
                context.read()
            }
        case .close:
            closedByUs = true
            var reason = ByteBuffer()
            reason.write(webSocketErrorCode: .normalClosure)
            send(.connectionClose, reason, context, promise)
            context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(2)) {
                context.close(promise: nil)
            }
        }
    }

    private func send(
        _ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext,
        _ promise: EventLoopPromise<Void>? = nil
    ) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
        context.writeAndFlush(wrapOutboundOut(frame), promise: promise)
    }

    private func serveAskers() {
        while let asker = askers.first {
            if let notification = kept.popFirst() {
                askers.removeFirst()
                asker.succeed(notification)
            } else if let end {
                askers.removeFirst()
                if closedByUs { asker.succeed(nil) } else { asker.fail(end) }
            } else {
                return
            }
        }
    }

    // MARK: From the node

    func read(context: ChannelHandlerContext) {
        if kept.count < Self.keptMost { context.read() } else { holdsRead = true }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text, .continuation:
            var part = frame.unmaskedData
            guard message.readableBytes + part.readableBytes <= Self.messageLimit else {
                return finish(.badAnswer("\(endpoint): a message is too large"), context)
            }
            message.writeBuffer(&part)
            guard frame.fin else { return }
            let whole = message
            message = ByteBuffer()
            receive(whole, context)
        case .ping: send(.pong, frame.unmaskedData, context)
        case .connectionClose:
            var data = frame.unmaskedData
            let code = data.readWebSocketErrorCode().map { UInt16(webSocketErrorCode: $0) }
            let reason = data.readString(length: data.readableBytes) ?? ""
            finish(
                .unreachable(
                    "\(endpoint): the node ended the connection: \(reason) "
                        + "(\(code.map(String.init) ?? "no code"))"), context)
        default: break
        }
    }

    private func receive(_ body: ByteBuffer, _ context: ChannelHandlerContext) {
        do throws(ClientFault) {
            let tree = try RPCClient.tree(body, endpoint)
            if let params = tree["params"], let id = params["subscription"]?.string,
                let result = params["result"]
            {
                kept.append(RPCWebSocket.Notification(subscription: id, result: result))
                serveAskers()
                return
            }
            guard let id = tree["id"]?.integer, let call = calls.removeValue(forKey: Int(id)) else {
                return
            }
            do throws(ClientFault) {
                call.succeed(try RPCClient.result(tree, endpoint).get())
            } catch {
                call.fail(error)
            }
        } catch {
            finish(error, context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.unreachable("\(endpoint): the connection ended"), context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(endpoint.unreachable(error), context)
    }

    private func finish(_ fault: ClientFault, _ context: ChannelHandlerContext) {
        if end == nil { end = fault }
        for call in calls.values { call.fail(end ?? fault) }
        calls = [:]
        serveAskers()
        context.close(promise: nil)
    }
}
