import JSON
import Logging
import NIOCore
import NIOWebSocket
import Synchronization

/// One WebSocket connection: messages are bodies for the engine, answers and notifications are
/// text messages.
///
/// Answers go out as they become complete; ids tell the client which is which.
final class WebSocketConnection: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    let core: ServerCore
    let outlet: ConnectionOutlet
    private let caller: Gatekeeper.Caller
    let feed: SubscriptionFeed
    private let session: RPCSession
    private let allowance: CallAllowance
    var context: ChannelHandlerContext?
    var deadline = ConnectionDeadline()
    /// The parts so far of a message that comes in several frames.
    var message: ByteBuffer?
    /// Bytes that came in and of which no frame was made yet.
    private let unframed: FrameBytes
    /// What counts as kept for this connection, beside what its feed counts.
    private var counted = 0
    private var nextTag = 0
    /// Messages whose answer is outstanding.
    var underWay = 0
    var holdsRead = false
    /// Whether it will look again if there is room.
    var waitsForRoom = false
    /// Frames that were read but have to wait.
    var held = HeldParts<WebSocketFrame>()
    var isReading = false
    var pingsUnanswered = 0
    /// A close frame was sent: nothing else is, and what comes in is let pass.
    var isClosing = false
    var isDraining = false

    init(
        core: ServerCore, outlet: ConnectionOutlet, caller: Gatekeeper.Caller,
        allowance: CallAllowance, unframed: FrameBytes
    ) {
        self.core = core
        self.outlet = outlet
        self.caller = caller
        self.unframed = unframed
        feed = SubscriptionFeed(
            byteLimit: core.limits.webSocketQueueBytes, countLimit: core.limits.subscriptions,
            all: core.subscriptions, keep: outlet.keep)
        session = RPCSession(
            scopes: caller.scopes, outlet: outlet,
            feed: feed)
        self.allowance = allowance
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        outlet.serve(self)
        core.counters.webSockets.add(1)
        expect(within: core.limits.pingMilliseconds, context)
    }

    /// All that came with the upgrade has been handed over, which nobody else tells: it is no reading of its own.
    func begin() {
        guard let context else { return }
        channelReadComplete(context: context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline.cancel()
        message = nil
        outlet.end()
        core.counters.webSockets.add(-1)
        core.leave(outlet)
        feed.close(.disconnected)
        self.context = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error as? NIOWebSocketError {
        case .invalidFrameLength?: close(.messageTooLarge, tooLarge, context)
        case _?: close(.protocolError, "a control frame is whole and short", context)
        case nil:
            core.logger.debug("connection ended", metadata: ["error": "\(error)"])
            context.cutOff()
        }
    }

    private var tooLarge: String { "a message has at most \(core.limits.messageBytes) bytes" }

    // MARK: Frames

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        let frame = unwrapInboundIn(data)
        unframed.take(frame)
        pingsUnanswered = 0
        if !held.isEmpty || mustWait(context) {
            held.append(frame)
        } else {
            process(frame, context)
        }
    }

    func process(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        if isClosing {
            if frame.opcode == .connectionClose { context.close(promise: nil) }
            return
        }
        expect(within: core.limits.pingMilliseconds, context)
        guard frame.maskKey != nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
            return close(
                .protocolError, "a client masks its frames and sets no reserved bit", context)
        }
        switch frame.opcode {
        // Some libraries, web3.py among them, say binary of what is text all the same.
        case .text, .binary, .continuation: receive(frame, context)
        case .ping: send(.pong, frame.unmaskedData, context)
        case .pong: break
        case .connectionClose: answerClose(frame, context)
        default: close(.protocolError, "unknown frame", context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        context.flush()
        count(context)
        resume(context)
        context.fireChannelReadComplete()
    }

    private func receive(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        guard (frame.opcode == .continuation) == (message != nil) else {
            return close(
                .protocolError, "a continuation follows a start, nothing else does", context)
        }
        var whole = frame.unmaskedData
        if var before = message {
            guard before.readableBytes + whole.readableBytes <= core.limits.messageBytes else {
                return close(.messageTooLarge, tooLarge, context)
            }
            message = ByteBuffer()
            before.writeBuffer(&whole)
            whole = before
        }
        message = frame.fin ? nil : whole
        guard frame.fin else { return }
        let isText = whole.withUnsafeReadableBytes {
            UTF8Text.isValid($0.bindMemory(to: UInt8.self))
        }
        guard isText else { return close(.dataInconsistentWithMessage, "no UTF-8", context) }
        perform(whole, context)
    }

    /// Tells how many bytes are kept here: of a message that is coming in, of frames that wait, and of
    /// answers that the client does not read.
    ///
    /// The feed tells of its own, which wait with the answers.
    func count(_ context: ChannelHandlerContext) {
        let unread =
            context.channel.isWritable ? 0 : context.unsentBytes - feed.waitingBytes
        let kept =
            unframed.count + (message?.readableBytes ?? 0) + held.bytes + max(unread, 0)
        guard kept != counted else { return }
        outlet.keep(kept - counted)
        counted = kept
    }

    private func perform(_ body: ByteBuffer, _ context: ChannelHandlerContext) {
        core.counters.received.add(body.readableBytes)
        let tag = nextTag
        nextTag += 1
        let outcome = core.engine.answer(body, session: session, tag: tag) {
            allowance.refusal($0, caller, now: context.eventLoop.now)
        }
        switch outcome {
        case .later: underWay += 1
        case .answered(let response): answer(response, tag, context)
        case .refused(let error): answer(RPCResponse.refusal(error), tag, context)
        }
    }
}
