import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// One HTTP/1.1 connection: checks heads, gathers bodies, hands them to the engine and writes the
/// answers in the order of the requests, however many are under way.
///
/// Requests come from NIO's decoder; answers go out as bytes.
final class HTTPConnection: ChannelDuplexHandler, RemovableChannelHandler, OutletOwner {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What the connection is waiting for.
    enum State {
        case head
        case body(HTTPRequestFacts, ByteBuffer?)
        /// The body of a refused request passes by unread; then the refusal is sent.
        case skipping(HTTPRequestFacts, HTTPRefusal)
        /// Nothing that comes in counts any more; what was asked before may still be answered.
        case closing
    }

    /// One answer's place in the order.
    struct Slot {
        var facts: HTTPRequestFacts
        var isReady = false
        var response: ByteBuffer?
    }

    let core: ServerCore
    let outlet: ConnectionOutlet
    var state = State.head
    private var isAdmitted = false
    private var isReading = false
    private var needsFlush = false
    private var holdsRead = false
    private var receiving = 0
    private var slots = CircularBuffer<Slot>()
    /// The tag of the first slot; of the next request when there is none.
    private var firstTag = 0
    private var session: RPCSession?
    private var sessionCaller: Gatekeeper.Caller?
    private var bucket: TokenBucket?
    var deadline = ConnectionDeadline()
    private var context: ChannelHandlerContext?

