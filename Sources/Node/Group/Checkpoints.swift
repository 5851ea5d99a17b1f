import Execution
import Glibc
import Ledger
import Logging
import Replica
import Storage
import Threads

/// Makes checkpoints of the state in the background, and hands them to peers that are far behind.
final class Checkpoints: Sendable {
    private struct Contents {
        var roots: [UInt64: Hash32] = [:]
        var isMaking = false
        /// Whether the block has come that certifies the one that is being made.
        var isWanted = false
        /// Whether it could not be made when it was wanted.
        var hasFailed = false
        var isStopping = false
        /// Steers what is being made.
        var control = CheckpointControl()
        /// The one that peers fetch from, open.
        var served: Checkpoint?
    }

    let folder: CheckpointFolder
    private let state: StateStore
    private let history: HistoryStore
    private let genesis: Genesis
    private let logger: Logger
    /// Which blocks are kept; nil keeps all.
    private let retention: BlockRetention?
    /// Checks that the disk has room for more than a node needs to go on.
    private let room: @Sendable () throws(StoreFault) -> Void
    private let contents = Locked(Contents())
    private let worker = Worker(named: "checkpoint")
    /// Bytes of a chunk in one answer.
    private static let pieceBytes = 4 << 20
    /// After how long a checkpoint is tried again that the disk refused.
    private static let againMillis: UInt64 = 10_000

    /// Opens the folder of checkpoints.
    init(
        folder: CheckpointFolder, state: StateStore, history: HistoryStore, genesis: Genesis,
        retention: BlockRetention?, logger: Logger,
        room: @escaping @Sendable () throws(StoreFault) -> Void
    ) throws(StoreFault) {
        self.retention = retention
        self.room = room
        self.folder = folder
        self.state = state
        self.history = history
        self.genesis = genesis
        self.logger = logger
        for known in try folder.roots() { contents.with { $0.roots[known.height] = known.root } }
    }

    /// Makes the checkpoint of a height if the state stands there and there is none: a node that stopped
    /// while it was being made begins with it.
    func makeUp() throws(StoreFault) {
        guard let height = state.meta?.height, genesis.isCheckpoint(height),
            contents.with({ $0.roots[height] == nil }),
            let manifest = try folder.write(
                try state.snapshot(), CheckpointControl(share: 100, room: room))
        else { return }
        contents.with { $0.roots[height] = manifest.root }
    }

    /// Says that a checkpoint is about to be made, before the block that wants its root can ask for it.
    func announce() {
        contents.with { contents in
            contents.isMaking = true
            contents.isWanted = false
        }
    }

    /// Makes the checkpoint of the state as the store has it now, which is of that height.
    ///
    /// What the disk refuses is tried again until a block wants the root.
    ///
    /// - Parameters:
    ///   - height: the height of the stored state.
    ///   - done: called when the checkpoint is whole, and only then: until that the store must keep this
    ///     state, of which the next start makes the checkpoint.
    func make(of height: UInt64, _ done: @escaping @Sendable () -> Void) {
        // With the lock, since a thread that has ended would never come to it.
        contents.with { contents in
            guard !contents.isStopping else { return }
            contents.isMaking = true
            worker.submit { [self] in
                while true {
                    switch attempt(height) {
                    case .made: return done()
                    case .stopping: return
                    case .refused(let isLast): guard !isLast, waitToTryAgain() else { return }
                    }
                }
            }
        }
    }

    private enum Outcome {
        case made, stopping
        case refused(isLast: Bool)
    }

    private func attempt(_ height: UInt64) -> Outcome {
        let control = CheckpointControl(room: room)
        let (isStopping, isWanted) = contents.with { contents in
            contents.control = control
            return (contents.isStopping, contents.isWanted)
        }
        guard !isStopping else { return .stopping }
        if isWanted { control.hurry() }
        do throws(StoreFault) {
            guard let manifest = try folder.write(try state.snapshot(), control) else {
                return .stopping
            }
            contents.withSignal { contents in
                contents.roots[height] = manifest.root
                contents.isMaking = false
            }
            logger.info(
                "made a checkpoint",
                metadata: ["height": "\(height)", "root": "\(manifest.root)"])
            return .made
        } catch {
            logger.error(
                "a checkpoint could not be made",
                metadata: ["height": "\(height)", "reason": "\(error)"])
            if isWanted { contents.withSignal { $0.hasFailed = true } }
            return .refused(isLast: isWanted)
        }
    }

    /// - Returns: false if the node is stopping.
    private func waitToTryAgain() -> Bool {
        let again = monotonicMillis() + Self.againMillis
        return contents.wait { contents in
            if contents.isStopping { return .done(false) }
            let now = monotonicMillis()
            return contents.isWanted || now >= again ? .done(true) : .again(again - now)
        }
    }

    /// The root of the state after a block; waits until it is worked out.
    /// - Returns: nil if it cannot be had.
    func root(of height: UInt64) -> Hash32? {
        contents.withSignal { contents in
            guard contents.roots[height] == nil else { return }
            contents.isWanted = true
            contents.control.hurry()
        }
        return contents.wait { contents in
            if let root = contents.roots[height] { return .done(root) }
            guard contents.isMaking, !contents.hasFailed, !contents.isStopping else {
                return .done(nil)
            }
            return .again(nil)
        }
    }

    /// The root of the state after a block, nil if it is not known, or not yet.
    func knownRoot(of height: UInt64) -> Hash32? { contents.with { $0.roots[height] } }

