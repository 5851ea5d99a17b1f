import Execution
import Ledger
import Logging
import Replica
import Synchronization
import Threads

/// Signs what this node executed, gathers the other banks' signatures, and tells who waits for them.
///
/// The rules are ``Certifier``'s; this class gives them a lock and carries out what they ask for. May be
/// used from any thread.
final class Certification: Sendable {
    /// What certification needs of the rest of the node.
    struct Edges: Sendable {
        /// Sends this node's vote to every other bank.
        var send: @Sendable (HeaderVote) -> Void
        /// Stores a certificate.
        var store: @Sendable (Certificate) -> Void
        /// Keeps the proof that a bank signed two headers of one height.
        var keep: @Sendable (DoubleVote, _ bank: UInt64) -> Void
        /// Stops a node that the banks contradict.
        var halt: @Sendable (String) -> Void
    }

    private let certifier: Locked<Certifier>
    private let height: Atomic<UInt64>
    private let waiters = Locked(HeightWaiters())
    /// Signs where the node's key lies elsewhere.
    private let signing: VoteSigning?
    private let edges: Edges
    private let logger: Logger

    /// Begins on top of an executed block.
    ///
    /// - Parameters:
    ///   - certifier: the rules.
    ///   - signing: where the node's key lies elsewhere; nil: the certifier has it.
    ///   - edges: the rest of the node.
    ///   - logger: told of what banks do that they should not.
    init(_ certifier: Certifier, signing: VoteSigning?, edges: Edges, logger: Logger) {
        self.signing = signing
        height = Atomic(certifier.certified)
        self.certifier = Locked(certifier)
        self.edges = edges
        self.logger = logger
    }

    /// The highest certified height.
    var certifiedHeight: UInt64 { height.load(ordering: .acquiring) }

    /// Lets readers rely on the next block if this node's signature alone certifies it, before it is made:
    /// ``executed(_:signedBy:certificate:isNeeded:)`` follows.
    ///
    /// Who asks for the certificate waits for it, as for any that is on its way to the disk.
    func willSign(_ height: UInt64, in set: BankSet) {
        if certifier.with({ $0.certifiesAlone(height, in: set) }) { advance(to: height) }
    }

    /// Takes note that the next block was executed.
    ///
    /// - Parameters:
    ///   - block: the block.
    ///   - set: the banks that sign it.
    ///   - certificate: one that came with it.
    ///   - isNeeded: whether a peer may ask for its own certificate, for which a later one does not do.
    func executed(
        _ block: ExecutedBlock, signedBy set: BankSet, certificate: Certificate?, isNeeded: Bool
    ) {
        perform(
            certifier.with {
                $0.executed(
                    height: block.header.height, header: block.hash, set: set,
                    certificate: certificate, isSampled: block.isSampled, isNeeded: isNeeded,
                    votes: block.body?.votes ?? [])
            })
        signing?.wake()
    }

    /// Takes the votes that go into the next body that this node cuts.
    ///
    /// - Parameter isFirst: whether the body stands on an executed one, whatever this node cut before.
    /// - Returns: unchecked votes, as many as a body has room for.
    func takeVotes(isFirst: Bool) -> [HeaderVote] {
        certifier.with { certifier in
            if isFirst { certifier.takeBackVotes() }
            return certifier.takeVotes()
        }
    }

    /// Takes up a stored block as the node starts; see
    /// ``Certifier/resumed(height:header:set:isCertified:certificate:isSampled:isNeeded:)``.
    func resumed(
        _ block: StoredBlock, signedBy set: BankSet, isCertified: Bool,
        certificate: Certificate?, isSampled: Bool, isNeeded: Bool
    ) {
        perform(
            certifier.with {
                $0.resumed(
                    height: block.header.height, header: block.hash, set: set,
                    isCertified: isCertified, certificate: certificate, isSampled: isSampled,
                    isNeeded: isNeeded)
            })
        signing?.wake()
    }

    /// Has votes signed from now on, where the node's key lies elsewhere.
    func startSigning() {
        signing?.start(
            VoteSigning.Edges(
                take: { [certifier] in certifier.with { $0.takeUnsigned() } },
                takeBack: { [certifier] message in certifier.with { $0.takeBack(message) } },
                signed: { [weak self] vote in
                    guard let self else { return }
                    perform(certifier.with { $0.signed(vote) })
                }))
    }

    /// Has nothing signed any more.
    func stopSigning() { signing?.stop() }

