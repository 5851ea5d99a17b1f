import NIOCore

extension HTTPConnection {
    // MARK: Answers

    /// Makes the request's place in the order; a request that ends the connection is the last.
    func open(_ facts: HTTPRequestFacts) -> Int {
        if !facts.keepsAlive { state = .closing }
        return queue.open(headers: facts.headers, closes: !facts.keepsAlive)
    }

    func answer(
        _ message: HTTPMessage, _ facts: HTTPRequestFacts, _ context: ChannelHandlerContext
    ) {
        fill(open(facts), .whole(message), context)
    }

    /// Refuses a request in its turn.
    func answer(
        _ refusal: HTTPRefusal, _ facts: HTTPRequestFacts, _ context: ChannelHandlerContext
    ) {
        core.counters.refused(refusal.status)
        answer(HTTPMessage(refusal, facts), facts, context)
    }

    /// Refuses outside of any request and ends.
    func refuse(_ refusal: HTTPRefusal, _ context: ChannelHandlerContext) {
        answer(refusal, .none, context)
        if !isReading { flush(context) }
    }

    func fill(
        _ tag: Int, _ message: ResponseQueue.Message, _ context: ChannelHandlerContext
    ) {
        queue.fill(tag, message)
        writeReady(context)
    }

    private func writeReady(_ context: ChannelHandlerContext) {
        var hasWritten = false
        while let slot = queue.takeReady(), let message = slot.message {
            write(message, slot, context)
            hasWritten = true
            guard !slot.closes else { return linger(context) }
        }
        if hasWritten, queue.isEmpty, case .head = state {
            expect(within: core.limits.idleMilliseconds, context)
        }
        if !isReading { count(context) }
    }

    /// Tells how many bytes are kept here: of a handshake, of a body that is coming in, of requests that wait, of
    /// answers that wait for others before them, and of those that the client does not read.
    ///
    /// What a client is about to read, up to the size from which on it must wait, does not count.
    func count(_ context: ChannelHandlerContext) {
        let unread = context.channel.isWritable ? 0 : context.unsentBytes
        let kept = greeting + receiving + held.bytes + queue.bytes + unread
        guard kept != counted else { return }
        outlet.keep(kept - counted)
        counted = kept
    }

    private func write(
        _ message: ResponseQueue.Message, _ slot: ResponseQueue.Slot,
        _ context: ChannelHandlerContext
    ) {
        let whole =
            switch message {
            case .whole(let message): message
            case .rpc(let body):
                HTTPMessage(
                    status: body == nil ? 204 : 200,
                    contentType: body == nil ? nil : HTTPMessage.json, body: body,
                    headers: slot.headers, closes: slot.closes)
            }
        core.counters.sent.add(whole.head.readableBytes + (whole.body?.readableBytes ?? 0))
        context.write(wrapOutboundOut(whole.head), promise: nil)
        if let body = whole.body { context.write(wrapOutboundOut(body), promise: nil) }
        needsFlush = true
    }

    /// Ends the connection soon.
    ///
    /// What the client still sends is let pass for a moment: closing at once would make the system
    /// reset the connection, and the client might never see the last answer.
    private func linger(_ context: ChannelHandlerContext) {
        state = .closing
        queue.removeAll()
        flush(context)
        // A client that reads to the end need not wait for that moment.
        context.close(mode: .output, promise: nil)
        expect(within: isDraining ? 200 : core.limits.lingerMilliseconds, context)
    }

    func flush(_ context: ChannelHandlerContext) {
        guard needsFlush else { return }
        needsFlush = false
        context.flush()
    }

    // MARK: Back-pressure

    /// Whether no further request is begun: enough are under way, the client does not read, or too much
    /// is kept for connections that are about to end.
    func mustWait(_ context: ChannelHandlerContext) -> Bool {
        if case .closing = state { return false }
        if queue.count >= core.limits.pipelined || !context.channel.isWritable { return true }
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
        if context.channel.isWritable {
            // A client that reads, however slowly, is not idle.
            if queue.isEmpty, case .head = state {
                expect(within: core.limits.idleMilliseconds, context)
            }
            resume(context)
        }
        context.fireChannelWritabilityChanged()
    }

    /// Goes on with what was held, then with what is still unread.
    func resume(_ context: ChannelHandlerContext) {
        // Not while a reading hands over its parts: their order would be lost.
        guard !isReading else { return }
        isReading = true
        let before = held.bytes
        while let part = held.first, !part.isHead || !mustWait(context), !isOfAnother(part) {
            process(held.removeFirst(), context)
        }
        isReading = false
        flush(context)
        // Not where the connection has become a WebSocket, which counts by itself.
        if held.bytes != before, self.context != nil { count(context) }
        guard holdsRead, held.isEmpty, !mustWait(context) else { return }
        holdsRead = false
        context.read()
    }

    // MARK: Time

    /// Sets the time by which something has to come.
    func expect(within milliseconds: Int64, _ context: ChannelHandlerContext) {
        expect(at: context.eventLoop.now + .milliseconds(milliseconds), context)
    }

    private func expect(at time: NIODeadline, _ context: ChannelHandlerContext) {
        deadline.set(time, context.eventLoop) { [weak outlet] in outlet?.timeOut() }
    }
}

extension HTTPConnection: OutletOwner {
    func take(_ responses: [(tag: Int, response: ByteBuffer?)]) {
        guard let context else { return }
        for (tag, response) in responses { queue.fill(tag, .rpc(response)) }
        writeReady(context)
        if !isReading { flush(context) }
        resume(context)
    }

    func react(to signal: SubscriptionFeed.Signal) {}

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
        if case .closing = state, readsOn(context) {
            // The system tells of what was read in large steps only.
            count(context)
            return expect(within: isDraining ? 2_000 : core.limits.idleMilliseconds, context)
        }
        switch state {
        case .body, .skipping:
            refuse(HTTPRefusal(408, "the request took too long to arrive"), context)
        case .head: context.close(promise: nil)
        case .closing: context.cutOff()
        }
    }

    /// Whether the client, which is to have its last answer whole, has read some of it since the last look.
    private func readsOn(_ context: ChannelHandlerContext) -> Bool {
        let unread = context.unsentBytes
        defer { unreadThen = unread }
        return unread > 0 && unread < unreadThen
    }

    func drain() {
        guard let context else { return }
        isDraining = true
        switch state {
        case .body(var facts, let body):
            facts.keepsAlive = false
            state = .body(facts, body)
        case .skipping(var facts, let refusal):
            facts.keepsAlive = false
            state = .skipping(facts, refusal)
        case .head, .closing:
            state = .closing
            guard !queue.closeAfterLast() else { return }
            // The last answer may not be read to its end.
            if context.unsentBytes > 0 { linger(context) } else { context.close(promise: nil) }
        }
    }

    func abort() { context?.cutOff() }
}
