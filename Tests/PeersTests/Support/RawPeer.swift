import Consensus
import Ledger
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Testing

@testable import Peers

/// A connection that says whatever a test wants, to a node that must bear it.
final class RawPeer: Sendable {
    /// What the node says, as far as it can be understood.
    private final class Listener: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let continuation: AsyncStream<Frame?>.Continuation
        private var reader = FrameReader(payloadLimit: 1 << 20)

        init(_ continuation: AsyncStream<Frame?>.Continuation) { self.continuation = continuation }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var buffer = unwrapInboundIn(data)
            while let frame = try? reader.next(&buffer) { continuation.yield(frame) }
        }

        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }

    private let channel: any Channel
    private let frames: AsyncStream<Frame?>

    /// Connects, over TLS if there are credentials.
    init(port: Int, credentials: Credentials?) async throws {
        let (frames, continuation) = AsyncStream<Frame?>.makeStream()
        self.frames = frames
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let credentials {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(
                                context: credentials.context, serverHostname: nil))
                    }
                    try channel.pipeline.syncOperations.addHandler(Listener(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    deinit { channel.close(promise: nil) }

    func close() async { try? await channel.close().get() }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// Sends without waiting for it to leave, and whatever becomes of it.
    func throwIn(_ bytes: [UInt8]) {
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// A payload with its header.
    static func frame(_ bytes: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt32(bytes.count))
        return writer.bytes + bytes
    }

    /// The reason with which the node ends the connection; nil if it ends it without one.
    func refusal() async throws -> Refusal? {
        for await frame in frames {
            guard case .control(let bytes)? = frame,
                case .refusal(let refusal) = try ControlFrame(bytes)
            else { continue }
            return refusal
        }
        return nil
    }

    /// Waits until the node says that the certificate has passed; false if the connection ends without that.
    func hasPassed() async -> Bool {
        for await frame in frames { return frame == .empty }
        return false
    }

    /// The node's Hello; nil if the connection ends without one.
    func hello() async throws -> Hello? {
        for await frame in frames {
            guard case .control(let bytes)? = frame else { continue }
            switch try ControlFrame(bytes) {
            case .hello(let hello): return hello
            case .refusal(let refusal): throw refusal
            }
        }
        return nil
    }
}

extension TestConsortium {
    func credentials(_ files: CertificateFiles) throws -> Credentials {
        try Credentials(files, generation: 1, shutdownMillis: 100)
    }

    /// What a bank says first to another one.
    func hello(
        _ bank: Int, to other: Int, _ lane: Lane = .consensus, certificate: Credentials,
        instance: UInt64 = 1
    ) -> Hello {
        let fingerprint = certificate.certificate.fingerprint
        let speaker = Identity(
            id: NodeID(UInt64(bank)), chainID: chainID, genesis: genesis, instance: instance)
        let listener = NodeID(UInt64(other))
        let message = speaker.endorsement(of: fingerprint, to: listener, lane: lane)
        return speaker.hello(
            to: listener, lane: lane, certificate: fingerprint,
            endorsement: message.sign(with: Self.key(bank), in: .headers(chainID: chainID)))
    }
}
