import Consensus
import Files
import Glibc
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// The way to one peer on one lane: dials, dials again, changes over, and sends.
final class Link: Sendable {
    let peer: PeerAddress
    let lane: Lane
    let core: NetworkCore
    let queue: SendQueue
    let counts = Counts()
    private let notes: PeerNotes
    private let loop: any EventLoop
    private let state: NIOLoopBoundBox<State>
    /// Held while the loop is handed something: a thread that still has the link when it is stopped may come after the
    /// loop's end.
    private let isOpen = Mutex(true)

    /// What is read by other threads.
    struct Counts: ~Copyable, Sendable {
        /// 0 if no frames flow.
        let sinceMillis = Atomic<UInt64>(0)
        let roundTripMicros = Atomic<UInt32>(0)
        let frames = Atomic<UInt64>(0)
        let bytes = Atomic<UInt64>(0)
        let dials = Atomic<UInt64>(0)
        /// The generation of the credentials of the connection on which frames flow.
        let generation = Atomic<UInt64>(0)
    }

    /// On the event loop only.
    private struct State {
        var machine: LinkMachine
        var connections: [Int: DialedConnection] = [:]
        var current: DialedConnection?
        var openedAt = NIODeadline.now()
        var timer: Scheduled<Void>?
        var isUp = false
        /// Whether the peer's name is being looked up, perhaps for a dial that was given up.
        var isLookingUp = false
        var why = ""
        var whenRenewed: (@Sendable () -> Void)?
    }

    init(_ peer: PeerAddress, _ lane: Lane, notes: PeerNotes, core: NetworkCore) {
        self.peer = peer
        self.lane = lane
        self.notes = notes
        self.core = core
        loop = core.loop(for: lane)
        queue = SendQueue(limit: core.configuration.limits.queueBytes[lane])
        let timeouts = core.configuration.timeouts
        state = .makeBoxSendingValue(
            State(
                machine: LinkMachine(
                    redialMillis: timeouts.redialMillis, drainMillis: timeouts.drainMillis)),
            eventLoop: loop)
    }

    // MARK: From any thread

    /// Does a job on the loop; false where the link has been stopped.
    @discardableResult
    private func onLoop(isLast: Bool = false, _ job: @escaping @Sendable () -> Void) -> Bool {
        isOpen.withLock { isOpen in
            guard isOpen else { return false }
            isOpen = !isLast
            loop.execute(job)
            return true
        }
    }

    func start() { onLoop { self.perform(self.state.value.machine.start()) } }

    /// Ends for good; `refusal` tells the peer why.
    func stop(_ refusal: Refusal) {
        onLoop(isLast: true) {
            self.state.value.why = refusal.text
            for connection in self.state.value.connections.values { connection.sayLast(refusal) }
            self.perform(self.state.value.machine.stop())
        }
    }

    /// Queues a frame, or drops it if there is no connection.
    func send(_ frame: any PeerFrame) {
        switch queue.push(frame) {
        case .queued, .dropped: break
        case .tellConnection: onLoop { self.state.value.current?.pump() }
        case .overflow:
            onLoop {
                self.state.value.current?.fail(
                    Refusal(
                        .overflow,
                        "more than \(self.core.configuration.limits.queueBytes[self.lane]) bytes "
                            + "waited to be sent"), tell: false)
            }
        }
    }

    /// Dials at once instead of waiting, because the peer has just dialed us.
    func heard() { onLoop { self.perform(self.state.value.machine.heard()) } }

    /// Breaks the connection, with what it still holds, and dials anew.
    func reconnect() {
        onLoop {
            self.state.value.current?.fail(
                Refusal(.stuck, "the peer answers and does not come on all the same"),
                tell: false)
        }
    }

    /// Changes over to a connection with the newest certificate, then calls `done`, in any case.
    func renew(_ done: @escaping @Sendable () -> Void) {
        let isTaken = onLoop {
            guard self.state.value.whenRenewed == nil else { return done() }
            self.state.value.whenRenewed = done
            self.perform(self.state.value.machine.renew())
        }
        if !isTaken { done() }
    }

    // MARK: From the connections, on the event loop

    /// The other end has accepted our certificate.
    func ready(_ connection: DialedConnection) {
        perform(state.value.machine.ready(connection.number))
    }

    /// Both ends have introduced themselves.
    func opened(_ connection: DialedConnection, _ certificate: CertificateFacts) {
        notes.accepted(certificate)
        perform(state.value.machine.opened(connection.number))
    }

    /// The connection is over; said once.
    ///
    /// - Parameters:
    ///   - number: which.
    ///   - isDrained: whether it was brought to its end as the link wanted, with nothing left on it.
    func ended(_ number: Int, isDrained: Bool) {
        state.value.connections[number] = nil
        let lasted = loop.now - state.value.openedAt
        let isCurrent = state.value.current?.number == number
        perform(
            state.value.machine.ended(
                number, lastedMillis: isCurrent ? lasted.nanoseconds / 1_000_000 : 0,
                isDrained: isDrained, random: .random(in: 0...UInt64.max)))
    }

