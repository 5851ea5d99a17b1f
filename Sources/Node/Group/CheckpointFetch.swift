import Consensus
import Execution
import Ledger
import Logging
import Replica
import Storage

/// Fetches a certified checkpoint of the state where no peer keeps the blocks any more that this node lacks.
///
/// What is fetched is put in place when the node starts again.
final class CheckpointFetch: Sendable {
    private let genesis: Genesis
    private let group: Group
    private let folder: CheckpointFolder
    private let logger: Logger
    private let isStopping = Locked(false)
    /// How long a peer may take to answer.
    private static let patienceMillis: UInt64 = 15_000
    /// Chunks under way together.
    private static let width = 4

    init(genesis: Genesis, group: Group, folder: CheckpointFolder, logger: Logger) {
        self.genesis = genesis
        self.group = group
        self.folder = folder
        self.logger = logger
    }

    /// Lets a fetch end without success.
    func stop() { isStopping.withSignal { $0 = true } }

    /// Fetches the newest checkpoint above the last executed block.
    ///
    /// - Parameters:
    ///   - tip: the last executed block's height.
    ///   - set: the banks that sign the block after it.
    /// - Returns: whether one is there and complete; false where the node is stopping.
    func run(above tip: UInt64, signedBy set: BankSet) -> Bool {
        while !isStopping.with({ $0 }) {
            for peer in group.peers {
                guard let offer = ask(peer, above: tip) else { continue }
                do throws(ImportFault) {
                    if try take(offer, from: peer, above: tip, signedBy: set) { return true }
                } catch {
                    logger.warning(
                        "a peer's checkpoint is refused",
                        metadata: ["bank": "\(peer)", "reason": "\(error)"])
                }
                if isStopping.with({ $0 }) { return false }
            }
            _ = pause(1_000)
        }
        return false
    }

    private func ask(_ peer: NodeID, above tip: UInt64) -> CheckpointOffer? {
        guard case .checkpoint(let offer)? = answer(.checkpoint(above: tip), of: peer) else {
            return nil
        }
        return offer
    }

    private func take(
        _ offer: CheckpointOffer, from peer: NodeID, above tip: UInt64, signedBy set: BankSet
    ) throws(ImportFault) -> Bool {
        let vouched: VouchedCheckpoint
        let outline: CheckpointOutline
        do throws(DecodingFault) {
            vouched = try offer.check(genesis: genesis, above: tip, signedBy: set)
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
                }, logItems: LogIndex.items(of: block), bytes: block.bytes,
                certificate: vouched.block.certificate),
            kept: vouched.changes.map {
                KeptBlock(
                    height: $0.stored.header.height, bytes: $0.stored.bytes,
                    certificate: $0.certificate)
            })
        let fetched = try CheckpointImport.begin(target, outline: outline, in: folder)
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
        var rounds = 0
        while !target.missing.isEmpty {
            guard !isStopping.with({ $0 }) else { return false }
            // After some rounds in vain another checkpoint may be the one that peers still have.
            guard rounds < 10 else { return false }
            let before = target.presentCount
            try fetchRound(target, missing: target.missing)
            rounds = target.presentCount == before ? rounds + 1 : 0
            if rounds > 0 { _ = pause(500) }
        }
        do throws(StoreFault) {
            let identity = StoreIdentity(chainID: genesis.chainID, genesisHash: genesis.hash)
            return try target.build(identity: identity)
        } catch {
            throw .store(error)
        }
    }

    private func fetchRound(
        _ target: CheckpointImport, missing: [Int]
    ) throws(ImportFault) {
        let peers = group.peers
        guard !peers.isEmpty else { return }
        let state = Locked((next: 0, running: 0, fault: StoreFault?.none))
        let workers = WorkerPool(count: Self.width)
        for worker in 0..<Self.width {
            state.with { $0.running += 1 }
            workers.submit { [self] in
                defer { state.withSignal { $0.running -= 1 } }
                while let place = state.with({ state -> Int? in
                    guard state.next < missing.count, state.fault == nil else { return nil }
                    defer { state.next += 1 }
                    return state.next
                }), !isStopping.with({ $0 }) {
                    let peer = peers[(place + worker) % peers.count]
                    do throws(ImportFault) {
                        try fetchChunk(missing[place], of: target, from: peer)
                    } catch {
                        if case .store(let fault) = error { state.with { $0.fault = fault } }
                        logger.warning(
                            "a chunk is refused",
                            metadata: ["bank": "\(peer)", "reason": "\(error)"])
                    }
                }
            }
        }
        workers.stop()
        if let fault = state.with({ $0.fault }) { throw .store(fault) }
    }

    private func fetchChunk(
        _ index: Int, of target: CheckpointImport, from peer: NodeID
    ) throws(ImportFault) {
        let receiver = try target.receiver(chunk: index)
        while true {
            let request = PeerRequest.chunk(
                height: target.target.block.height, index: UInt32(index),
                offset: receiver.byteCount)
            guard case .chunk(let bytes)? = answer(request, of: peer) else { return }
            guard !bytes.isEmpty else { return try receiver.finish() }
            try receiver.append(bytes)
        }
    }

    /// Asks a peer and waits for its answer.
    private func answer(_ request: PeerRequest, of peer: NodeID) -> PeerReply? {
        let box = Locked(PeerReply??.none)
        group.requests.ask(request, of: peer, timeoutMillis: Self.patienceMillis) { reply in
            box.withSignal { $0 = .some(reply) }
        }
        return box.wait { box in box.map { .done($0) } ?? .again(nil) }
    }

    /// Waits, unless the node is stopping.
    private func pause(_ millis: UInt64) -> Bool {
        var isFirst = true
        return isStopping.wait { stopping -> Waiting<Bool> in
            guard !stopping, isFirst else { return .done(stopping) }
            isFirst = false
            return .again(millis)
        }
    }
}