    /// Takes a vote that the bank itself sent.
    func received(_ vote: HeaderVote, from bank: UInt64) {
        perform(certifier.with { $0.received(vote, from: bank) })
    }

    /// Takes certificates from a peer.
    func received(_ certificates: [Certificate]) {
        for certificate in certificates {
            perform(certifier.with { $0.received(certificate) })
        }
    }

    /// The executed heights that lack their certificate; nil if none does.
    var missing: ClosedRange<UInt64>? { certifier.with { $0.missing } }

    /// This node's votes for blocks that lack their certificate, the newest and then the oldest first.
    func ownVotes(limit: Int) -> [HeaderVote] { certifier.with { $0.ownVotes(limit: limit) } }

    private func perform(_ actions: [Certifier.Action]) {
        for action in actions {
            switch action {
            case .send(let vote): edges.send(vote)
            case .certified(let certificate):
                edges.store(certificate)
                advance(to: certifier.with { $0.certified })
            case .evidence(let proof, let bank):
                logger.error(
                    "a bank signed two headers of one height; the proof is kept",
                    metadata: ["bank": "\(bank)", "height": "\(proof.first.height)"])
                edges.keep(proof, bank)
            case .disagreement(let bank, let vote):
                logger.error(
                    "a bank signed another header than this node's",
                    metadata: [
                        "bank": "\(bank)", "height": "\(vote.height)", "theirs": "\(vote.header)",
                    ])
            case .forgery(let bank):
                logger.error(
                    "a bank's node hands over votes that the bank did not sign; they are passed over",
                    metadata: ["bank": "\(bank)"])
            case .diverged(let height, let own, let certificate):
                // First, since the signer would be shown more headers that are wrong.
                signing?.stop()
                edges.halt(
                    "the banks certified \(certificate.header) as block \(height), this node has \(own): its result differs from theirs. It serves no more; its data is kept for inspection ('dip audit')"
                )
            }
        }
    }

    private func advance(to certified: UInt64) {
        let due = waiters.with { waiters -> [@Sendable (Bool) -> Void] in
            // Another thread may have come here first with a greater one.
            guard certified > height.load(ordering: .relaxed) else { return [] }
            height.store(certified, ordering: .releasing)
            return waiters.take(upTo: certified)
        }
        for completion in due { completion(true) }
    }

    // MARK: Waiting

    /// Calls `completion` once: with true when a height is certified, or false through ``giveUp(_:)``.
    /// - Returns: a ticket; nil if it is certified already or waits have ended, and `completion` was called.
    func whenCertified(
        _ wanted: UInt64, _ completion: @escaping @Sendable (Bool) -> Void
    ) -> UInt64? {
        let (ticket, isCertified) = waiters.with { waiters -> (UInt64?, Bool) in
            guard height.load(ordering: .relaxed) < wanted else { return (nil, true) }
            return (waiters.add(wanted, completion), false)
        }
        if ticket == nil { completion(isCertified) }
        return ticket
    }

    /// Whether a wait has not ended.
    func isWaiting(_ ticket: UInt64) -> Bool { waiters.with { $0.has(ticket) } }

    /// Ends all waits, each with false, and those that come later at once.
    func endWaits() {
        for completion in waiters.with({ $0.end() }) { completion(false) }
    }

    /// Ends a wait; does nothing if it has ended.
    func giveUp(_ ticket: UInt64) {
        waiters.with { $0.remove(ticket) }?(false)
    }
}

/// Who waits for which height.
private struct HeightWaiters {
    private var all: [UInt64: (height: UInt64, completion: @Sendable (Bool) -> Void)] = [:]
    private var next: UInt64 = 0
    private var hasEnded = false

    /// - Returns: nil if waits have ended.
    mutating func add(
        _ height: UInt64, _ completion: @escaping @Sendable (Bool) -> Void
    ) -> UInt64? {
        guard !hasEnded else { return nil }
        next += 1
        all[next] = (height, completion)
        return next
    }

    func has(_ ticket: UInt64) -> Bool { all[ticket] != nil }

    mutating func remove(_ ticket: UInt64) -> (@Sendable (Bool) -> Void)? {
        all.removeValue(forKey: ticket)?.completion
    }

    mutating func end() -> [@Sendable (Bool) -> Void] {
        hasEnded = true
        return take(upTo: .max)
    }

    mutating func take(upTo height: UInt64) -> [@Sendable (Bool) -> Void] {
        guard !all.isEmpty else { return [] }
        let due = all.keys.filter { (all[$0]?.height ?? .max) <= height }.sorted()
        return due.compactMap { remove($0) }
    }
}
