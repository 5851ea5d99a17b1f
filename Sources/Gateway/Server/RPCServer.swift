import Files
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Threads

/// A JSON-RPC server over HTTP/1.1 and WebSocket on one port or socket file.
public final class RPCServer: Sendable {
    /// The port listened on; nil for a socket file.
    public let port: Int?
    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel
    private let core: ServerCore
    /// The socket file and its identity.
    private let socketFile: (path: String, identity: UInt64?)?

    private init(
        _ address: ServerConfiguration.Address, group: MultiThreadedEventLoopGroup,
        listener: any Channel, core: ServerCore
    ) {
        if case .unix(let path) = address {
            socketFile = (path, SocketFile.identity(path))
        } else {
            socketFile = nil
        }
        self.group = group
        self.listener = listener
        self.core = core
        port = listener.localAddress?.port
    }

    /// Starts to listen.
    ///
    /// - Throws: if the address cannot be had or would be open to the network unprotected, or if
    ///   a certificate, key or token file cannot be used.
    public static func start(
        _ configuration: ServerConfiguration, methods: RPCMethods,
        routes: HTTPRoutes = HTTPRoutes(),
        metrics: Metrics = Metrics(), logger: Logger = Logger(label: "gateway")
    ) async throws(ServerFault) -> RPCServer {
        try configuration.check()
        let tls: NIOSSLContext? =
            if let files = configuration.tls { try ServerTLS.context(files) } else { nil }
        let core = ServerCore(
            configuration, methods: methods, routes: routes, metrics: metrics, logger: logger)
        let group = MultiThreadedEventLoopGroup(
            numberOfThreads: max(1, configuration.connectionThreads))
        for (number, loop) in group.makeIterator().enumerated() {
            loop.execute { SystemThread.nameCurrent("gateway-\(number)") }
        }
        do {
            let listener = try await listen(configuration.address, group) { channel in
                channel.eventLoop.makeCompletedFuture { try configure(channel, core, tls) }
            }
            return RPCServer(
                configuration.address, group: group, listener: listener, core: core)
        } catch {
            try? await group.shutdownGracefully()
            await core.workers.shutDown()
            let number = (error as? IOError)?.errnoCode
            let why = number.map(refusalToListen) ?? "\(error)"
            throw error as? ServerFault
                ?? ServerFault(
                    "cannot listen on \(configuration.address): \(why)",
                    isPassing: number.map { !isLastingRefusal($0) } ?? true)
        }
    }

    private static func listen(
        _ address: ServerConfiguration.Address, _ group: MultiThreadedEventLoopGroup,
        _ initialize: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws -> any Channel {
        // A connection keeps the buffer of its last reading, also while it is idle, and a second one while a small
        // part of what it read waits for the rest: nothing counts these, so they must be small for as many
        // connections as there may be.
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 512)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 1 << 10, initial: 4 << 10, maximum: 16 << 10)
            )
            .childChannelInitializer(initialize)
        switch address {
        case .tcp(let host, let port):
            return
                try await bootstrap
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .bind(host: host, port: port).get()
        case .unix(let path):
            return try await bootstrap.withBoundSocket(try SocketFile.listen(path)).get()
        }
    }

    /// Lets a connection be served, with TLS where there is a context for it.
    package static func configure(
        _ channel: any Channel, _ core: ServerCore, _ tls: NIOSSLContext?
    ) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = core.limits.headerBytes
        limits.maxHeaderListSize = core.limits.headerBytes
        limits.maxHeaderFieldCount = core.limits.headerCount
        let decoder = HTTPRequestDecoder(
            leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits)
        let peer = HostAddress(channel.remoteAddress)
        let client = peer.map(ClientAddress.init) ?? .here
        let outlet = ConnectionOutlet(
            eventLoop: channel.eventLoop, kept: core.kept.part(of: client))
        let proxy = peer.flatMap { core.forwarding.isProxy($0) ? client : nil }
        let sync = channel.pipeline.syncOperations
        if let tls { try sync.addHandler(NIOSSLServerHandler(context: tls)) }
        try sync.addHandler(ByteToMessageHandler(decoder))
        try sync.addHandler(
            HTTPConnection(
                core: core, outlet: outlet, proxy: proxy, isTLS: tls != nil,
                now: channel.eventLoop.now))
    }

    /// Ends every connection at once, with all that waits to be sent there; whoever comes again is served.
    public func endConnections() { core.closeAll() }

    /// Stops listening, lets what was asked be answered for at most `milliseconds`, then ends.
    public func stop(within milliseconds: Int64 = 5_000) async {
        try? await listener.close().get()
        await group.passOn()
        if let (path, identity) = socketFile { SocketFile.remove(path, identity: identity) }
        let empty = group.next().makePromise(of: Void.self)
        let timer = empty.futureResult.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) {
            self.core.closeAll()
        }
        core.drain(empty)
        try? await empty.futureResult.get()
        timer.cancel()
        await core.workers.shutDown()
        try? await group.shutdownGracefully()
    }
}

extension MultiThreadedEventLoopGroup {
    /// Waits until what the loops hand to each other is done.
    ///
    /// The loop of a listener hands each connection to another loop, which hands back that it is ready: a loop that
    /// ended in between would drop that.
    fileprivate func passOn() async {
        for _ in 0..<2 {
            for loop in makeIterator() { try? await loop.submit {}.get() }
        }
    }
}