    /// Whether what was being made was let go of.
    var isStopping: Bool { contents.with { $0.isStopping } }

    /// Lets go of what is being made; the node makes it up when it starts again.
    func stop() {
        contents.withSignal { contents in
            contents.isStopping = true
            contents.control.cancel()
        }
        worker.stop()
    }

    // MARK: Handing on

    /// The newest checkpoint with everything that vouches for it, if it is above a height.
    func offer(above height: UInt64, chain: Chain) throws(StoreFault) -> PeerReply {
        let changes = chain.withMachine { $0.governance.bankChanges }
        let offered = try newestOffered(certified: chain.head.header.height, changes: changes)
        guard let (checkpointHeight, landing) = offered, checkpointHeight > height,
            let checkpoint = try folder.checkpoint(at: checkpointHeight),
            let block = try chain.block(at: checkpointHeight),
            let blockCertificate = try history.certificate(at: checkpointHeight),
            let header = try chain.block(at: landing)?.header,
            let certificate = try history.certificate(at: landing)
        else { return .nothing }
        var kept: [(block: [UInt8], certificate: [UInt8])] = []
        for change in changes where change < landing {
            guard let block = try history.keptOrStored(at: change),
                let certificate = block.certificate
            else { return .nothing }
            kept.append((block.bytes, certificate))
        }
        let isOpen = contents.with { contents in
            contents.served = checkpoint
            return !contents.isStopping
        }
        guard isOpen else { return .nothing }
        return .checkpoint(
            CheckpointOffer(
                outline: try checkpoint.outline().bytes, block: block.bytes,
                blockCertificate: blockCertificate, header: header.bytes,
                certificate: certificate, changes: kept))
    }

    /// The newest checkpoint that a peer would take, and the height that certifies it.
    ///
    /// That banks certified a later block is not enough: a peer wants the certificates of the checkpoint's own
    /// block, of the one that names its root, and of each by which the banks changed. A block may never get
    /// one of its own, as where banks were removed because too few were left to sign.
    private func newestOffered(
        certified: UInt64, changes: [UInt64]
    ) throws(StoreFault) -> (UInt64, UInt64)? {
        for height in try folder.heights().reversed() {
            let landing = height &+ genesis.checkpointDelay
            guard landing <= certified, try history.certificate(at: height) != nil,
                try history.certificate(at: landing) != nil
            else { continue }
            var isWhole = true
            for change in changes where change < landing && isWhole {
                isWhole = try history.certificateKeptOrStored(at: change) != nil
            }
            if isWhole { return (height, landing) }
        }
        return nil
    }

    /// Bytes of a chunk of the checkpoint that was offered last.
    func piece(
        of height: UInt64, chunk index: Int, from offset: UInt64
    ) throws(StoreFault) -> PeerReply {
        var checkpoint = contents.with { $0.served }
        if checkpoint?.manifest.meta.height != height {
            checkpoint = try folder.checkpoint(at: height)
        }
        guard let checkpoint, checkpoint.manifest.chunks.indices.contains(index) else {
            return .nothing
        }
        return .chunk(
            try checkpoint.piece(ofChunk: index, from: offset, atMost: Self.pieceBytes))
    }

    // MARK: Proving

    /// An entry of the newest certified checkpoint, by its stored key, and the certifying height.
    ///
    /// - Returns: nil for the checkpoint if there is none yet, for the entry if the state has none.
    func entry(
        forKey key: [UInt8], certified: UInt64
    ) throws(StoreFault) -> (certifiedBy: UInt64, entry: CheckpointEntry?)? {
        guard let (height, landing) = try newest(certified: certified),
            let checkpoint = try folder.checkpoint(at: height)
        else { return nil }
        return (landing, try checkpoint.entry(forKey: key))
    }

    /// The newest checkpoint whose root a certified header names, and that header's height.
    func newest(certified: UInt64) throws(StoreFault) -> (UInt64, UInt64)? {
        let delay = genesis.checkpointDelay
        guard
            let height = try folder.heights().last(where: { $0 &+ delay <= certified })
        else { return nil }
        return (height, height + delay)
    }

    // MARK: Forgetting

    /// Removes checkpoints that two newer certified ones have replaced, and blocks that need not be kept,
    /// in the background.
    ///
    /// - Parameters:
    ///   - certified: the highest certified block.
    ///   - head: the last executed block.
    ///   - slowest: the last block that the slowest of the peers heard of lately has executed.
    ///   - changes: the blocks that changed the set of banks, which are kept for ever.
    func tidy(certified: UInt64, head: UInt64, slowest: UInt64?, changes: [UInt64]) {
        worker.submit { [self] in
            do throws(StoreFault) {
                guard let (newest, _) = try newest(certified: certified) else { return }
                let offered = try newestOffered(certified: certified, changes: changes)
                try folder.removeOld(certified: newest, besides: offered?.0)
                guard let retention else { return }
                // Whoever lacks a block that is forgotten has to begin with a checkpoint.
                guard let (height, _) = offered else {
                    logger.warning(
                        "old blocks stay: no checkpoint has all certificates that a peer asks for")
                    return
                }
                let first = retention.first(
                    head: head, checkpoint: height, slowest: slowest,
                    bytes: history.approximateBytes)
                guard first > history.first ?? 0 else { return }
                try history.prune(below: first, keeping: changes.filter { $0 < first })
                logger.info("forgot old blocks", metadata: ["oldest": "\(first)"])
            } catch {
                logger.error("old data stays", metadata: ["reason": "\(error)"])
            }
        }
    }
}
