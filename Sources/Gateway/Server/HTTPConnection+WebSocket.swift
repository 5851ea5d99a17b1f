import NIOCore
import NIOHTTP1
import NIOWebSocket

extension HTTPConnection {
    /// Answers the request to speak WebSocket, and hands the connection over.
    func upgrade(
        _ head: HTTPRequestHead, _ facts: HTTPRequestFacts, _ context: ChannelHandlerContext
    ) {
        state = .closing
        guard queue.isEmpty else {
            return refuse(HTTPRefusal(400, "WebSocket cannot follow unanswered requests"), context)
        }
        // NIO checks the request's headers and computes the accepting one.
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
        let caller = facts.caller
        upgrader.buildUpgradeResponse(
            channel: context.channel, upgradeRequest: head, initialResponseHeaders: [:]
        ).assumeIsolated().whenComplete { result in
            guard let context = self.context else { return }
            switch result {
            case .failure:
                let refusal = HTTPRefusal(
                    400, "WebSocket needs Sec-WebSocket-Version 13 and one Sec-WebSocket-Key")
                self.refuse(refusal, context)
            case .success(let headers):
                self.handOver(headers, caller, context)
            }
        }
    }

    private func handOver(
        _ headers: HTTPHeaders, _ caller: Gatekeeper.Caller, _ context: ChannelHandlerContext
    ) {
        // NIO gives some of these too; a client may refuse an answer that says one of them twice.
        var headers = headers
        headers.replaceOrAdd(name: "upgrade", value: "websocket")
        headers.replaceOrAdd(name: "connection", value: "upgrade")
        let accepted = HTTPMessage(
            status: 101, contentType: nil, body: nil, headers: headers.map { ($0.name, $0.value) },
            closes: false)
        context.writeAndFlush(wrapOutboundOut(accepted.head), promise: nil)
        // Where that fails the connection's end has been told already, and would not be told again.
        guard !outlet.isOver else { return }
        outlet.keep(-counted)
        counted = 0
        let unframed = FrameBytes()
        let connection = WebSocketConnection(
            core: core, outlet: outlet, caller: caller, allowance: allowance, unframed: unframed)
        connection.holdsRead = holdsRead
        holdsRead = false
        let pipeline = context.pipeline.syncOperations
        do {
            let decoder = try pipeline.handler(
                type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandlers(
                WebSocketFrameEncoder(), unframed,
                ByteToMessageHandler(
                    WebSocketFrameDecoder(maxFrameSize: core.limits.messageBytes)),
                connection)
            // The decoder passes what it read too far on to its successor.
            pipeline.removeHandler(self, promise: nil)
            let isDone = context.eventLoop.makePromise(of: Void.self)
            isDone.futureResult.assumeIsolated().whenSuccess { connection.begin() }
            pipeline.removeHandler(decoder, promise: isDone)
        } catch {
            context.close(promise: nil)
        }
    }
}
