import Consensus
import Files
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Threads

/// The connections between the banks' nodes: TLS 1.3 with certificates on both sides, each endorsed
/// by its bank's node key.
///
/// Each node dials each peer once a lane and sends only on connections that it dialed, so there is one
/// ordered connection a direction and lane. What is sent arrives in order; if a connection breaks,
/// what was queued for it is lost, and the next one has a greater epoch.
public final class PeerNetwork: Sendable {
    let core: NetworkCore
    private let group: MultiThreadedEventLoopGroup
    private let state = Mutex(State())

    private struct State {
        var listener: (any Channel)?
        var watch: RepeatedTask?
        var hasEnded = false
    }

    /// Makes a network that does nothing before ``start(_:)``.
    ///
    /// - Parameters:
    ///   - configuration: who this node is and what it bears.
    ///   - logger: gets refusals, at most one a minute of the same reason and peer.
    ///   - observe: gets every refusal, for metrics; called on event loops, must be quick.
    public init(
        configuration: PeerConfiguration, logger: Logger,
        observe: @escaping @Sendable (PeerRefusal) -> Void = { _ in }
    ) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: min(2, max(1, configuration.threads)))
        var loops: [any EventLoop] = []
        for (number, loop) in group.makeIterator().enumerated() {
            loop.execute { SystemThread.nameCurrent("peers-\(number)") }
            loops.append(loop)
        }
        core = NetworkCore(configuration, loops: loops, logger: logger, observe: observe)
    }

    // MARK: Life

    /// Reads the certificates, listens, and begins to dial the peers of ``update(peers:)``.
    ///
    /// May be called once.
    ///
    /// - Parameter receiver: gets what comes in; held until ``shutdown()``.
    /// - Throws: ``PeerFault`` if a file cannot be used or the address cannot be had; the network has
    ///   then to be shut down.
    public func start(_ receiver: any PeerReceiver) async throws(PeerFault) {
        let configuration = core.configuration
        // Before they are read: a change in between is then seen by the watch.
        let stamps = FileStamps(configuration.files)
        try core.reload()
        let listener: any Channel
        do {
            listener = try await Self.listen(core, group)
        } catch {
            let number = (error as? IOError)?.errnoCode
            let why = number.map(refusalToListen) ?? "\(error)"
            throw PeerFault(
                "cannot listen for peers on \(configuration.host):\(configuration.port): \(why)",
                isPassing: number.map { !isLastingRefusal($0) } ?? true)
        }
        let watch = Self.watch(core, stamps, on: group.next())
        state.withLock { state in
            state.listener = listener
            state.watch = watch
        }
        core.logger.info(
            "listening for peers",
            metadata: [
                "address": "\(listener.localAddress?.text ?? configuration.host)",
                "bank": "\(configuration.id.rawValue)",
                "certificate": "\(core.credentials?.certificate.subject ?? "")",
            ])
        core.start(receiver)
    }

    /// Stops listening, tells the peers, and ends all connections and threads.
    ///
    /// Nothing is delivered afterwards. While the name of a peer is being looked up, or the certificate files are being
    /// looked at, the threads stay without being waited for: that may take long. May be called more than once.
    public func shutdown() async {
        let (listener, watch, isFirst) = state.withLock { state in
            defer { state.hasEnded = true }
            return (state.listener, state.watch, !state.hasEnded)
        }
        guard isFirst else { return }
        watch?.cancel()
        try? await listener?.close().get()
        core.stop()
        // What ends connections was handed to their loops before this is. A connection that was just accepted is
        // handed to another loop, and handed back as ready: so twice.
        for _ in 0..<2 {
            for loop in group.makeIterator() { try? await loop.submit {}.get() }
        }
        guard core.errands.isEmpty else {
            return core.errands.whenNone { [group] in group.shutdownGracefully { _ in } }
        }
        try? await group.shutdownGracefully()
    }

    /// The port on which this node listens; nil before it does.
    public var port: Int? { state.withLock { $0.listener?.localAddress?.port } }

    // MARK: Peers

    /// Says who the other banks are; the own bank is passed over.
    ///
    /// New ones are dialed, and those no longer named are dropped with all connections. One with
    /// another node key begins anew; one at another endpoint is dialed there. Never blocks.
    public func update(peers: [PeerAddress]) { core.update(peers) }

    /// How it stands with each peer, by ascending number.
    public func states() -> [PeerState] { core.peers.map(\.state) }

    /// Queues a frame, or drops it if there is no connection; never blocks.
    ///
    /// Frames arrive in the order in which one thread sends them. If the queue's bound is passed, the
    /// connection is broken, what was queued is lost, and the peer is dialed again.
    public func send(_ frame: any PeerFrame, to peer: NodeID, lane: Lane) {
        core.peer(peer)?.links[lane].send(frame)
    }

    /// Breaks the connection to a peer, with what was queued for it, and dials it anew; never blocks.
    public func reconnect(_ peer: NodeID, lane: Lane) {
        core.peer(peer)?.links[lane].reconnect()
    }

    // MARK: Certificates

    /// Reads the certificate files now, as happens by itself soon after they changed.
    ///
    /// New connections use them; those that this node dialed are made anew one after another, without
    /// losing a frame.
    ///
    /// - Throws: ``PeerFault`` if they cannot be used; those in use stay.
    public func reloadCertificates() throws(PeerFault) { try core.reload() }

    /// The certificate with which this node comes; nil before ``start(_:)``.
    public var certificate: CertificateFacts? { core.credentials?.certificate }
}

extension PeerNetwork {
    private static func listen(
        _ core: NetworkCore, _ group: MultiThreadedEventLoopGroup
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 128)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 1 << 10, initial: 4 << 10, maximum: 256 << 10)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try accept(channel, core) }
            }
            .bind(host: core.configuration.host, port: core.configuration.port).get()
    }

    private static func accept(_ channel: any Channel, _ core: NetworkCore) throws {
        guard let credentials = core.credentials else { throw ChannelError.ioOnClosedChannel }
        let tls = NIOSSLServerHandler(context: credentials.context)
        let connection = AcceptedConnection(core: core, credentials: credentials, tls: tls)
        try channel.pipeline.syncOperations.addHandlers([tls, connection])
    }

    /// Looks at the certificate files again and again, beside the event loops.
    private static func watch(
        _ core: NetworkCore, _ stamps: FileStamps, on loop: any EventLoop
    ) -> RepeatedTask {
        let watch = CertificateWatch(core, stamps)
        let pause = TimeAmount.milliseconds(core.configuration.timeouts.watchMillis)
        return loop.scheduleRepeatedAsyncTask(initialDelay: pause, delay: pause) { _ in
            core.errands.begin()
            let look = NIOThreadPool.singleton.runIfActive(eventLoop: loop) { watch.look() }
            look.whenComplete { _ in core.errands.end() }
            return look
        }
    }
}
