import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// One HTTP/1.1 connection: checks heads, gathers bodies, hands them to the engine and writes the
/// answers in the order of the requests, however many are under way.
///
/// Requests come from NIO's decoder; answers go out as bytes.
final class HTTPConnection: ChannelDuplexHandler, RemovableChannelHandler {
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

    let core: ServerCore
    let outlet: ConnectionOutlet
    var context: ChannelHandlerContext?
    var state = State.head
    var queue = ResponseQueue()
    var deadline = ConnectionDeadline()
    var isReading = false
    var needsFlush = false
    var holdsRead = false
    /// Whether it will look again if there is room.
    var waitsForRoom = false
    /// Requests that were read but have to wait.
    var held = HeldParts<HTTPServerRequestPart>()
    var isDraining = false
    /// The other side, if it is a proxy: each request may be another client's.
    let proxy: ClientAddress?
    /// Nil until it is there.
    private var entrance: OpenConnections.Entrance?
    /// Bytes of the present body.
    private(set) var receiving = 0
    /// What counts as kept for this connection: its handshake, its body, requests that wait, and its answers.
    var counted = 0
    /// What counts of a TLS connection of which no request came: a handshake or a record may be a byte short for as
    /// long as a first head may take, and two or three times as much is kept for it then.
    private(set) var greeting: Int
    /// What the client had not read of its last answer when its time was over last.
    var unreadThen = Int.max
    private var session: RPCSession?
    private var sessionCaller: Gatekeeper.Caller?
    private(set) var allowance: CallAllowance

