import Consensus
import Glibc
import Logging
import NIOCore
import NIOSSL
import NIOTLS
import Synchronization

/// A connection that this node dialed: introduces itself, then sends.
///
/// The other end answers with a sign of life when our certificate has passed, then with its Hello, and
/// later at most with the reason for which it ends the connection.
final class DialedConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase: Equatable {
        /// TLS is under way.
        case securing
        /// Our certificate is being verified by the other end.
        case verified
        /// It has passed. Our Hello is made: the certificate is being endorsed.
        case introducing
        /// Our Hello waits for the word of the link.
        case ready(Hello)
        /// Our Hello is sent.
        case introduced
        /// Both have introduced themselves: frames flow.
        case open
        /// What was begun is brought to its end, nothing else is taken.
        case draining
        /// Over, and the link knows.
        case over
    }

    /// Bytes in NIO's own queue at which sending pauses and goes on.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 256 << 10, high: 1 << 20)

    let number: Int
    let credentials: Credentials
    private let link: Link
    private let tls: NIOSSLHandler
    private var phase = Phase.securing
    private var context: ChannelHandlerContext?
    private var reader = FrameReader(payloadLimit: 0)
    private var certificate: CertificateFacts?
    private var deadline: Scheduled<Void>?
    private var nextTick: Scheduled<Void>?

    private var encoder = FrameEncoder()
    private var isPumping = false
    private var writesUnderWay = 0
    private var progressAt = NIODeadline.now()
    private var hasSpoken = true
    /// Whether a write failed, so that something of what was begun never left.
    private var hasFailed = false

    init(_ number: Int, link: Link, credentials: Credentials, tls: NIOSSLHandler) {
        self.number = number
        self.link = link
        self.credentials = credentials
        self.tls = tls
    }

    private var timeouts: PeerTimeouts { link.core.configuration.timeouts }
    private var remote: String {
        context?.remoteAddress?.text ?? link.peer.endpoint
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let loop = context.eventLoop.assumeIsolated()
        deadline = loop.scheduleTask(in: .milliseconds(timeouts.helloMillis)) {
            self.fail(Refusal(.helloTimeout, "the other end did not introduce itself in time"))
        }
        scheduleTick()
    }

    func handlerRemoved(context: ChannelHandlerContext) { release() }

    func channelInactive(context: ChannelHandlerContext) {
        if phase == .draining, isDrained {
            phase = .over
            link.ended(number, isDrained: true)
        }
        end(.there, Refusal(.broken, "the connection ended without a word"))
        release()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let failure = TLSFailure(
            error, presented: try? tls.peerCertificate?.toDERBytes(), credentials: credentials,
            now: link.core.now)
        {
            end(failure.side, failure.refusal)
        } else {
            end(.there, Refusal(.broken, "the connection broke: \(error)"))
        }
        context.close(promise: nil)
    }

    private func release() {
        deadline?.cancel()
        nextTick?.cancel()
        deadline = nil
        nextTick = nil
        context = nil
    }

    /// Tells the link, once.
    private func end(_ side: PeerRefusal.Side, _ refusal: Refusal) {
        guard phase != .over else { return }
        phase = .over
        link.ended(number, side, refusal, remote: remote)
    }

    /// Ends the connection for a reason of this end, which the other end is told.
    func fail(_ refusal: Refusal, tell: Bool = true) {
        guard phase != .over else { return }
        if tell { sayLast(refusal) }
        end(.here, refusal)
        context?.close(promise: nil)
    }

    /// Ends the connection of which the link knows already that it is over.
    func close() {
        phase = .over
        context?.close(promise: nil)
    }

    /// Queues the reason of the end behind what is being sent.
    func sayLast(_ refusal: Refusal) {
        // In the middle of a frame a refusal would be taken for a part of it.
        guard phase != .securing, phase != .over, encoder.isBetweenFrames else { return }
        write(ControlFrame.refusal(refusal).bytes)
    }

    private func write(_ bytes: [UInt8]) {
        guard let context else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    // MARK: Introduction

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let name)? = event as? TLSUserEvent { secured(name) }
        context.fireUserInboundEventTriggered(event)
    }

    private func secured(_ protocolName: String?) {
        guard protocolName == Credentials.protocolName else {
            return fail(
                Refusal(.version, "the other end does not speak \(Credentials.protocolName)"))
        }
        guard let der = try? tls.peerCertificate?.toDERBytes(),
            let facts = try? CertificateFacts(der: der)
        else { return fail(Refusal(.unfitCertificate, "your certificate cannot be read")) }
        certificate = facts
        phase = .verified
    }

    /// Makes our Hello, and tells the link only once it is there.
    ///
    /// A renewal ends the older connection when this one is ready: were the endorsement asked for afterwards,
    /// a signer that is away would cost the link.
    private func introduce() {
        guard let context else { return }
        phase = .introducing
        link.core.introduce(
            to: link.peer.id, lane: link.lane, with: credentials, on: context.eventLoop
        ) { hello in
            guard case .introducing = self.phase else { return }
            guard let hello else { return self.fail(.noEndorsement) }
            self.phase = .ready(hello)
            self.link.ready(self)
        }
    }

    /// Introduces this node; the other end then takes this connection for its newest.
    func sayHello() {
        guard case .ready(let hello) = phase else { return }
        phase = .introduced
        write(ControlFrame.hello(hello).bytes)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = unwrapInboundIn(data)
        do {
            while phase != .over, let frame = try reader.next(&incoming) { try take(frame) }
        } catch {
            fail(error)
        }
    }

    private func take(_ frame: Frame) throws(Refusal) {
        switch (frame, phase) {
        case (.empty, .verified): introduce()
        case (.empty, _): break
        case (.payload, _):
            throw Refusal(.malformedFrame, "frames come only from the end that dialed")
        case (.control(let bytes), _):
            switch try ControlFrame(bytes) {
            case .refusal(let refusal):
                end(.there, refusal)
                context?.close(promise: nil)
            case .hello(let hello): try take(hello)
            }
        }
    }

    private func take(_ hello: Hello) throws(Refusal) {
        guard phase == .introduced, let certificate else {
            throw Refusal(.malformedFrame, "a Hello came where none belongs")
        }
        try link.core.identity.check(
            hello, presented: certificate.fingerprint, dialed: link.peer, lane: link.lane)
        deadline?.cancel()
        phase = .open
        progressAt = .now()
        link.opened(self, certificate)
    }

    // MARK: Sending

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        pump()
        context.fireChannelWritabilityChanged()
    }

    /// Sends what waits as long as the socket takes it.
    func pump() {
        guard !isPumping, phase == .open || phase == .draining, let context else { return }
        isPumping = true
        defer { isPumping = false }
        while context.channel.isWritable, phase == .open || phase == .draining {
            if encoder.isBetweenFrames {
                guard phase == .open, encodeNext() else { break }
            }
            sendSlice(context)
        }
        if phase == .draining { closeIfDrained() }
    }

    /// Encodes the next frames; false if none waits or one is not fit to be sent.
    private func encodeNext() -> Bool {
        let limit = link.core.configuration.limits.frameBytes[link.lane]
        do {
            guard let count = try encoder.encode(link.queue, limit: limit) else { return false }
            link.counts.bytes.add(UInt64(count), ordering: .relaxed)
            return true
        } catch {
            fail(error, tell: false)
            return false
        }
    }

    private func sendSlice(_ context: ChannelHandlerContext) {
        let (bytes, finished) = encoder.slice(context.channel.allocator)
        if writesUnderWay == 0 { progressAt = .now() }
        writesUnderWay += 1
        hasSpoken = true
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.writesUnderWay -= 1
            guard case .success = result else {
                self.hasFailed = true
                return
            }
            self.progressAt = .now()
            if let finished {
                self.link.queue.left(finished)
                self.link.counts.frames.add(UInt64(finished.frames.count), ordering: .relaxed)
            }
            if self.phase == .draining { self.closeIfDrained() }
        }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: promise)
    }

    /// Brings what was begun to its end, then closes.
    func drain() {
        guard phase == .open else { return }
        phase = .draining
        pump()
    }

    private var isDrained: Bool { encoder.isBetweenFrames && writesUnderWay == 0 && !hasFailed }

    private func closeIfDrained() {
        // The other end closes in its turn when it has read everything: then this one is over.
        if isDrained { context?.close(promise: nil) }
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
        guard phase == .open || phase == .draining, let context else { return }
        let now = NIODeadline.now()
        if let certificate, certificate.notAfter < link.core.now {
            let end = CertificateFacts.text(certificate.notAfter)
            return fail(
                Refusal(
                    .certificateExpired,
                    "your certificate (\(certificate.subject)) has expired on \(end)"))
        }
        guard writesUnderWay == 0 || now - progressAt < .milliseconds(timeouts.stuckMillis) else {
            return fail(
                Refusal(.stuck, "bytes did not leave for \(timeouts.stuckMillis) ms"), tell: false)
        }
        if !hasSpoken, phase == .open, writesUnderWay == 0 { write([0, 0, 0, 0]) }
        hasSpoken = false
        measureRoundTrip(context)
    }

    private func measureRoundTrip(_ context: ChannelHandlerContext) {
        guard let provider = context.channel as? any SocketOptionProvider else { return }
        let link = self.link
        provider.getTCPInfo().whenSuccess { info in
            link.counts.roundTripMicros.store(info.tcpi_rtt, ordering: .relaxed)
        }
    }
}
