import JSON
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import Gateway

/// What happens when a client takes its time; the clock is the test's.
struct TimeoutTests {
    /// A connection without a socket, whose clock moves when told.
    private final class Wire {
        let channel = EmbeddedChannel()

        init(_ edit: (inout ServerLimits) -> Void = { _ in }, methods: RPCMethods = .forTests)
            throws
        {
            var configuration = ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0))
            edit(&configuration.limits)
            let core = ServerCore(
                configuration, methods: methods, routes: HTTPRoutes(), metrics: Metrics(),
                logger: Logger(label: "test"))
            try RPCServer.configure(channel, core, nil)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        func send(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

        func send(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }

        func advance(milliseconds: Int64) {
            channel.embeddedEventLoop.advanceTime(by: .milliseconds(milliseconds))
        }

        /// All that was written since the last time.
        func written() throws -> [UInt8] {
            var all: [UInt8] = []
            while let part = try channel.readOutbound(as: ByteBuffer.self) {
                all += part.readableBytesView
            }
            return all
        }

        func text() throws -> String { String(decoding: try written(), as: UTF8.self) }
    }

    private static let body = #"{"jsonrpc":"2.0","id":1,"method":"now"}"#
    private static let head =
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n"

    /// Notes how a connection is closed.
    private final class Closings: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var modes: [CloseMode] = []

        func close(
            context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
        ) {
            modes.append(mode)
            // This channel would end with one of its halves.
            if mode == .all { context.close(mode: mode, promise: promise) }
        }
    }

    @Test func `behind the last answer nothing is sent, and what comes is let pass for a moment`()
        throws
    {
        let wire = try Wire()
        let closings = Closings()
        try wire.channel.pipeline.syncOperations.addHandler(closings, position: .first)
        try wire.send(
            Self.head.replacing("\r\n\r\n", with: "\r\nConnection: close\r\n\r\n") + Self.body)
        #expect(try wire.text().hasSuffix(#""result":"0x7"}"#))
        // A client that reads to the end has it at once.
        #expect(closings.modes == [.output])
        try wire.send(Self.head)
        #expect(wire.channel.isActive)
        wire.advance(milliseconds: 2_000)
        #expect(closings.modes == [.output, .all])
        #expect(!wire.channel.isActive)
    }

    @Test func `a first head that does not come ends the connection`() throws {
        let wire = try Wire { $0.headMilliseconds = 1_000 }
        try wire.send("POST / HTTP/1.1\r\nHost: lo")
        wire.advance(milliseconds: 999)
        try wire.send("cal")
        #expect(wire.channel.isActive)
        wire.advance(milliseconds: 1)
        #expect(!wire.channel.isActive)
    }

    @Test func `a body that trickles is refused with 408`() throws {
        let wire = try Wire { $0.bodyMilliseconds = 1_000 }
        try wire.send(Self.head + "{")
        wire.advance(milliseconds: 500)
        try wire.send("\"")
        wire.advance(milliseconds: 499)
        #expect(try wire.text() == "")
        wire.advance(milliseconds: 1)
        #expect(try wire.text().hasPrefix("HTTP/1.1 408 "))
        wire.advance(milliseconds: 2_000)
        #expect(!wire.channel.isActive)
    }

    @Test func `an idle connection ends, one in use stays`() throws {
        let wire = try Wire {
            $0.headMilliseconds = 100
            $0.idleMilliseconds = 1_000
        }
        for _ in 0..<3 {
            try wire.send(Self.head + Self.body)
            #expect(try wire.text().hasPrefix("HTTP/1.1 200 "))
            wire.advance(milliseconds: 999)
            #expect(wire.channel.isActive)
        }
        wire.advance(milliseconds: 1)
        #expect(!wire.channel.isActive)
    }

    @Test func `a call that is being answered has all the time it needs`() throws {
        let gate = Gate()
        var methods = RPCMethods.forTests
        methods.deferred("now2") { _, reply in gate.hold(reply) }
        let wire = try Wire({ $0.idleMilliseconds = 10 }, methods: methods)
        let body = #"{"jsonrpc":"2.0","id":1,"method":"now2"}"#
        try wire.send(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n" + body)
        wire.advance(milliseconds: 1_000_000)
        #expect(wire.channel.isActive)
        gate.release(true)
        wire.channel.embeddedEventLoop.run()
        #expect(try wire.text().hasPrefix("HTTP/1.1 200 "))
        wire.advance(milliseconds: 10)
        #expect(!wire.channel.isActive)
    }

    @Test(arguments: [
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n",
        // This one is refused, with its body passing by unread.
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n",
    ])
    func `a request that waits behind a long one ends neither`(_ second: String) throws {
        let gate = Gate()
        var methods = RPCMethods.forTests
        methods.deferred("held") { _, reply in gate.hold(reply) }
        let wire = try Wire({ $0.bodyMilliseconds = 10 }, methods: methods)
        let held = #"{"jsonrpc":"2.0","id":1,"method":"held"}"#
        try wire.send(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(held.utf8.count)\r\n\r\n" + held)
        try wire.send(second + "Content-Length: \(Self.body.utf8.count)\r\n\r\n" + Self.body)
        wire.advance(milliseconds: 1_000_000)
        #expect(wire.channel.isActive)
        #expect(try wire.text() == "")
        gate.release(true)
        wire.channel.embeddedEventLoop.run()
        #expect(try wire.text().split(separator: "HTTP/1.1 ").count == 2)
        wire.advance(milliseconds: ServerLimits().idleMilliseconds)
        #expect(!wire.channel.isActive)
    }

    @Test func `a WebSocket client that answers no ping is cut off`() throws {
        let wire = try Wire { $0.pingMilliseconds = 1_000 }
        try wire.send(
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        wire.channel.embeddedEventLoop.run()
        #expect(try wire.text().hasPrefix("HTTP/1.1 101 "))
        wire.advance(milliseconds: 1_000)
        #expect(try wire.written() == [0x89, 0])
        try wire.send([0x8a, 0x80, 0, 0, 0, 0])
        for _ in 0..<2 {
            wire.advance(milliseconds: 1_000)
            #expect(try wire.written() == [0x89, 0])
        }
        wire.advance(milliseconds: 999)
        #expect(wire.channel.isActive)
        wire.advance(milliseconds: 1)
        #expect(!wire.channel.isActive)
    }

    @Test func `while a client does not read its answers no further request is begun`() throws {
        let wire = try Wire()
        wire.channel.isWritable = false
        try wire.send(Self.head + Self.body + Self.head + Self.body)
        #expect(try wire.text() == "")
        wire.channel.isWritable = true
        wire.channel.pipeline.fireChannelWritabilityChanged()
        #expect(try wire.text().split(separator: "HTTP/1.1 200 ").count == 2)
    }

    @Test func `a request that expects it is told to go on`() throws {
        let wire = try Wire()
        try wire.send(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Expect: 100-continue\r\n"
                + "Content-Length: \(Self.body.utf8.count)\r\n\r\n")
        #expect(try wire.text() == "HTTP/1.1 100 Continue\r\n\r\n")
        try wire.send(Self.body)
        #expect(try wire.text().hasPrefix("HTTP/1.1 200 "))
    }
}
