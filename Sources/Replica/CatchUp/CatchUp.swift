import Consensus
import Ledger

/// Fetches blocks that this node lacks from any peer, and lets none be executed that nobody vouches for.
///
/// A value without clock or sockets. Ranges of blocks are asked of several peers at a time. A block may be
/// executed once it is bound by hashes to a header under a valid certificate, or to the header that the
/// log's own marker names.
package struct CatchUp {
    /// What must be done after an event.
    package enum Action: Equatable, Sendable {
        /// Ask a peer for the blocks of a range; it may answer with fewer, from the first on.
        case request(ClosedRange<UInt64>, from: NodeID)
        /// Execute these, in order, and say so by ``executed(_:set:at:)``.
        case execute([SealedBlock])
        /// No peer that answers has the next block any more: a checkpoint of the state is needed.
        case needsCheckpoint
        /// A peer sent what cannot be.
        case blame(NodeID, String)
    }

    /// How much is asked for at a time.
    package struct Limits: Sendable {
        /// Blocks in one request.
        package var blocks: UInt64 = 256
        /// Requests under way together.
        package var requests = 3
        /// Bytes of blocks that wait to be executed.
        package var bytes = 64 << 20
        /// Milliseconds after which a peer that does not answer is asked no more for a while.
        package var patienceMillis: UInt64 = 3_000
        /// Milliseconds after which another peer is asked for the same, if there is one with nothing to do.
        ///
        /// A node that fetches what its log's marker stands for neither votes nor stands for election. So it
        /// must not wait long for a peer that is gone without a word, which often is the last leader.
        package var lateMillis: UInt64 = 300

        /// The usual limits.
        package init() {}
    }

    private struct Request {
        let range: ClosedRange<UInt64>
        let lateAt: UInt64
        let deadline: UInt64
        /// Whether others may be asked for the same.
        var isLate = false

        /// Whether its answer is waited for, so that nobody else needs to be asked.
        func isExpected(_ height: UInt64) -> Bool { !isLate && range.contains(height) }
    }

    private let limits: Limits
    private let domain: EIP712.Domain
    /// The last block wanted, and the hash of its header as far as known.
    private let target: (height: UInt64, header: Hash32?)
    /// The last block that was handed out for execution.
    private var tip: (height: UInt64, header: Hash32)
    /// The banks that sign the block after the last executed one.
    private var set: BankSet
    /// Blocks were handed out up to ``tip`` and are executed up to here.
    private var executed: UInt64
    private var peers: PeerChoice
    private var requests: [NodeID: Request] = [:]
    private var waiting = FetchedBlocks()
    /// How far above the last block handed out others are fetched, and looked at for one that vouches.
    private var window: Int

    /// Begins above an executed block.
    ///
    /// - Parameters:
    ///   - chainID: the ledger's.
    ///   - tip: the last executed block: its height and the hash of its header.
    ///   - set: the banks that sign the block after it.
    ///   - target: the last block wanted; the hash of its header if something trusted names it.
    ///   - peers: who may be asked.
    ///   - limits: how much is asked for at a time.
    package init(
        chainID: UInt64, tip: (height: UInt64, header: Hash32), set: BankSet,
        target: (height: UInt64, header: Hash32?), peers: [NodeID], limits: Limits = Limits()
    ) {
        domain = .headers(chainID: chainID)
        self.tip = tip
        self.set = set
        self.target = target
        self.limits = limits
        executed = tip.height
        window = Self.window(limits)
        self.peers = PeerChoice(peers)
    }

    /// The usual ``window``.
    private static func window(_ limits: Limits) -> Int { 8 * Int(limits.blocks) }

    /// Whether everything wanted is executed.
    package var isDone: Bool { executed >= target.height }

    /// When ``proceed(at:)`` is to be called although nothing came, in milliseconds; nil: never.
    package var deadline: UInt64? {
        // Any order will do.
        let times = requests.values.map { $0.isLate ? $0.deadline : $0.lateAt } + peers.restEnds
        return times.min()
    }

    // MARK: Events

    /// Asks for what is missing, as far as there is room and somebody to ask; to be called at the start
    /// and at the ``deadline``.
    package mutating func proceed(at now: UInt64) -> [Action] {
        for peer in peers.all {
            if let request = requests[peer], request.deadline <= now {
                requests[peer] = nil
                rest(peer, at: now)
            } else if let request = requests[peer], request.lateAt <= now {
                requests[peer]?.isLate = true
            }
            peers.wake(peer, at: now)
        }
        return ask(at: now)
    }

    /// Takes blocks that a peer sent for the range that it was asked for.
    ///
    /// - Parameters:
    ///   - blocks: from the first asked for on; none if it lacks that.
    ///   - oldest: the first block that the peer keeps.
    ///   - peer: who sent them.
    ///   - now: milliseconds.
    /// - Returns: what must be done.
    package mutating func received(
        _ blocks: [SealedBlock], oldest: UInt64, from peer: NodeID, at now: UInt64
    ) -> [Action] {
        guard let request = requests.removeValue(forKey: peer) else { return [] }
        // It was asked before another became the only one.
        if let sole = peers.sole, sole != peer { return ask(at: now) }
        var actions: [Action] = []
        if let first = blocks.first {
            peers.answered(peer)
            take(blocks, first, request.range, from: peer, at: now, &actions)
        } else {
            peers.note(oldest: oldest, of: peer)
            rest(peer, at: now)
            if oldest > tip.height + 1, peers.allLack(tip.height + 1) { return [.needsCheckpoint] }
        }
        return actions + release(at: now) + ask(at: now)
    }

    /// Takes note that a peer cannot be asked now.
    package mutating func failed(_ peer: NodeID, at now: UInt64) -> [Action] {
        requests[peer] = nil
        rest(peer, at: now)
        return ask(at: now)
    }

    /// Takes note that a peer can be asked, for the first time or again.
    package mutating func returned(_ peer: NodeID, at now: UInt64) -> [Action] {
        // What it was asked over an earlier connection it may not have heard.
        requests[peer] = nil
        peers.returned(peer)
        return ask(at: now)
    }

    /// Takes note that blocks were executed.
    ///
    /// - Parameters:
    ///   - height: the last one's height.
    ///   - set: the banks that sign the next one.
    ///   - now: milliseconds.
    /// - Returns: what must be done.
    package mutating func executed(
        _ height: UInt64, set: BankSet, at now: UInt64
    ) -> [Action] {
        executed = height
        self.set = set
        return release(at: now) + ask(at: now)
    }

    // MARK: Asking

    private mutating func ask(at now: UInt64) -> [Action] {
        var actions: [Action] = []
        while requests.count < limits.requests, waiting.byteCount < limits.bytes,
            let range = nextRange(),
            let peer = peers.next(for: range, besides: { requests[$0] != nil })
        {
            requests[peer] = Request(
                range: range, lateAt: now + min(limits.lateMillis, limits.patienceMillis),
                deadline: now + limits.patienceMillis)
            actions.append(.request(range, from: peer))
        }
        return actions
    }

    /// The first blocks that are neither here nor expected from anybody.
    private func nextRange() -> ClosedRange<UInt64>? {
        var first = tip.height + 1
        // Far above what can be executed next, blocks would only take room.
        let last = min(target.height, tip.height + UInt64(window))
        while first <= last {
            if waiting.has(first) {
                first += 1
            } else if let asked = requests.values.first(where: { $0.isExpected(first) }) {
                first = asked.range.upperBound + 1
            } else {
                break
            }
        }
        guard first <= last else { return nil }
        var end = first
        while end < min(first + limits.blocks - 1, last), !waiting.has(end + 1),
            !requests.values.contains(where: { $0.isExpected(end + 1) })
        {
            end += 1
        }
        return first...end
    }

    private mutating func rest(_ peer: NodeID, at now: UInt64) {
        peers.rest(peer, until: now + limits.patienceMillis)
        if peers.sole == peer { askOneAlone() }
    }

    /// Begins again above the tip, with what one peer alone sends: each one's turn comes.
    ///
    /// Which of two that contradict each other is right cannot be told while nothing vouches for either, and
    /// to go on mixing their blocks could have every turn end with a contradiction.
    private mutating func askOneAlone() {
        waiting = FetchedBlocks()
        peers.chooseOne(for: tip.height + 1)
    }

    // MARK: Checking

    private mutating func take(
        _ blocks: [SealedBlock], _ first: SealedBlock, _ range: ClosedRange<UInt64>,
        from peer: NodeID, at now: UInt64, _ actions: inout [Action]
    ) {
        guard first.header.height == range.lowerBound, UInt64(blocks.count) <= range.count else {
            blame(peer, "sent other blocks than it was asked for", at: now, &actions)
            return
        }
        var before: Header?
        for block in blocks {
            let hash = block.header.hash
            guard before.map({ $0.height + 1 == block.header.height }) ?? true,
                SHA256.hash(block.body) == block.header.body
            else {
                blame(
                    peer, "sent a body at \(block.header.height) that is not its header's", at: now,
                    &actions)
                return
            }
            before = block.header
            if block.header.height > tip.height { waiting.add(block, hash, from: peer) }
        }
    }

    /// Hands out the blocks that follow the tip and are vouched for.
    private mutating func release(at now: UInt64) -> [Action] {
        // The banks that sign are known for what follows the executed blocks only.
        guard executed == tip.height else { return [] }
        let setHash = set.hash
        let (run, misfit) = waiting.run(above: tip, limit: window)
        // One certificate vouches for all below it; to check each would cost recoveries.
        guard
            let last = run.lastIndex(where: { isVouchedFor($0.block, $0.hash, by: setHash) })
        else {
            return settle(run, against: misfit, by: setHash, at: now)
        }
        for fetched in run[...last] { waiting.remove(fetched.block.header.height) }
        tip = (run[last].block.header.height, run[last].hash)
        window = Self.window(limits)
        peers.chooseAll()
        return [.execute(run[...last].map(\.block))]
    }

    /// Throws away what cannot be right.
    ///
    /// Blocks that nobody vouches for may end in a contradiction: with the block after them, or with the
    /// header that the target must have. Where there are simply many, more are fetched if the target's header
    /// can vouch for them, as it must where the banks changed before their last blocks were certified;
    /// otherwise those are asked for again that a certificate of the present banks should vouch for: it may
    /// have been made since.
    private mutating func settle(
        _ run: [FetchedBlocks.Fetched], against misfit: FetchedBlocks.Fetched?,
        by setHash: Hash32, at now: UInt64
    ) -> [Action] {
        var wrong: [NodeID] = []
        if let misfit {
            let isRunWrong =
                !run.isEmpty && isVouchedFor(misfit.block, misfit.hash, by: setHash)
            wrong = isRunWrong ? run.map(\.from) : [misfit.from]
        } else if run.last?.block.header.height == target.height {
            wrong = run.suffix(1).map(\.from)
        } else if run.count == window, target.header != nil, waiting.byteCount < limits.bytes {
            window *= 2
        } else if run.count == window || (waiting.byteCount >= limits.bytes && requests.isEmpty) {
            wrong = run.prefix { $0.block.header.banks == setHash }.map(\.from)
        }
        var actions: [Action] = []
        for peer in Set(wrong).sorted() { discard(from: peer, at: now, &actions) }
        let isContradiction = misfit != nil || run.last?.block.header.height == target.height
        if isContradiction, !wrong.isEmpty, peers.sole == nil { askOneAlone() }
        return actions
    }

    /// Whether the target's header names a block, or the banks that sign what comes next certify it.
    private func isVouchedFor(
        _ block: SealedBlock, _ hash: Hash32, by setHash: Hash32
    ) -> Bool {
        if block.header.height == target.height, target.header == hash { return true }
        // The cheap question first: there may be thousands of blocks that other banks sign.
        guard !block.certificate.isEmpty, block.header.banks == setHash,
            let certificate = try? Certificate(decoding: block.certificate)
        else { return false }
        return (try? CertifiedHeader(block.header, certificate).verify(by: set, in: domain)) != nil
    }

    private mutating func discard(
        from peer: NodeID, at now: UInt64, _ actions: inout [Action]
    ) {
        waiting.removeAll(from: peer)
        blame(
            peer, "sent blocks above \(tip.height) that nobody vouches for", at: now, &actions)
    }

    private mutating func blame(
        _ peer: NodeID, _ why: String, at now: UInt64, _ actions: inout [Action]
    ) {
        rest(peer, at: now)
        actions.append(.blame(peer, why))
    }
}
