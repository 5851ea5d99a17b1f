import Logging
import NIOCore
import NIOWebSocket
import Synchronization

/// One WebSocket connection: text messages are bodies for the engine, answers and notifications
/// are text messages.
///
/// Answers go out as they become complete; ids tell the client which is which.
final class WebSocketConnection: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    let core: ServerCore
    let outlet: ConnectionOutlet
    private let caller: Gatekeeper.Caller
    private let feed: SubscriptionFeed
    private let session: RPCSession
    private let allowance: CallAllowance
    private var context: ChannelHandlerContext?
    private var deadline = ConnectionDeadline()
    /// The parts so far of a message that comes in several frames.
    private var message: ByteBuffer?
    private var nextTag = 0
    /// Messages whose answer is outstanding.
    private var underWay = 0
    private var holdsRead = false
    private var pingsUnanswered = 0
    /// A close frame was sent: nothing else is, and what comes in is let pass.
    private var isClosing = false
    private var isDraining = false

    init(core: ServerCore, outlet: ConnectionOutlet, caller: Gatekeeper.Caller, now: NIODeadline) {
        self.core = core
        self.outlet = outlet
        self.caller = caller
        feed = SubscriptionFeed(
            byteLimit: core.limits.webSocketQueueBytes, countLimit: core.limits.subscriptions)
        session = RPCSession(
            scopes: caller.scopes, tokenName: core.gatekeeper.tokenName(caller), outlet: outlet,
            feed: feed)
        allowance = CallAllowance(core, now: now)
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        outlet.serve(self)
        core.counters.webSockets.add(1)
        expect(within: core.limits.pingMilliseconds, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline.cancel()
        setMessage(nil)
        outlet.serve(nil)
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
            context.close(promise: nil)
        }
    }

    private var tooLarge: String { "a message has at most \(core.limits.messageBytes) bytes" }

    // MARK: Frames

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        pingsUnanswered = 0
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
        case .text, .continuation: receive(frame, context)
        case .binary: close(.unacceptableData, "messages are text", context)
        case .ping: send(.pong, frame.unmaskedData, context)
        case .pong: break
        case .connectionClose: answerClose(frame, context)
        default: close(.protocolError, "unknown frame", context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
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
        guard frame.fin else {
            guard setMessage(whole) else {
                return close(.unknown(1013), "the node is receiving too much at once", context)
            }
            return
        }
        setMessage(nil)
        let isText = whole.withUnsafeReadableBytes {
            UTF8Text.isValid($0.bindMemory(to: UInt8.self))
        }
        guard isText else { return close(.dataInconsistentWithMessage, "no UTF-8", context) }
        perform(whole, context)
    }

    private var counted = 0

    /// Keeps the parts of a message, counting them in the server's total; false if that is full.
    @discardableResult
    private func setMessage(_ parts: ByteBuffer?) -> Bool {
        message = parts
        let size = parts?.readableBytes ?? 0
        let total = core.bodyBytes.wrappingAdd(size - counted, ordering: .relaxed).newValue
        counted = size
        return size == 0 || total <= core.limits.bodyBytesTotal
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

    // MARK: Answers and notifications

    private func answer(_ response: ByteBuffer?, _ tag: Int, _ context: ChannelHandlerContext) {
        if let response { send(.text, response, context) }
        outlet.signal(feed.activate(tag: tag))
    }

    private func send(
        _ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext,
        promise: EventLoopPromise<Void>? = nil
    ) {
        core.counters.sent.add(data.readableBytes)
        let frame = WebSocketFrame(fin: true, opcode: opcode, data: data)
        context.write(wrapOutboundOut(frame), promise: promise)
    }

    private func sendNotifications(_ context: ChannelHandlerContext) {
        let frames = feed.takeFrames()
        guard !isClosing, let last = frames.last else { return }
        for frame in frames.dropLast() { send(.text, frame, context) }
        let size = frames.reduce(0) { $0 + $1.readableBytes }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { [feed] _ in feed.sent(size) }
        send(.text, last, context, promise: promise)
        context.flush()
    }

    // MARK: The end

    private func answerClose(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        isClosing = true
        feed.close(.disconnected)
        let data = frame.unmaskedData
        let echo = data.readableBytes >= 2 ? data.getSlice(at: data.readerIndex, length: 2) : nil
        let sent = context.eventLoop.makePromise(of: Void.self)
        send(.connectionClose, echo ?? ByteBuffer(), context, promise: sent)
        context.flush()
        sent.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    /// Says why, and ends when the client agrees or after a moment.
    private func close(
        _ code: WebSocketErrorCode, _ reason: String, _ context: ChannelHandlerContext
    ) {
        guard !isClosing else { return }
        isClosing = true
        setMessage(nil)
        var data = ByteBuffer()
        data.write(webSocketErrorCode: code)
        data.writeString(String(reason.prefix(100)))
        send(.connectionClose, data, context)
        context.flush()
        feed.close(code == .unknown(1013) ? .tooSlow : .disconnected)
        expect(within: 2_000, context)
    }

    private func expect(within milliseconds: Int64, _ context: ChannelHandlerContext) {
        expect(at: context.eventLoop.now + .milliseconds(milliseconds), context)
    }

    private func expect(at time: NIODeadline, _ context: ChannelHandlerContext) {
        deadline.set(time, context.eventLoop) { [weak outlet] in outlet?.timeOut() }
    }

    // MARK: Back-pressure

    private var isFull: Bool { underWay >= core.limits.pipelined }

    func read(context: ChannelHandlerContext) {
        // While closing, reading goes on: the client's close frame is awaited.
        if !isClosing, isFull || !context.channel.isWritable {
            holdsRead = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        resumeReading(context)
        context.fireChannelWritabilityChanged()
    }

    private func resumeReading(_ context: ChannelHandlerContext) {
        guard holdsRead, isClosing || (!isFull && context.channel.isWritable) else { return }
        holdsRead = false
        context.read()
    }
}

extension WebSocketConnection: OutletOwner {
    func take(_ responses: [(tag: Int, response: ByteBuffer?)]) {
        guard let context else { return }
        underWay -= responses.count
        if !isClosing {
            for (tag, response) in responses { answer(response, tag, context) }
            context.flush()
        }
        if isDraining, underWay == 0 { close(.goingAway, "the node is stopping", context) }
        resumeReading(context)
    }

    func react(to signal: SubscriptionFeed.Signal) {
        guard let context else { return }
        switch signal {
        case .nothing: break
        case .framesWait: sendNotifications(context)
        case .overflow:
            core.counters.slowSubscribers.add()
            close(.unknown(1013), "notifications were read too slowly", context)
            resumeReading(context)
        }
    }

    func timeOut() {
        guard let context else { return }
        let (isDue, next) = deadline.hasCome(context.eventLoop.now)
        if let next { expect(at: next, context) }
        guard isDue else { return }
        guard !isClosing, pingsUnanswered < 2 else { return context.close(promise: nil) }
        pingsUnanswered += 1
        send(.ping, ByteBuffer(), context)
        context.flush()
        expect(within: core.limits.pingMilliseconds, context)
    }

    func drain() {
        guard let context else { return }
        isDraining = true
        if underWay == 0 { close(.goingAway, "the node is stopping", context) }
    }

    func abort() { context?.close(promise: nil) }
}
