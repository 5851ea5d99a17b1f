import Consensus
import Ledger
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// What all connections of one network share.
final class NetworkCore: Sendable {
    let configuration: PeerConfiguration
    let identity: Identity
    let endorsements: Endorsements
    let logger: Logger
    let book: RefusalBook
    /// Connections that have not said who they are.
    let strangers: Strangers
    /// What must come back to the loops before they end.
    let errands = Errands()
    private let loops: [any EventLoop]
    private let epochs = Atomic<UInt64>(0)
    private let shared = Mutex(Shared())
    /// Changes of credentials, one after another.
    private let reloading = Mutex(())

    private struct Shared {
        var peers: [NodeID: Peer] = [:]
        var receiver: (any PeerReceiver)?
        var credentials: Credentials?
        var isStopped = false
        var isRenewing = false
        /// There are newer credentials than those to which links are being changed over.
        var mustRenewAgain = false
    }

    init(
        _ configuration: PeerConfiguration, loops: [any EventLoop], logger: Logger,
        observe: @escaping @Sendable (PeerRefusal) -> Void
    ) {
        self.configuration = configuration
        self.loops = loops
        self.logger = logger
        book = RefusalBook(logger: logger, observe: observe)
        strangers = Strangers(limit: configuration.limits.strangers)
        identity = Identity(
            id: configuration.id, chainID: configuration.chainID, genesis: configuration.genesis)
        endorsements = Endorsements(
            configuration.nodeKey, chainID: configuration.chainID, logger: logger)
    }

    // MARK: What connections ask

    /// Seconds since 1970.
    var now: Int64 { configuration.now() }

    var credentials: Credentials? { shared.withLock { $0.credentials } }
    var receiver: (any PeerReceiver)? { shared.withLock { $0.receiver } }

    func peer(_ id: NodeID) -> Peer? { shared.withLock { $0.peers[id] } }
    func notes(of id: NodeID) -> PeerNotes? { peer(id)?.notes }
    var peers: [Peer] {
        shared.withLock { $0.peers.values.sorted { $0.address.id < $1.address.id } }
    }

    func nextEpoch() -> UInt64 { epochs.add(1, ordering: .relaxed).newValue }

    /// The lanes have loops of their own if there are two.
    func loop(for lane: Lane) -> any EventLoop { loops[lane.index % loops.count] }

    /// Makes what this node says first to a peer, as soon as its certificate is endorsed.
    ///
    /// - Parameters:
    ///   - peer: to whom.
    ///   - lane: on which connection.
    ///   - credentials: with which certificate.
    ///   - loop: on which `body` is called, at once where nobody has to be asked.
    ///   - body: gets it; nil where the signer does not endorse the certificate.
    func introduce(
        to peer: NodeID, lane: Lane, with credentials: Credentials, on loop: any EventLoop,
        _ body: @escaping (Hello?) -> Void
    ) {
        let certificate = credentials.certificate.fingerprint
        let message = identity.endorsement(of: certificate, to: peer, lane: lane)
        endorsements.endorse(message, on: loop) { [identity] signature in
            body(
                signature.map {
                    identity.hello(
                        to: peer, lane: lane, certificate: certificate, endorsement: $0)
                })
        }
    }

    // MARK: Life

    /// Lets the peers be dialed and frames be delivered.
    func start(_ receiver: any PeerReceiver) {
        let peers = shared.withLock { shared in
            shared.receiver = receiver
            return Array(shared.peers.values)
        }
        for peer in peers { peer.start() }
    }