    init(
        core: ServerCore, outlet: ConnectionOutlet, proxy: ClientAddress?, isTLS: Bool,
        now: NIODeadline
    ) {
        self.core = core
        self.outlet = outlet
        self.proxy = proxy
        greeting = isTLS ? 32 << 10 : 0
        allowance = CallAllowance(core, now: now)
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
        guard entrance == nil, case .head = state else { return }
        let entrance = core.admit(outlet, isProxied: proxy != nil)
        self.entrance = entrance
        switch entrance {
        case .admitted:
            expect(within: core.limits.headMilliseconds, context)
            count(context)
        case .refused(let why):
            state = .closing
            // TLS begins behind this event; what is closed before has no handshake, and could not be told.
            context.eventLoop.assumeIsolated().execute { [self] in
                guard let context = self.context, context.channel.isActive else { return }
                refuse(HTTPRefusal(503, why), context)
            }
        case .dropped: context.cutOff()
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline.cancel()
        self.context = nil
        // What never became a connection is not told of its end.
        if entrance == nil { outlet.end() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline.cancel()
        release()
        outlet.end()
        switch entrance {
        case .admitted: core.leave(outlet)
        case .refused: core.leaveRefused()
        case .dropped, nil: break
        }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            core.logger.debug("connection ended", metadata: ["error": "\(error)"])
            return context.cutOff()
        }
        if case .closing = state { return }
        refuse(
            error == .headerOverflow
                ? HTTPRefusal(431, "the headers are too many or too long")
                : HTTPRefusal(400, "this is no HTTP/1.1 request: \(error)"), context)
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        let part = unwrapInboundIn(data)
        if !held.isEmpty || (part.isHead && mustWait(context)) || isOfAnother(part) {
            held.append(part)
        } else {
            process(part, context)
        }
    }

    func process(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head): receive(head, context)
        case .body(let bytes): receive(bytes, context)
        case .end: receiveEnd(context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flush(context)
        count(context)
        resume(context)
        context.fireChannelReadComplete()
    }

    private func receive(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard case .head = state else { return }
        greeting = 0
        expect(within: core.limits.bodyMilliseconds, context)
        if let client = client(of: head) {
            outlet.kept.move(to: client)
            allowance.move(to: outlet.kept.client)
        }
        var facts = HTTPRequestFacts(head)
        do throws(HTTPRefusal) {
            try facts.check(core)
            state = .body(facts, nil)
            if facts.expectsContinue, queue.isEmpty {
                let go = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
                context.writeAndFlush(wrapOutboundOut(go), promise: nil)
            }
        } catch {
            if error.closes {
                facts.keepsAlive = false
                answer(error, facts, context)
            } else {
                state = .skipping(facts, error)
            }
        }
    }

    /// Whose a request that came by way of a proxy is; nil on any other connection.
    private func client(of head: HTTPRequestHead) -> ClientAddress? {
        guard let proxy else { return nil }
        let client = core.forwarding.client(
            forwarded: head.headers["forwarded"], forwardedFor: head.headers["x-forwarded-for"])
        return client.map(ClientAddress.init) ?? proxy
    }

    /// Whether the request is another client's than those that are under way.
    ///
    /// It waits for them, so that what is kept for the connection is at any time one client's.
    func isOfAnother(_ part: HTTPServerRequestPart) -> Bool {
        guard proxy != nil, !queue.isEmpty, case .head(let head) = part else { return false }
        return client(of: head) != outlet.kept.client.address
    }

    private func receive(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard case .body(var facts, let before) = state else { return }
        // Nothing else may refer to the bytes before while they grow, or they would be copied.
        state = .closing
        receiving += bytes.readableBytes
        guard receiving <= core.limits.bodyBytes else {
            facts.keepsAlive = false
            release()
            return answer(HTTPRequestFacts.tooLarge(core.limits.bodyBytes), facts, context)
        }
        count(context)
        guard var body = before else {
            state = .body(facts, bytes)
            return
        }
        if body.writableBytes < bytes.readableBytes {
            // Room grows with what has come, whatever length was announced.
            let expected = min(facts.contentLength ?? 0, core.limits.bodyBytes)
            body.reserveCapacity(max(receiving, min(expected, 2 * receiving)))
        }
        body.writeImmutableBuffer(bytes)
        state = .body(facts, body)
    }

    private func receiveEnd(_ context: ChannelHandlerContext) {
        switch state {
        case .head, .closing: return
        case .skipping(let facts, let refusal):
            // The request is here. Its answer, and one before it that is due, has all the time that it needs;
            // what comes next has its time as soon as nothing is due.
            deadline.clear()
            state = .head
            answer(refusal, facts, context)
        case .body(let facts, let body):
            deadline.clear()
            release()
            state = .head
            core.counters.received.add(body?.readableBytes ?? 0)
            perform(facts, body ?? ByteBuffer(), context)
        }
    }

    /// The body is no longer being received.
    private func release() {
        receiving = 0
    }

    private func perform(
        _ facts: HTTPRequestFacts, _ body: ByteBuffer, _ context: ChannelHandlerContext
    ) {
        switch facts.purpose {
        case .rpc: performCalls(facts, body, context)
        case .page(let route, let query):
            let page = route.body(query)
            let message = HTTPMessage(
                status: page.status, contentType: page.contentType,
                body: ByteBuffer(bytes: page.body), headers: facts.headers,
                closes: !facts.keepsAlive, isHead: facts.isHead)
            answer(message, facts, context)
        case .preflight:
            let message = HTTPMessage(
                status: 204, contentType: nil, body: nil, headers: facts.headers,
                closes: !facts.keepsAlive)
            answer(message, facts, context)
        case .webSocket(let head):
            upgrade(head, facts, context)
        }
    }

    private func performCalls(
        _ facts: HTTPRequestFacts, _ body: ByteBuffer, _ context: ChannelHandlerContext
    ) {
        let tag = open(facts)
        var isTooMuch = false
        let outcome = core.engine.answer(body, session: session(for: facts.caller), tag: tag) {
            let refusal = allowance.refusal($0, facts.caller, now: context.eventLoop.now)
            isTooMuch = refusal != nil
            return refusal
        }
        switch outcome {
        case .later: break
        case .answered(let response): fill(tag, .rpc(response), context)
        case .refused(let error) where isTooMuch:
            let refusal = HTTPRefusal(429, error)
            core.counters.refused(refusal.status)
            fill(tag, .whole(HTTPMessage(refusal, facts)), context)
        case .refused(let error):
            fill(tag, .rpc(RPCResponse.refusal(error)), context)
        }
    }

    private func session(for caller: Gatekeeper.Caller) -> RPCSession {
        if let session, caller == sessionCaller { return session }
        let made = RPCSession(
            scopes: caller.scopes, outlet: outlet)
        session = made
        sessionCaller = caller
        return made
    }
}

extension HTTPServerRequestPart {
    var isHead: Bool {
        if case .head = self { true } else { false }
    }
}
