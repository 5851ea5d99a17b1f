import FuzzTargets
import Gateway
import JSON
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOWebSocket

extension FuzzTarget {
    /// What a node, a signer, or who stands in their place, answers to our own client.
    ///
    /// Whoever waits hears something once the connection is over, and no answer is longer than allowed.
    static let client = FuzzTarget("client", seeds: { ClientStreams.seeds }) {
        (bytes) throws(FuzzFinding) in
        guard let first = bytes.first else { return }
        let stream = bytes.dropFirst()
        // The highest bit says WebSocket, the others in what pieces the rest comes.
        let size = Int(first & 0x3f) + 1
        do {
            if first & 0x80 == 0 {
                try ClientStreams.answers(to: stream, by: size)
            } else {
                try ClientStreams.frames(stream, by: size)
            }
        } catch let finding as FuzzFinding {
            throw finding
        } catch {
            throw FuzzFinding("client: the connection failed: \(error)")
        }
    }
}

private enum ClientStreams {
    private static let answerLimit = 256
    private static let callCount = 3

    static let seeds: [[UInt8]] = {
        let body = #"{"jsonrpc":"2.0","id":1,"result":"0x1"}"#
        let length = "Content-Length: \(body.utf8.count)"
        let refusal = #"{"jsonrpc":"2.0","id":2,"error":{"code":-32000,"message":"no"}}"#
        let note = #"{"jsonrpc":"2.0","method":"m","params":{"subscription":"0x1","result":{}}}"#
        let texts = [
            "HTTP/1.1 200 OK\r\n\(length)\r\n\r\n\(body)HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\nConnection: close\r\n\(length)\r\n\r\n\(body)",
            "HTTP/1.0 200 OK\r\n\r\n\(body)",
        ]
        let frames: [[UInt8]] = [
            frame(0x81, body) + frame(0x81, refusal) + frame(0x81, note),
            frame(0x01, "[") + frame(0x80, "]"), frame(0x89, "a") + frame(0x88, "\u{3}\u{8}"),
        ]
        return texts.map { [7] + Array($0.utf8) } + frames.map { [0x87] + $0 }
    }()

    /// A short frame as servers send it.
    private static func frame(_ head: UInt8, _ payload: String) -> [UInt8] {
        [head, UInt8(payload.utf8.count)] + Array(payload.utf8)
    }

    static func answers(to stream: ArraySlice<UInt8>, by size: Int) throws {
        let channel = EmbeddedChannel()
        try RPCClient.begin(channel, answerLimit: answerLimit)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let head = HTTPRequestHead(
            version: .http1_1, method: .POST, uri: "/", headers: ["host": "localhost"])
        let answers = (0..<callCount).map { _ in Awaited<ClientResponse>(on: channel) }
        for answer in answers {
            let call = ClientCall(head: head, body: ByteBuffer(), promise: answer.promise)
            channel.writeAndFlush(call, promise: nil)
        }
        feed(stream, to: channel, by: size)
        var isOver = false
        for answer in answers {
            switch answer.result {
            case nil: throw FuzzFinding("client: the connection is over and a call still waits")
            case .failure: isOver = true
            case .success(let response):
                guard !isOver, response.body.readableBytes <= answerLimit else {
                    throw FuzzFinding("client: \(response) is an answer")
                }
            }
        }
    }

    static func frames(_ stream: ArraySlice<UInt8>, by size: Int) throws {
        let channel = EmbeddedChannel()
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandlers(
            WebSocketFrameEncoder(),
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 1 << 16)))
        try RPCWebSocket.begin(channel, RPCEndpoint("ws://localhost"))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let answers = (0..<callCount).map { _ in Awaited<JSON>(on: channel) }
        for answer in answers {
            channel.writeAndFlush(
                RPCWebSocket.Order.call(RPCClient.Call("m"), answer.promise), promise: nil)
        }
        let notes = (0..<callCount).map { _ in Awaited<RPCWebSocket.Notification?>(on: channel) }
        for note in notes {
            channel.writeAndFlush(RPCWebSocket.Order.next(note.promise), promise: nil)
        }
        feed(stream, to: channel, by: size)
        guard answers.allSatisfy({ $0.result != nil }), notes.allSatisfy({ $0.result != nil })
        else { throw FuzzFinding("client: the connection is over and somebody still waits") }
    }

    private static func feed(_ stream: ArraySlice<UInt8>, to channel: EmbeddedChannel, by size: Int)
    {
        var rest = stream
        while !rest.isEmpty, channel.isActive {
            // What is no HTTP is answered for, and then thrown.
            _ = try? channel.writeInbound(ByteBuffer(bytes: rest.prefix(size)))
            rest = rest.dropFirst(size)
            channel.embeddedEventLoop.run()
        }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        channel.embeddedEventLoop.run()
    }
}

/// What somebody waits for, and what came of it.
private final class Awaited<Value: Sendable> {
    let promise: EventLoopPromise<Value>
    private(set) var result: Result<Value, any Error>?

    init(on channel: EmbeddedChannel) {
        promise = channel.embeddedEventLoop.makePromise()
        promise.futureResult.assumeIsolated().whenComplete { self.result = $0 }
    }
}