    /// Dials new peers, drops those that are gone, and moves those that changed.
    func update(_ addresses: [PeerAddress]) {
        var started: [Peer] = []
        var stopped: [(peer: Peer, refusal: Refusal, withInbound: Bool)] = []
        shared.withLock { shared in
            guard !shared.isStopped else { return }
            var peers: [NodeID: Peer] = [:]
            for address in addresses where address.id != identity.id && peers[address.id] == nil {
                let old = shared.peers[address.id]
                if let old, old.address == address {
                    peers[address.id] = old
                    continue
                }
                let hasNewKey = old.map { $0.address.nodeKey != address.nodeKey } ?? false
                let peer = Peer(address, movedFrom: hasNewKey ? nil : old, core: self)
                peers[address.id] = peer
                started.append(peer)
                if let old {
                    let words = "the bank set says something new of you: dial again"
                    stopped.append((old, Refusal(.changed, words), hasNewKey))
                }
            }
            for (id, old) in shared.peers where peers[id] == nil {
                let words = "bank \(id.rawValue) is no longer in this node's bank set"
                stopped.append((old, Refusal(.notInBankSet, words), true))
            }
            shared.peers = peers
            if shared.receiver == nil { started = [] }
        }
        for (peer, refusal, withInbound) in stopped {
            peer.stopLinks(refusal)
            if withInbound { peer.endInbound(refusal) }
        }
        for peer in started { peer.start() }
    }

    /// Ends everything; nothing is delivered or told afterwards.
    func stop() {
        endorsements.stop()
        let peers = shared.withLock { shared in
            defer {
                shared.isStopped = true
                shared.receiver = nil
                shared.peers = [:]
            }
            return Array(shared.peers.values)
        }
        let refusal = Refusal(.stopping, "the node of bank \(identity.id.rawValue) stops")
        for peer in peers {
            peer.stopLinks(refusal)
            peer.endInbound(refusal)
        }
        strangers.end(refusal)
    }

    // MARK: Certificates

    /// Reads the certificate files anew; on failure those in use stay.
    func reload() throws(PeerFault) {
        try reloading.withLock { (_) throws(PeerFault) in
            let old = credentials
            let new = try Credentials(
                configuration.files, generation: (old?.generation ?? 0) + 1,
                shutdownMillis: configuration.timeouts.drainMillis + 1_000)
            try checkTime(new, isFirst: old == nil)
            shared.withLock { $0.credentials = new }
            guard let old else { return }
            logger.info(
                "took over the certificate files",
                metadata: [
                    "subject": "\(new.certificate.subject)",
                    "until": "\(CertificateFacts.text(new.certificate.notAfter))",
                ])
            if old.authorities.fingerprint != new.authorities.fingerprint {
                // What an authority vouched for that is trusted no more must not stay.
                for peer in peers {
                    peer.endInbound(
                        Refusal(.changed, "this node trusts other authorities now: dial again"))
                }
            }
        }
        renewLinks()
    }

    /// A node may start with an expired certificate, to be read and to say so, but not change to one.
    private func checkTime(_ new: Credentials, isFirst: Bool) throws(PeerFault) {
        let certificate = new.certificate
        guard !certificate.isValid(at: now) else { return }
        let times =
            "it counts from \(CertificateFacts.text(certificate.notBefore)) to "
            + CertificateFacts.text(certificate.notAfter)
        guard isFirst else {
            throw PeerFault(
                "the certificate \(configuration.files.chain) does not count now: \(times)")
        }
        logger.error(
            "the node's own certificate does not count now: no peer will accept it",
            metadata: ["file": "\(configuration.files.chain)", "times": "\(times)"])
    }

    /// Changes links with an older certificate over to the newest, one after another.
    func renewLinks() {
        let mayBegin = shared.withLock { shared in
            guard !shared.isStopped else { return false }
            shared.mustRenewAgain = shared.isRenewing
            defer { shared.isRenewing = true }
            return !shared.isRenewing
        }
        guard mayBegin, let generation = credentials?.generation else { return }
        let links = peers.flatMap(\.links.all).filter { link in
            link.counts.sinceMillis.load(ordering: .relaxed) != 0
                && link.counts.generation.load(ordering: .relaxed) < generation
        }
        renew(links[...])
    }

    private func renew(_ links: ArraySlice<Link>) {
        if let next = links.first {
            // A link that ends is done with it at once, and the next one's loop may have ended by then.
            guard !shared.withLock({ $0.isStopped }) else { return }
            return next.renew { self.renew(links.dropFirst()) }
        }
        let again = shared.withLock { shared in
            shared.isRenewing = false
            return shared.mustRenewAgain
        }
        if again { renewLinks() }
    }
}
