import NIOCore
import NIOWebSocket

extension WebSocketConnection {
    // MARK: Answers and notifications

    func answer(_ response: ByteBuffer?, _ tag: Int, _ context: ChannelHandlerContext) {
        if let response { send(.text, response, context) }
        outlet.signal(feed.activate(tag: tag))
    }

    func send(
        _ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext,
        promise: EventLoopPromise<Void>? = nil
    ) {
        core.counters.sent.add(data.readableBytes)
        let frame = WebSocketFrame(fin: true, opcode: opcode, data: data)
        context.write(wrapOutboundOut(frame), promise: promise)
    }

    func sendNotifications(_ context: ChannelHandlerContext) {
        let frames = feed.takeFrames()
        guard !isClosing, let last = frames.last else { return }
        for frame in frames.dropLast() { send(.text, frame, context) }
        let bytes = frames.reduce(0) { $0 + $1.readableBytes }
        let size = SubscriptionFeed.size(of: frames)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { [feed] _ in feed.sent(bytes, size: size) }
        send(.text, last, context, promise: promise)
        context.flush()
    }

    // MARK: The end

    func answerClose(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
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
    func close(
        _ code: WebSocketErrorCode, _ reason: String, _ context: ChannelHandlerContext
    ) {
        guard !isClosing else { return }
        isClosing = true
        message = nil
        var data = ByteBuffer()
        data.write(webSocketErrorCode: code)
        data.writeString(String(reason.prefix(100)))
        send(.connectionClose, data, context)
        context.flush()
        feed.close(code == .unknown(1013) ? .tooSlow : .disconnected)
        expect(within: core.limits.lingerMilliseconds, context)
    }

    func expect(within milliseconds: Int64, _ context: ChannelHandlerContext) {
        expect(at: context.eventLoop.now + .milliseconds(milliseconds), context)
    }

    private func expect(at time: NIODeadline, _ context: ChannelHandlerContext) {
        deadline.set(time, context.eventLoop) { [weak outlet] in outlet?.timeOut() }
    }

    // MARK: Back-pressure

    /// Whether no further frame is looked at: enough messages are under way, the client does not
    /// read, or too much is kept for connections that are about to end.
    ///
    /// While closing, its close frame is awaited.
    func mustWait(_ context: ChannelHandlerContext) -> Bool {
        if isClosing { return false }
        if underWay >= core.limits.pipelined || !context.channel.isWritable { return true }
        guard !core.kept.hasRoom else { return false }
        if !waitsForRoom { outlet.goOnSoon() }
        waitsForRoom = true
        return true
    }

    func read(context: ChannelHandlerContext) {
        if mustWait(context) || !held.isEmpty {
            holdsRead = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        count(context)
        if context.channel.isWritable { resume(context) }
        context.fireChannelWritabilityChanged()
    }

    /// Goes on with what was held, then with what is still unread.
    func resume(_ context: ChannelHandlerContext) {
        // Not while a reading hands over its frames: their order would be lost.
        guard !isReading else { return }
        isReading = true
        let before = held.bytes
        while !held.isEmpty, !mustWait(context) { process(held.removeFirst(), context) }
        isReading = false
        context.flush()
        if held.bytes != before { count(context) }
        guard holdsRead, held.isEmpty, !mustWait(context) else { return }
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
            count(context)
        }
        if isDraining, underWay == 0 { close(.goingAway, "the node is stopping", context) }
        resume(context)
    }

    func react(to signal: SubscriptionFeed.Signal) {
        guard let context else { return }
        switch signal {
        case .nothing: break
        case .framesWait: sendNotifications(context)
        case .overflow:
            core.counters.slowSubscribers.add()
            close(.unknown(1013), "notifications were read too slowly", context)
            resume(context)
        }
    }

    func goOn() {
        waitsForRoom = false
        guard let context else { return }
        resume(context)
    }

    func timeOut() {
        guard let context else { return }
        let (isDue, next) = deadline.hasCome(context.eventLoop.now)
        if let next { expect(at: next, context) }
        guard isDue else { return }
        guard !isClosing, pingsUnanswered < 2 else { return context.cutOff() }
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

    func abort() { context?.cutOff() }
}
