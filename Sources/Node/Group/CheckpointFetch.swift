import Consensus
import Execution
import Ledger
import Logging
import Replica
import Storage
import Threads

/// Fetches a certified checkpoint of the state where no peer keeps the blocks any more that this node lacks.
///
/// What is fetched is put in place when the node starts again.
final class CheckpointFetch: Sendable {
    /// What the fetch needs of the rest of the node.
    struct Edges: Sendable {
        /// Who may be asked.
        var peers: @Sendable () -> [NodeID]
        /// Asks a peer; calls back once, with nil if there is no answer in so many milliseconds.
        var ask:
            @Sendable (
                PeerRequest, NodeID, _ timeoutMillis: UInt64, @escaping Requests.Completion
            ) -> Void
        /// The executed blocks that changed the set of banks.
        var knownChanges: @Sendable () -> [KnownChange]
    }

    private struct Contents {
        var isStopping = false
        /// Answers that nobody has taken yet, by the number of their question.
        var answers: [UInt64: PeerReply?] = [:]
        var questions: UInt64 = 0
        /// When a peer may be asked again that did not answer, or answered badly.
        var resting: [NodeID: UInt64] = [:]
        /// Of the checkpoint that is being fetched.
        var sources = ChunkSources()
        /// How often each of its chunks was asked for in vain.
        var attempts: [Int: Int] = [:]
    }

    private let genesis: Genesis
    private let edges: Edges
    private let folder: CheckpointFolder
    private let logger: Logger
    private let contents = Locked(Contents())
    /// How long a peer may take to answer.
    private static let patienceMillis: UInt64 = 15_000
    /// How long a peer is left alone that did not have what it was asked for, or not in time.
    private static let restMillis: UInt64 = 5_000
    /// The same for one whose checkpoint was refused.
    private static let refusedMillis: UInt64 = 60_000
    /// Chunks under way together.
    private static let width = 4

    init(genesis: Genesis, edges: Edges, folder: CheckpointFolder, logger: Logger) {
        self.genesis = genesis
        self.edges = edges
        self.folder = folder
        self.logger = logger
    }

    /// Lets a fetch end without success.
    func stop() { contents.withSignal { $0.isStopping = true } }

    private var isStopping: Bool { contents.with { $0.isStopping } }

    /// Fetches the newest checkpoint above the last executed block.
    ///
    /// - Parameters:
    ///   - tip: the last executed block's height.
    ///   - set: the banks that sign the block after it.
    /// - Returns: whether one is there and complete; false where the node is stopping.
    func run(above tip: UInt64, signedBy set: BankSet) -> Bool {
        while !isStopping {
            for peer in ablePeers where !isStopping {
                guard let offer = ask(peer, above: tip) else { continue }
                do throws(ImportFault) {
                    if try take(offer, from: peer, above: tip, signedBy: set) { return true }
                } catch {
                    if case .peer = error { rest(peer, forMillis: Self.refusedMillis) }
                    logger.warning(
                        "a peer's checkpoint is refused",
                        metadata: ["bank": "\(peer)", "reason": "\(error)"])
                }
            }
            pause(1_000)
        }
        return false
    }

    // MARK: Peers

    /// The peers that may be asked now.
    private var ablePeers: [NodeID] {
        let (peers, now) = (edges.peers(), monotonicMillis())
        return contents.with { contents in
            peers.filter { (contents.resting[$0] ?? 0) <= now }
        }
    }

    /// The peers that are asked for a chunk now.
    private var sources: [NodeID] {
        let (peers, now) = (edges.peers(), monotonicMillis())
        return contents.with { contents in
            contents.sources.best(of: peers) { (contents.resting[$0] ?? 0) <= now }
        }
    }

    private func rest(_ peer: NodeID, forMillis millis: UInt64) {
        let end = monotonicMillis() + millis
        contents.with { $0.resting[peer] = max($0.resting[peer] ?? 0, end) }
    }

    private func ask(_ peer: NodeID, above tip: UInt64) -> CheckpointOffer? {
        let answer = answer(.checkpoint(above: tip), of: peer, in: Self.patienceMillis)
        guard case .checkpoint(let offer)? = answer else { return nil }
        return offer
    }

    /// Asks a peer and waits for its answer; nil if there is none, or the node is stopping.
    private func answer(
        _ request: PeerRequest, of peer: NodeID, in timeoutMillis: UInt64
    ) -> PeerReply? {
        let number = contents.with { contents in
            contents.questions += 1
            return contents.questions
        }
        edges.ask(request, peer, timeoutMillis) { [contents] reply in
            contents.withSignal { $0.answers[number] = .some(reply) }
        }
        return contents.wait { contents in
            if let reply = contents.answers.removeValue(forKey: number) { return .done(reply) }
            return contents.isStopping ? .done(nil) : .again(nil)
        }
    }

    /// Waits, unless the node is stopping.
    private func pause(_ millis: UInt64) {
        let end = monotonicMillis() + millis
        contents.wait { contents -> Waiting<Void> in
            let now = monotonicMillis()
            return contents.isStopping || now >= end ? .done(()) : .again(end - now)
        }
    }

