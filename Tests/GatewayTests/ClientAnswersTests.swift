import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Gateway

/// What a client makes of bytes that may come from anybody.
struct ClientAnswersTests {
    /// Asks once, and lets these bytes come.
    private func fault(of bytes: String...) throws -> (any Error)? {
        let channel = EmbeddedChannel()
        try RPCClient.begin(channel, answerLimit: 100)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let promise = channel.eventLoop.makePromise(of: ClientResponse.self)
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
        try channel.writeOutbound(ClientCall(head: head, body: ByteBuffer(), promise: promise))
        for part in bytes { _ = try? channel.writeInbound(ByteBuffer(string: part)) }
        // Nobody is left waiting.
        promise.fail(ChannelError.eof)
        do {
            let response = try promise.futureResult.wait()
            #expect(response.status == 200 && response.body.readableBytes == 2)
            return nil
        } catch {
            #expect(!channel.isActive)
            return error
        }
    }

    private let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"
    private let promised = "HTTP/1.1 100 Continue\r\n\r\n"

    @Test func `heads that only say that an answer will follow are passed over, a few of them`()
        throws
    {
        let hints = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
        #expect(try fault(of: promised, hints, answer) == nil)
        #expect(try fault(of: String(repeating: promised, count: 16), answer) == nil)
        let fault = try fault(of: String(repeating: promised, count: 17), answer)
        #expect("\(try #require(fault))" == "more than 16 times status 1xx instead of an answer")
    }

    @Test func `a connection on which an answer comes to no request is closed`() throws {
        #expect(try fault(of: answer) == nil)
        let channel = EmbeddedChannel()
        try RPCClient.begin(channel, answerLimit: 100)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        _ = try? channel.writeInbound(ByteBuffer(string: answer))
        #expect(!channel.isActive)
    }
}
