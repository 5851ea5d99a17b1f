import Consensus
import NIOCore
import NIOSSL
import NIOTLS
import Synchronization

/// A connection that somebody dialed to this node: learns who it is, then receives.
final class AcceptedConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        /// TLS is under way.
        case securing
        /// Its certificate has passed; its Hello is awaited.
        case verified
        /// It is known: frames are delivered.
        case open(Source)
        /// The reason of the end is said; what still comes in is let pass.
        case leaving
        /// Over.
        case over
    }

    private struct Source {
        var inbound: Inbound
        var epoch: UInt64
        var receiver: any PeerReceiver
        var notes: PeerNotes
        var presence: Presence
        /// As ``presence`` knows the process.
        var era: UInt64
    }

    private let core: NetworkCore
    private let credentials: Credentials
    private let tls: NIOSSLHandler
    private var phase = Phase.securing
    private var context: ChannelHandlerContext?
    private var remote = "?"
    private var reader = FrameReader(payloadLimit: 0)
    private var certificate: CertificateFacts?
    private var deadline: Scheduled<Void>?
    private var nextTick: Scheduled<Void>?
    private var heardAt = NIODeadline.now()
    /// Its number among those that have not said who they are.
    private var stranger: UInt64?

    init(core: NetworkCore, credentials: Credentials, tls: NIOSSLHandler) {
        self.core = core
        self.credentials = credentials
        self.tls = tls
    }

    private var timeouts: PeerTimeouts { core.configuration.timeouts }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let loop = context.eventLoop.assumeIsolated()
        deadline = loop.scheduleTask(in: .milliseconds(timeouts.helloMillis)) {
            self.refuse(Refusal(.helloTimeout, "you did not introduce yourself in time"))
        }
        scheduleTick()
    }

    func channelActive(context: ChannelHandlerContext) {
        remote = context.remoteAddress?.text ?? "?"
        let loop = context.eventLoop
        let connection = NIOLoopBound(self, eventLoop: loop)
        stranger = core.strangers.enter(from: RemoteHost(context.remoteAddress)) { refusal in
            loop.execute { connection.value.refuse(refusal) }
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        phase = .over
        release()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
        phase = .over
        release()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .securing = phase { recordFailure(error) }
        leave()
        phase = .over
        context.close(promise: nil)
    }

    private func release() {
        deadline?.cancel()
        nextTick?.cancel()
        deadline = nil
        nextTick = nil
        context = nil
        becomeKnown()
    }

    /// It no longer counts among those that have not said who they are.
    private func becomeKnown(as bank: NodeID? = nil) {
        guard let number = stranger else { return }
        stranger = nil
        core.strangers.leave(number, as: bank)
    }

    /// What came from here is no longer the newest of its peer.
    private func leave() {
        guard case .open(let source) = phase else { return }
        source.inbound.release(source.epoch)
        source.presence.leave(source.era)
    }

    private func recordFailure(_ error: any Error) {
        let presented = try? tls.peerCertificate?.toDERBytes()
        guard
            let failure = TLSFailure(
                error, presented: presented, credentials: credentials, now: core.now)
        else { return }
        if certificate == nil, let presented { certificate = try? CertificateFacts(der: presented) }
        record(failure.side, failure.refusal)
    }

    private func record(_ side: PeerRefusal.Side, _ refusal: Refusal) {
        var (peer, lane, notes): (NodeID?, Lane?, PeerNotes?)
        if case .open(let source) = phase {
            (peer, lane, notes) = (source.inbound.peer, source.inbound.lane, source.notes)
        } else if let bank = certificate?.bank(chainID: core.identity.chainID) {
            peer = NodeID(bank)
            notes = core.notes(of: NodeID(bank))
        }
        core.book.record(
            PeerRefusal(
                peer: peer, lane: lane, remote: remote, dialer: .there, side: side,
                reason: refusal.reason,
                text: refusal.text, timeMillis: WallClock.millis), notes)
    }

    /// Ends the connection for a reason that the other end is told.
    func refuse(_ refusal: Refusal) {
        switch phase {
        case .leaving, .over: return
        case .securing, .verified, .open: break
        }
        record(.here, refusal)
        leave()
        guard let context else { return }
        if case .securing = phase {
            phase = .over
            return context.close(promise: nil)
        }
        phase = .leaving
        // The memory of a frame that will never be whole.
        reader = FrameReader(payloadLimit: 0)
        let bytes = ControlFrame.refusal(refusal).bytes
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        // Closing at once would let the kernel throw away the reason together with what the other
        // end has sent and we have not read; so it gets time to read it and to close.
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(
            in: .milliseconds(timeouts.farewellMillis)
        ) { self.context?.close(promise: nil) }
    }

    // MARK: Introduction

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let name)? = event as? TLSUserEvent { secured(name) }
        context.fireUserInboundEventTriggered(event)
    }

    private func secured(_ protocolName: String?) {
        guard case .securing = phase, let context else { return }
        phase = .verified
        guard protocolName == Credentials.protocolName else {
            return refuse(Refusal(.version, "you do not speak \(Credentials.protocolName)"))
        }
        guard let der = try? tls.peerCertificate?.toDERBytes(),
            let facts = try? CertificateFacts(der: der)
        else { return refuse(Refusal(.unfitCertificate, "your certificate cannot be read")) }
        certificate = facts
        if let stranger { core.strangers.verified(stranger) }
        // In TLS 1.3 the dialer is done before we have seen its certificate. This tells it that the
        // certificate has passed; before, it sends nothing that could cost it the alert.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [0, 0, 0, 0])), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = unwrapInboundIn(data)
        heardAt = .now()
        if case .open(let source) = phase { source.presence.heard(at: heardAt) }
        do {
            while let frame = try nextFrame(&incoming) { try take(frame) }
        } catch {
            refuse(error)
        }
    }

    private func nextFrame(_ incoming: inout ByteBuffer) throws(Refusal) -> Frame? {
        switch phase {
        case .verified, .open: return try reader.next(&incoming)
        case .securing, .leaving, .over: return nil
        }
    }

    private func take(_ frame: Frame) throws(Refusal) {
        switch (frame, phase) {
        case (.payload(let bytes), .open(let source)):
            try source.inbound.deliver(bytes, epoch: source.epoch, to: source.receiver)
        case (.empty, .open): break
        case (.control(let bytes), _):
            switch try ControlFrame(bytes) {
            case .hello(let hello): try take(hello)
            case .refusal(let refusal):
                record(.there, refusal)
                leave()
                phase = .leaving
                context?.close(promise: nil)
            }
        default: throw Refusal(.malformedHello, "a Hello comes first")
        }
    }

    private func take(_ hello: Hello) throws(Refusal) {
        guard case .verified = phase, let certificate, let context else {
            throw Refusal(.malformedFrame, "a second Hello came")
        }
        // First: a node that stops knows no peer any more.
        guard let receiver = core.receiver else { throw Refusal(.stopping, "this node stops") }
        let known = core.peer(hello.from)
        try core.identity.check(
            hello, presented: certificate.fingerprint, nodeKey: known?.address.nodeKey)
        guard let peer = known else { throw Refusal(.stopping, "this node stops") }
        try checkTime(certificate)
        let era = try peer.presence.enter(
            hello.instance, from: remote, patience: .milliseconds(timeouts.silenceMillis))
        deadline?.cancel()
        becomeKnown(as: hello.from)
        peer.notes.accepted(certificate)
        let inbound = peer.inbound[hello.lane]
        let epoch = core.nextEpoch()
        phase = .open(
            Source(
                inbound: inbound, epoch: epoch, receiver: receiver, notes: peer.notes,
                presence: peer.presence, era: era))
        reader.payloadLimit = core.configuration.limits.frameBytes[hello.lane]
        inbound.take(over: self, epoch: epoch, on: context.eventLoop)
        // Only now: what changes afterwards ends this connection as any that is open.
        try checkStanding(of: peer)
        for lane in Lane.allCases { peer.links[lane].heard() }
        core.introduce(
            to: hello.from, lane: hello.lane, with: credentials, on: context.eventLoop
        ) { self.answer(with: $0) }
    }

    /// Checks that nothing was taken back while the connection was being made.
    ///
    /// Its certificate may have passed before an authority was taken out, and the bank have been looked up before it
    /// left the set: those connections that were open then have been ended, and this one was not among them.
    private func checkStanding(of peer: Peer) throws(Refusal) {
        guard core.credentials?.authorities.fingerprint == credentials.authorities.fingerprint
        else { throw Refusal(.changed, "this node trusts other authorities now: dial again") }
        guard core.peer(peer.address.id)?.address.nodeKey == peer.address.nodeKey else {
            throw Refusal(.changed, "the bank set says something new of you: dial again")
        }
    }

    private func answer(with hello: Hello?) {
        guard case .open = phase, let context else { return }
        guard let hello else { return refuse(.noEndorsement) }
        let bytes = ControlFrame.hello(hello).bytes
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    // MARK: Watching

    private func scheduleTick() {
        guard let context else { return }
        nextTick = context.eventLoop.assumeIsolated().scheduleTask(
            in: .milliseconds(timeouts.keepAliveMillis)
        ) {
            self.tick()
            self.scheduleTick()
        }
    }

    private func tick() {
        guard case .open = phase, let certificate else { return }
        do {
            try checkTime(certificate)
        } catch {
            return refuse(error)
        }
        if NIODeadline.now() - heardAt >= .milliseconds(timeouts.silenceMillis) {
            refuse(Refusal(.silence, "nothing was heard for \(timeouts.silenceMillis) ms"))
        }
    }

    private func checkTime(_ certificate: CertificateFacts) throws(Refusal) {
        guard certificate.notAfter < core.now else { return }
        throw Refusal(
            .certificateExpired,
            "your certificate (\(certificate.subject)) has expired on "
                + CertificateFacts.text(certificate.notAfter))
    }
}