    init(core: ServerCore, outlet: ConnectionOutlet) {
        self.core = core
        self.outlet = outlet
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        outlet.serve(self)
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard !isAdmitted, case .head = state else { return }
        let now = context.eventLoop.now
        if let rate = core.limits.connectionRate { bucket = TokenBucket(rate, now: now) }
        isAdmitted = core.admit(outlet)
        guard isAdmitted else {
            refuse(HTTPRefusal(503, "the node has too many connections", closes: true), context)
            return
        }
        expect(within: core.limits.headMilliseconds, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelInactive(context: ChannelHandlerContext) {
        deadline.cancel()
        release()
        outlet.serve(nil)
        if isAdmitted { core.leave(outlet) }
        context.fireChannelInactive()
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        switch unwrapInboundIn(data) {
        case .head(let head): receive(head, context)
        case .body(let bytes): receive(bytes, context)
        case .end: receiveEnd(context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flush(context)
        context.fireChannelReadComplete()
    }

    private func receive(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard case .head = state else { return }
        expect(within: core.limits.bodyMilliseconds, context)
        var facts = HTTPRequestFacts(head)
        do throws(HTTPRefusal) {
            try facts.check(core)
            if facts.expectsContinue, slots.isEmpty {
                context.write(
                    wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")),
                    promise: nil)
                context.flush()
            }
            state = .body(facts, nil)
        } catch {
            if error.closes {
                facts.keepsAlive = false
                state = .closing
                answer(error, facts, context)
            } else {
                state = .skipping(facts, error)
            }
        }
    }

    private func receive(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard case .body(var facts, let before) = state else { return }
        // Nothing else may refer to the bytes before while they grow, or they would be copied.
        state = .closing
        let size = (before?.readableBytes ?? 0) + bytes.readableBytes
        let total =
            core.bodyBytes.wrappingAdd(bytes.readableBytes, ordering: .relaxed).newValue
        receiving += bytes.readableBytes
        guard size <= core.limits.bodyBytes, total <= core.limits.bodyBytesTotal else {
            facts.keepsAlive = false
            let refusal =
                size > core.limits.bodyBytes
                ? facts.tooLarge(core.limits.bodyBytes)
                : HTTPRefusal(
                    503, "the node is receiving too much at once; try again", closes: true)
            return answer(refusal, facts, context)
        }
        guard var body = before else {
            state = .body(facts, bytes)
            return
        }
        if body.writableBytes < bytes.readableBytes {
            let expected = min(facts.contentLength ?? 0, core.limits.bodyBytes)
            body.reserveCapacity(max(size, min(expected, 2 * size)))
        }
        body.writeImmutableBuffer(bytes)
        state = .body(facts, body)
    }

    private func receiveEnd(_ context: ChannelHandlerContext) {
        switch state {
        case .head, .closing: return
        case .skipping(let facts, let refusal):
            state = facts.keepsAlive ? .head : .closing
            answer(refusal, facts, context)
        case .body(let facts, let body):
            release()
            state = facts.keepsAlive ? .head : .closing
            perform(facts, body ?? ByteBuffer(), context)
        }
    }

    /// The body is no longer being received.
    private func release() {
        core.bodyBytes.wrappingSubtract(receiving, ordering: .relaxed)
        receiving = 0
    }

    private func perform(
        _ facts: HTTPRequestFacts, _ body: ByteBuffer, _ context: ChannelHandlerContext
    ) {
        core.counters.received.add(body.readableBytes)
        switch facts.purpose {
        case .rpc:
            performCalls(facts, body, context)
        case .page(let route, let query):
            let page = route.body(query)
            enqueue(Slot(facts: facts, isReady: true, response: nil), context) { close in
                HTTPMessage.response(
                    status: page.status, contentType: page.contentType,
                    body: ByteBuffer(bytes: page.body), headers: facts.headers, close: close,
                    withoutBody: facts.isHead)
            }
        case .preflight:
            enqueue(Slot(facts: facts, isReady: true, response: nil), context) { close in
                HTTPMessage.response(
                    status: 204, contentType: nil, body: nil, headers: facts.headers, close: close)
            }
        case .webSocket:
            state = .closing
            upgrade(facts, context)
        }
    }

    private func performCalls(
        _ facts: HTTPRequestFacts, _ body: ByteBuffer, _ context: ChannelHandlerContext
    ) {
        let tag = firstTag + slots.count
        var slot = Slot(facts: facts)
        var tooMany = false
        let session = session(for: facts.caller)
        let outcome = core.engine.answer(body, session: session, tag: tag) { calls in
            core.counters.batch.observe(UInt64(calls))
            guard !admits(calls, facts.caller, context.eventLoop.now) else { return nil }
            tooMany = true
            return .limitExceeded("more calls than this node takes from you; slow down")
        }
        switch outcome {
        case .later:
            slots.append(slot)
            deadline.clear()
        case .answered(let response):
            slot.isReady = true
            slot.response = response
            enqueue(slot, context, nil)
        case .refused(let response):
            slot.isReady = true
            slot.response = response
            guard tooMany else { return enqueue(slot, context, nil) }
            let refusal = HTTPRefusal(429, "")
            core.counters.refused(429)
            enqueue(slot, context) { close in
                HTTPMessage.response(
                    status: 429, contentType: HTTPMessage.json, body: response,
                    headers: refusal.headers + facts.headers, close: close)
            }
        }
    }

    private func admits(_ calls: Int, _ caller: Gatekeeper.Caller, _ now: NIODeadline) -> Bool {
        if let bucket, !bucket.take(calls, now: now) { return false }
        guard let token = caller.token, token < core.tokenBuckets.count else { return true }
        return core.tokenBuckets[token].take(calls, now: now)
    }

    private func session(for caller: Gatekeeper.Caller) -> RPCSession {
        if let session, caller == sessionCaller { return session }
        let made = RPCSession(
            transport: .http, scopes: caller.scopes,
            tokenName: caller.token.map { core.gatekeeper.tokens[$0].name }, outlet: outlet)
        session = made
        sessionCaller = caller
        return made
    }

    // MARK: Answers

    /// Refuses a request in its turn.
    private func answer(
        _ refusal: HTTPRefusal, _ facts: HTTPRequestFacts, _ context: ChannelHandlerContext
    ) {
        release()
        core.counters.refused(refusal.status)
        enqueue(Slot(facts: facts, isReady: true, response: nil), context) { close in
            HTTPMessage.response(
                status: refusal.status, contentType: HTTPMessage.json,
                body: RPCResponse.refusal(refusal.error), headers: refusal.headers + facts.headers,
                close: close, withoutBody: facts.isHead)
        }
    }

    /// Refuses outside of any request and ends.
    func refuse(_ refusal: HTTPRefusal, _ context: ChannelHandlerContext) {
        state = .closing
        answer(refusal, HTTPRequestFacts.none, context)
        if !isReading { flush(context) }
    }

    /// Writes a ready answer, or has it wait for its turn.
    private func enqueue(
        _ slot: Slot, _ context: ChannelHandlerContext,
        _ make: ((Bool) -> (head: ByteBuffer, body: ByteBuffer?))?
    ) {
        guard slots.isEmpty else {
            var slot = slot
            if let make {
                // Rare enough to be put together at once, as one piece.
                var (head, body) = make(!slot.facts.keepsAlive)
                if let body { head.writeImmutableBuffer(body) }
                slot.response = head
                slot.facts.isWhole = true
            }
            slots.append(slot)
            return
        }
        firstTag += 1
        let closes = !slot.facts.keepsAlive
        if let make {
            write(make(closes), context)
        } else {
            writeRPC(slot, context)
        }
        finished(closes: closes, context)
    }

    private func writeRPC(_ slot: Slot, _ context: ChannelHandlerContext) {
        core.counters.sent.add(slot.response?.readableBytes ?? 0)
        if slot.facts.isWhole, let response = slot.response {
            return write((response, nil), context)
        }
        let hasBody = slot.response != nil
        write(
            HTTPMessage.response(
                status: hasBody ? 200 : 204, contentType: hasBody ? HTTPMessage.json : nil,
                body: slot.response, headers: slot.facts.headers, close: !slot.facts.keepsAlive),
            context)
    }

    private func write(
        _ message: (head: ByteBuffer, body: ByteBuffer?), _ context: ChannelHandlerContext
    ) {
        context.write(wrapOutboundOut(message.head), promise: nil)
        if let body = message.body { context.write(wrapOutboundOut(body), promise: nil) }
        needsFlush = true
    }

    /// After each answer: what the connection waits for now.
    private func finished(closes: Bool, _ context: ChannelHandlerContext) {
        if closes {
            state = .closing
            slots.removeAll()
            flush(context)
            // What the client still sends is let pass for a moment: closing at once would make the
            // system reset the connection and the client might never see the answer.
            expect(within: Self.lingerMilliseconds, context)
        } else if slots.isEmpty, case .head = state {
            expect(within: core.limits.idleMilliseconds, context)
        }
    }

    private static let lingerMilliseconds: Int64 = 2_000

    private func flush(_ context: ChannelHandlerContext) {
        guard needsFlush else { return }
        needsFlush = false
        context.flush()
    }

    func take(_ responses: [(tag: Int, response: ByteBuffer?)]) {
        guard let context else { return }
        for (tag, response) in responses {
            let place = tag - firstTag
            guard place >= 0, place < slots.count else { continue }
            let index = slots.index(slots.startIndex, offsetBy: place)
            slots[index].response = response
            slots[index].isReady = true
        }
        while let slot = slots.first, slot.isReady {
            slots.removeFirst()
            firstTag += 1
            writeRPC(slot, context)
            finished(closes: !slot.facts.keepsAlive, context)
        }
        if !isReading { flush(context) }
        resumeReading(context)
    }

    // MARK: Back-pressure

    private var isFull: Bool { slots.count >= core.limits.pipelined }

    func read(context: ChannelHandlerContext) {
        if isFull || !context.channel.isWritable {
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
        guard holdsRead, !isFull, context.channel.isWritable else { return }
        holdsRead = false
        context.read()
    }

    // MARK: Ends

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            core.logger.debug("connection ended", metadata: ["error": "\(error)"])
            context.close(promise: nil)
            return
        }
        guard case .closing = state else {
            let refusal =
                error == .headerOverflow
                ? HTTPRefusal(431, "the headers are too many or too long", closes: true)
                : HTTPRefusal(400, "this is no HTTP/1.1 request: \(error)", closes: true)
            return refuse(refusal, context)
        }
    }

    /// Sets the time by which something has to come.
    private func expect(within milliseconds: Int64, _ context: ChannelHandlerContext) {
        expect(at: context.eventLoop.now + .milliseconds(milliseconds), context)
    }

    private func expect(at time: NIODeadline, _ context: ChannelHandlerContext) {
        deadline.set(time, context.eventLoop) { [weak outlet] in outlet?.timeOut() }
    }

    func timeOut() {
        guard let context else { return }
        let (isDue, next) = deadline.hasCome(context.eventLoop.now)
        if let next { expect(at: next, context) }
        guard isDue else { return }
        switch state {
        case .body, .skipping:
            refuse(HTTPRefusal(408, "the request took too long to arrive", closes: true), context)
        case .head, .closing:
            context.close(promise: nil)
        }
    }

    func drain() {
        guard let context else { return }
        if let last = slots.indices.last {
            slots[last].facts.keepsAlive = false
            state = .closing
        } else if case .head = state {
            state = .closing
            context.close(promise: nil)
        } else if case .body(var facts, let body) = state {
            facts.keepsAlive = false
            state = .body(facts, body)
        }
    }

    func abort() { context?.close(promise: nil) }

    // MARK: WebSocket

    private func upgrade(_ facts: HTTPRequestFacts, _ context: ChannelHandlerContext) {
        refuse(HTTPRefusal(426, "WebSocket is not served here", closes: true), context)
    }
}