    // MARK: Checkpoints

    private func take(
        _ offer: CheckpointOffer, from peer: NodeID, above tip: UInt64, signedBy set: BankSet
    ) throws(ImportFault) -> Bool {
        let vouched: VouchedCheckpoint
        let outline: CheckpointOutline
        do throws(DecodingFault) {
            vouched = try offer.check(
                genesis: genesis, above: tip, signedBy: set, known: edges.knownChanges())
            outline = try CheckpointOutline(decoding: offer.outline)
        } catch {
            throw .peer(error.description)
        }
        let block = vouched.block.stored
        let target = CheckpointTarget(
            root: vouched.root,
            block: BlockRecord(
                height: block.header.height, hash: block.hash,
                transactions: block.transactions.indices.map {
                    Keccak256.hash(block.transaction($0))
                }, logItems: LogItems.items(of: block), bytes: block.bytes,
                certificate: vouched.block.certificate),
            kept: vouched.changes.map {
                KeptBlock(
                    height: $0.stored.header.height, bytes: $0.stored.bytes,
                    certificate: $0.certificate)
            })
        let fetched = try CheckpointImport.begin(target, outline: outline, in: folder)
        do throws(StoreFault) {
            // Nobody goes on with those any more; each as large as the state, they would fill the disk.
            for older in try folder.importedHeights() where older < block.header.height {
                try folder.removeImport(at: older)
            }
        } catch {
            throw .store(error)
        }
        logger.notice(
            "fetching a checkpoint of the state",
            metadata: [
                "height": "\(block.header.height)", "chunks": "\(outline.roots.count)",
                "there": "\(fetched.presentCount)",
            ])
        return try fetch(fetched)
    }

    /// Fetches the chunks that are missing, each from whoever answers, several at a time.
    private func fetch(_ target: CheckpointImport) throws(ImportFault) -> Bool {
        contents.with { contents in
            contents.sources = ChunkSources()
            contents.attempts = [:]
        }
        var rounds = 0
        while !target.missing.isEmpty {
            // After some rounds in vain another checkpoint may be the one that peers still have.
            guard !isStopping, rounds < 10 else { return false }
            let before = target.presentCount
            try fetchRound(target, missing: target.missing)
            rounds = target.presentCount == before ? rounds + 1 : 0
            if rounds > 0 { pause(1_000) }
        }
        return try target.build(
            identity: StoreIdentity(chainID: genesis.chainID, genesisHash: genesis.hash),
            keptHeights: GovernanceKey.bankChanges)
    }

    private func fetchRound(
        _ target: CheckpointImport, missing: [Int]
    ) throws(ImportFault) {
        let state = Locked((next: 0, fault: StoreFault?.none))
        let workers = WorkerPool<Never>(named: "fetch", count: Self.width)
        for worker in 0..<Self.width {
            workers.submit { [self] in
                while !isStopping,
                    let place = state.with({ state -> Int? in
                        guard state.next < missing.count, state.fault == nil else { return nil }
                        defer { state.next += 1 }
                        return state.next
                    })
                {
                    let peers = sources
                    guard !peers.isEmpty else { return }
                    let peer = peers[(place + worker) % peers.count]
                    do throws(ImportFault) {
                        if try fetchChunk(missing[place], of: target, from: peer) { continue }
                        contents.with { contents in
                            contents.sources.delayed(peer)
                            contents.attempts[missing[place], default: 0] += 1
                        }
                    } catch {
                        switch error {
                        case .store(let fault): state.with { $0.fault = fault }
                        case .peer: contents.with { $0.sources.lied(peer) }
                        }
                        logger.warning(
                            "a chunk is refused",
                            metadata: ["bank": "\(peer)", "reason": "\(error)"])
                    }
                    rest(peer, forMillis: Self.restMillis)
                }
            }
        }
        workers.stop()
        if let fault = state.with({ $0.fault }) { throw .store(fault) }
    }

    /// Fetches a chunk from one peer.
    ///
    /// - Returns: false if the peer does not have it, or was too slow, or the node is stopping.
    private func fetchChunk(
        _ index: Int, of target: CheckpointImport, from peer: NodeID
    ) throws(ImportFault) -> Bool {
        let receiver = try target.receiver(chunk: index)
        let attempts = contents.with { $0.attempts[index] ?? 0 }
        var pace = ChunkPace(from: monotonicMillis(), after: attempts)
        while let patience = pace.patience(at: monotonicMillis()) {
            let request = PeerRequest.chunk(
                height: target.target.block.height, index: UInt32(index),
                offset: receiver.byteCount)
            let answer = answer(request, of: peer, in: min(patience, Self.patienceMillis))
            guard !isStopping, case .chunk(let bytes)? = answer else { return false }
            guard !bytes.isEmpty else {
                try receiver.finish()
                return true
            }
            do throws(DecodingFault) {
                try pace.received(bytes.count)
            } catch {
                throw .peer(error.description)
            }
            try receiver.append(bytes)
        }
        return false
    }
}