    /// The connection is over, or was never made, for this reason; said once.
    func ended(_ number: Int, _ side: PeerRefusal.Side, _ refusal: Refusal, remote: String) {
        state.value.why = refusal.text
        core.book.record(
            PeerRefusal(
                peer: peer.id, lane: lane, remote: remote, dialer: .here, side: side,
                reason: refusal.reason,
                text: refusal.text, timeMillis: WallClock.millis), notes)
        ended(number, isDrained: false)
    }

    // MARK: Actions

    private func perform(_ actions: [LinkMachine.Action]) {
        for action in actions {
            switch action {
            case .dial(let number): dial(number)
            case .wait(let millis):
                state.value.timer?.cancel()
                state.value.timer = loop.scheduleTask(in: .milliseconds(millis)) {
                    self.perform(self.state.value.machine.timeOut())
                }
            case .sayHello(let number): state.value.connections[number]?.sayHello()
            case .drain(let number): state.value.connections[number]?.drain()
            case .end(let number): state.value.connections.removeValue(forKey: number)?.close()
            case .flow(let number, let isNew): flow(number, isNew: isNew)
            case .lose: lose()
            case .finishRenewal:
                let done = state.value.whenRenewed
                state.value.whenRenewed = nil
                done?()
            }
        }
    }

    private func flow(_ number: Int, isNew: Bool) {
        guard let connection = state.value.connections[number] else { return }
        state.value.current = connection
        state.value.openedAt = loop.now
        counts.sinceMillis.store(WallClock.millis, ordering: .relaxed)
        counts.generation.store(connection.credentials.generation, ordering: .relaxed)
        queue.open()
        if isNew {
            state.value.isUp = true
            core.logger.info(
                "peer connected", metadata: ["peer": "\(peer.id.rawValue)", "lane": "\(lane)"])
            core.receiver?.connected(to: peer.id, lane: lane)
        }
        connection.pump()
    }

    private func lose() {
        state.value.current = nil
        queue.close()
        counts.sinceMillis.store(0, ordering: .relaxed)
        guard state.value.isUp else { return }
        state.value.isUp = false
        core.logger.info(
            "peer disconnected",
            metadata: [
                "peer": "\(peer.id.rawValue)", "lane": "\(lane)", "why": "\(state.value.why)",
            ])
        core.receiver?.disconnected(from: peer.id, lane: lane, why: state.value.why)
    }

    private func dial(_ number: Int) {
        guard let credentials = core.credentials else { return }
        counts.dials.add(1, ordering: .relaxed)
        connect().whenComplete { result in
            // Handlers come only now: a name with several addresses may have made several
            // sockets, of which this one is the first that was answered.
            guard self.state.value.machine.expects(number) else {
                if case .success(let channel) = result { channel.close(promise: nil) }
                return
            }
            do {
                try self.adopt(try result.get(), number, credentials)
            } catch {
                self.ended(
                    number, .here, Refusal(.unreachable, Self.words(for: error)),
                    remote: self.peer.endpoint)
            }
        }
    }

    private func connect() -> EventLoopFuture<any Channel> {
        let timeouts = core.configuration.timeouts
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(.milliseconds(timeouts.connectMillis))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            // The kernel gives up on a peer that acknowledges nothing, of which we hear nothing else
            // as long as its few bytes fit into the kernel's buffer.
            .channelOption(
                .tcpOption(NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT)),
                value: .init(clamping: timeouts.stuckMillis)
            )
            .channelOption(.writeBufferWaterMark, value: DialedConnection.waterMark)
        // An address needs nobody to look it up.
        if let address = try? SocketAddress(ipAddress: peer.host, port: peer.port) {
            return bootstrap.connect(to: address)
        }
        // Another one would wait for the same name server, and so would one for every dial that follows.
        guard !state.value.isLookingUp else { return loop.submit { throw NameIsLookedUp() } }
        state.value.isLookingUp = true
        core.errands.begin()
        let lookup = NameLookup(on: loop, core.configuration.finder) {
            self.state.value.isLookingUp = false
            self.core.errands.end()
        }
        return bootstrap.resolver(lookup).connect(host: peer.host, port: peer.port)
    }

    /// A dial was given up before the peer's name was found, and is not to be found yet.
    private struct NameIsLookedUp: Error {}

    private func adopt(
        _ channel: any Channel, _ number: Int, _ credentials: Credentials
    ) throws {
        let tls = try NIOSSLClientHandler(context: credentials.context, serverHostname: nil)
        let connection = DialedConnection(
            number, link: self, credentials: credentials, tls: tls)
        state.value.connections[number] = connection
        // Ours first: TLS begins to speak, and may fail, as soon as it is added.
        try channel.pipeline.syncOperations.addHandler(connection)
        try channel.pipeline.syncOperations.addHandler(tls, position: .first)
    }

    private static func words(for error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { words(for: $0.error) }
                ?? "there is no host with the name \(error.host)"
        case let error as IOError: "cannot connect: \(systemMessage(error.errnoCode))"
        case ChannelError.connectTimeout: "cannot connect: no answer in time"
        case is NameIsLookedUp: "its name is still being looked up: no name server answers"
        default: "cannot connect: \(error)"
        }
    }
}
