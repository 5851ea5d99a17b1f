import Consensus
import Execution
import Glibc
import Ledger
import Logging
import Replica
import Storage
import Synchronization

/// Executes committed bodies one after another, then publishes and archives what came of it.
///
/// The driver's delivering thread executes; another encodes blocks, answers who waits, and queues for
/// the disk. A small block that nothing follows goes all the way on the first: to wake the other would take
/// longer.
final class Executor: @unchecked Sendable {
    /// When the state is handed to the store: after so many changed records, or so many blocks.
    struct FlushPolicy: Sendable {
        var records = 250_000
        var blocks: UInt64 = 256
    }

    private let chain: Chain
    private let pool: Locked<PoolState>
    private let workers: WorkerPool
    private let archivist: Archivist
    private let waiters: Waiters
    private let observers: BlockObservers
    private let bodies: BodyReader
    private let policy: FlushPolicy
    private let clock: NodeClock
    private let halting: Halting
    private let id: NodeID
    private let certification: Certification
    private let checkpoints: Checkpoints
    private let logger: Logger
    /// Ordered since the start, and passed over because no node can execute it.
    let voidBodies = Atomic<UInt64>(0)
    private let publishing = Worker()
    private let isFlushing = Locked(false)
    /// Whose turn it is with the machine and the queue of blocks behind it: a state is stored between two
    /// blocks, behind the one that left it.
    private let turn = Locked(Turn())

    private struct Turn {
        /// Not while a block is executed, and not after one failed.
        var mayFlush = true
    }

    /// The height of the last state that was handed to the archivist, and the last entry that was executed:
    /// entries up to it are in any state handed over from now on.
    private let flushed: Locked<(height: UInt64, index: Consensus.LogIndex)>

    /// Called when the store holds the state of a height; set before the first body comes.
    var stored:
        (@Sendable (_ height: UInt64, _ index: Consensus.LogIndex, _ header: Hash32) -> Void)?

    /// Checks that the disk has its reserve; set before the first body comes.
    var checkRoom: (@Sendable () throws(StoreFault) -> Void)?

    /// Called when there may be something to hand to the leader; set before the first body comes, nil on a node without peers.
    var mayForward: (@Sendable () -> Void)?

    /// Fetches the blocks up to a height from the peers and has them executed; set before the first body
    /// comes, nil on a node without peers.
    var fetch: (@Sendable (Executor, _ target: UInt64, _ header: Hash32) -> Bool)?

    /// The last block that the slowest of the peers heard of lately has executed; set before the first body
    /// comes, nil on a node without peers.
    var slowestPeer: (@Sendable () -> UInt64?)?

    // Only the driver's delivering thread uses these, and `stop()` after it has ended.
    private var hasHalted = false
    private var bytesSinceRoomCheck = 0

    /// Body bytes after which the disk's room is looked at again; far less than the reserve.
    private static let roomCheckBytes = 4 << 20
    /// Transactions up to which a block is small.
    private static let fewTransactions = 16

    init(
        chain: Chain, pool: Locked<PoolState>, workers: WorkerPool, archivist: Archivist,
        waiters: Waiters, observers: BlockObservers, cut: Locked<CutBodies>, policy: FlushPolicy,
        clock: NodeClock, halting: Halting, id: NodeID, certification: Certification,
        checkpoints: Checkpoints, logger: Logger
    ) {
        self.logger = logger
        self.id = id
        self.certification = certification
        self.checkpoints = checkpoints
        self.chain = chain
        self.pool = pool
        self.workers = workers
        self.archivist = archivist
        self.waiters = waiters
        self.observers = observers
        bodies = BodyReader(chain: chain, pool: pool, workers: workers, cut: cut)
        self.policy = policy
        self.clock = clock
        self.halting = halting
        flushed = Locked((height: chain.head.header.height, index: 0))
    }

    /// Stores the state and ends the thread; call it when the driver has stopped.
    func stop() {
        flush(.due)
        publishing.stop()
    }

    // MARK: Executing

    /// Executes a body that consensus ordered, or passes over what no node can execute.
    private func execute(_ entry: CommittedEntry) {
        attempt { () throws(NodeFault) in
            switch try bodies.read(entry.payload) {
            case .known: break
            case .next(let body, let transactions):
                let isSmall = transactions.count <= Self.fewTransactions
                try execute(body, transactions, publishesHere: isSmall && !entry.moreFollow)
            case .void(let why):
                voidBodies.add(1, ordering: .relaxed)
                logger.error(
                    "passed over what a leader should not have ordered: its node breaks the rules",
                    metadata: ["entry": "\(entry.index)", "reason": "\(why)"])
            }
        }
    }

    /// Executes blocks that were fetched from peers, and that banks vouch for, one after another.
    ///
    /// Their signers are recovered for all of them at once: a hand-over to other threads for each block
    /// would cost more than the block.
    /// - Returns: false if the node has halted.
    func execute(_ blocks: [SealedBlock]) -> Bool {
        let prepared = Locked(
            (
                left: blocks.count,
                all: [Result<Prepared, NodeFault>?](repeating: nil, count: blocks.count)
            ))
        let share = max((blocks.count + 4 * workers.count - 1) / (4 * workers.count), 1)
        for start in stride(from: 0, to: blocks.count, by: share) {
            workers.submit { [self] in
                let range = start..<min(start + share, blocks.count)
                let results = range.map { prepare(blocks[$0]) }
                prepared.withSignal { prepared in
                    prepared.left -= range.count
                    for (offset, result) in results.enumerated() {
                        prepared.all[start + offset] = result
                    }
                }
            }
        }
        let all = prepared.wait { $0.left == 0 ? .done($0.all) : .again(nil) }
        for result in all {
            let isDone = attempt { () throws(NodeFault) in
                guard let next = try result?.get(),
                    next.body.height > chain.withMachine({ $0.tip.height })
                else { return }
                // If this node's result is another one than its header says, its certificate, or another
                // one, says who is wrong: the leader whose marker named that header may be.
                try execute(next.body, next.transactions, next.certificate)
            }
            guard isDone else { return false }
        }
        return true
    }

    /// A fetched block with what can be found out about it before those below are executed.
    private struct Prepared: Sendable {
        let body: Body
        let transactions: [VerifiedTransaction]
        let certificate: Certificate?
    }

    private func prepare(_ block: SealedBlock) -> Result<Prepared, NodeFault> {
        do throws(DecodingFault) {
            let body = try Body(decoding: block.body)
            var transactions: [VerifiedTransaction] = []
            transactions.reserveCapacity(body.transactions.count)
            for index in body.transactions.indices {
                do throws(TransactionFault) {
                    transactions.append(
                        try .verify(
                            Array(body.transaction(index)), chainID: chain.genesis.chainID))
                } catch {
                    return .failure(
                        .badBody("transaction \(index) of block \(body.height) is not valid"))
                }
            }
            return .success(
                Prepared(
                    body: body, transactions: transactions,
                    certificate: try? Certificate(decoding: block.certificate)))
        } catch {
            return .failure(.badBody(error.description))
        }
    }

    /// The last executed block, and who signs the next.
    var standing: (tip: Tip, set: BankSet) { chain.withMachine { ($0.tip, $0.bankSet) } }

    @discardableResult
    private func attempt(_ body: () throws(NodeFault) -> Void) -> Bool {
        guard !hasHalted else { return false }
        do throws(NodeFault) {
            try body()
            return true
        } catch {
            hasHalted = true
            // A full disk is no reason to distrust what is in memory; the other faults are.
            if case .disk = error {} else { turn.with { $0.mayFlush = false } }
            halting.halt(error.description)
            return false
        }
    }

    /// Executes the next body.
    ///
    /// - Parameters:
    ///   - body: the body.
    ///   - transactions: its transactions, verified.
    ///   - certificate: the one that came with it, unchecked, where it comes from a peer.
    ///   - publishesHere: whether this thread publishes the block too, if the other one is at rest.
    /// - Throws: ``NodeFault``; the node must not go on.
    private func execute(
        _ body: Body, _ transactions: [VerifiedTransaction], _ certificate: Certificate? = nil,
        publishesHere: Bool = false
    ) throws(NodeFault) {
        let root = try checkpointRoot(for: body.height)
        let outcome = try turn.with { turn throws(NodeFault) -> Executed in
            // Until the block is queued nobody may store what it changed, and not if it failed.
            let mayFlush = turn.mayFlush
            turn.mayFlush = false
            let outcome = try executeAndQueue(
                body, transactions, root, certificate, wakes: !publishesHere)
            turn.mayFlush = mayFlush
            return outcome
        }
        let block = outcome.block
        clock.catchUp(to: block.header.timeMillis)
        pool.with(signalIf: \.concernsCutter) {
            $0.executed(
                nextDue: outcome.nextDue, rules: outcome.rules, versions: outcome.versions)
        }
        if publishesHere { publishing.runWaiting() }
        try finish(block.header.height, bytes: body.bytes.count)
        guard outcome.isRemoved else { return }
        // It goes on ordering until nobody counts on its vote; see ``Conductor``.
        pool.with { $0.closedBecause = Conductor.removed }
    }

    private func executeAndQueue(
        _ body: Body, _ transactions: [VerifiedTransaction], _ root: Hash32?,
        _ certificate: Certificate?, wakes: Bool
    ) throws(NodeFault) -> Executed {
        let result = chain.withMachine { machine -> Result<Executed, NodeFault> in
            do throws(BodyFault) {
                let set = machine.bankSet
                let block = try machine.execute(body, transactions, checkpointRoot: root)
                // Read after executing: a failed read gave zeros, and nothing of that may be kept.
                if let fault = machine.state.fault { return .failure(.store(fault)) }
                return .success(
                    Executed(
                        block: block, set: set, nextDue: machine.nextDue, rules: machine.rules,
                        versions: machine.versions,
                        isRemoved: machine.bankSet.hasRemoved(id.rawValue)))
            } catch {
                return .failure(.badBody(error.description))
            }
        }
        let outcome = try result.get()
        let block = outcome.block
        pool.with { $0.unpublished += 1 }
        publishing.submit(wakes: wakes) { [self] in
            publish(block, transactions, signedBy: outcome.set, certificate)
        }
        return outcome
    }

    /// What executing a body gave.
    private struct Executed {
        let block: ExecutedBlock
        /// The banks that sign the block.
        let set: BankSet
        let nextDue: UInt64?
        let rules: Rules
        let versions: VersionSchedule
        /// Whether this node's bank belongs to the consortium no more.
        let isRemoved: Bool
    }

    /// Stores what is due, and looks at the disk's room now and then.
    private func finish(_ height: UInt64, bytes: Int) throws(NodeFault) {
        if chain.genesis.isCheckpoint(height) {
            // A checkpoint is of the state after this very block.
            while !claimFlush() { usleep(1_000) }
            flush(.checkpoint)
        } else if isFlushDue(height), claimFlush() {
            flush(.due)
        }
        if chain.genesis.checkpointDue(at: height) != nil {
            checkpoints.tidy(
                certified: certification.certifiedHeight, head: height, slowest: slowestPeer?(),
                changes: chain.withMachine { $0.governance.bankChanges })
        }
        bytesSinceRoomCheck += bytes
        guard bytesSinceRoomCheck >= Self.roomCheckBytes else { return }
        bytesSinceRoomCheck = 0
        // The block itself is fine: the node stops after it, while there is room to store what it has.
        do throws(StoreFault) {
            try checkRoom?()
        } catch {
            throw .disk(error.description)
        }
    }

    /// The root that a block has to certify; waits until the background has it.
    private func checkpointRoot(for height: UInt64) throws(NodeFault) -> Hash32? {
        guard let due = chain.genesis.checkpointDue(at: height) else { return nil }
        guard let root = checkpoints.root(of: due) else {
            throw .store(
                "the checkpoint of block \(due), which block \(height) certifies, could not be made"
            )
        }
        return root
    }

    // MARK: Storing

    private func isFlushDue(_ height: UInt64) -> Bool {
        guard !isFlushing.with({ $0 }) else { return false }
        return height - flushed.with { $0.height } >= policy.blocks
            || chain.withMachine { $0.state.uncollectedCount } >= policy.records
    }

    /// Takes the right to flush, which the end of the flush gives back.
    private func claimFlush() -> Bool {
        isFlushing.with { isFlushing in
            defer { isFlushing = true }
            return !isFlushing
        }
    }

    /// Stores the state as it is now and waits for it; from any thread but those of blocks.
    ///
    /// - Parameter timeoutMillis: how long to wait for a checkpoint that is being made.
    /// - Returns: false if it took too long; then an older state is stored.
    func storeState(timeoutMillis: UInt64) -> Bool {
        let deadline = monotonicMillis() + timeoutMillis
        while !claimFlush() {
            guard monotonicMillis() < deadline else { return false }
            usleep(10_000)
        }
        flush(.asked)
        while isFlushing.with({ $0 }) {
            guard monotonicMillis() < deadline else { return false }
            usleep(1_000)
        }
        return true
    }

    /// Hands what changed to the archivist, behind the blocks that changed it; the caller has claimed it.
    ///
    private func flush(_ reason: FlushReason) {
        turn.with { turn in
            if turn.mayFlush { queueState(reason) } else { isFlushing.with { $0 = false } }
        }
    }

    private enum FlushReason {
        /// So much has changed, or so many blocks ago.
        case due
        /// Somebody wants the state on the disk.
        case asked
        /// A checkpoint is to be made of that state; then nothing further is flushed until it is whole, so
        /// that a crash finds either the checkpoint or the state it is of.
        case checkpoint
    }

    private func queueState(_ reason: FlushReason) {
        let stored = flushed.with { $0.height }
        let batch = chain.withMachine { machine -> Archivist.StateBatch? in
            let tip = machine.tip
            switch reason {
            case .due: guard machine.state.uncollectedCount > 0 else { return nil }
            // The state of a checkpoint is stored by whoever has just executed its block.
            case .asked:
                guard tip.height > stored, !chain.genesis.isCheckpoint(tip.height) else {
                    return nil
                }
            case .checkpoint: break
            }
            return Archivist.StateBatch(
                changes: machine.state.collectChanges(),
                meta: StateMeta(
                    height: tip.height, headerHash: tip.header, stateHash: tip.stateHash))
        }
        guard let batch else { return isFlushing.with { $0 = false } }
        let index = flushed.with { flushed in
            flushed.height = batch.meta.height
            return flushed.index
        }
        if reason == .checkpoint { checkpoints.announce() }
        // The blocks are queued by the publishing thread, and the state must come behind them.
        publishing.submit { [self] in
            archivist.store(batch) { [self] height in
                chain.withMachine { $0.state.written(upTo: height) }
                self.stored?(height, index, batch.meta.headerHash)
                guard reason == .checkpoint else { return isFlushing.with { $0 = false } }
                checkpoints.make(of: height) { [self] in isFlushing.with { $0 = false } }
            }
        }
    }

    // MARK: Publishing

    private func publish(
        _ executed: ExecutedBlock, _ transactions: [VerifiedTransaction],
        signedBy set: BankSet, _ certificate: Certificate?
    ) {
        guard let block = try? StoredBlock(decoding: executed.stored) else {
            preconditionFailure("a block that was just encoded does not decode")
        }
        let hashes = transactions.map(\.hash)
        // With one bank a block is certified when anybody hears of it; with several nobody waits for that
        // who has not asked to.
        if set.quorum == 1 { archiveAndSign(block, executed, hashes, set, certificate) }
        chain.publish(block, transactions: hashes)
        tell(block, executed, transactions, hashes)
        if set.quorum > 1 { archiveAndSign(block, executed, hashes, set, certificate) }
        observers.tell(block)
    }

    private func archiveAndSign(
        _ block: StoredBlock, _ executed: ExecutedBlock, _ hashes: [Hash32], _ set: BankSet,
        _ certificate: Certificate?
    ) {
        archivist.archive(
            BlockRecord(
                height: block.header.height, hash: block.hash, transactions: hashes,
                logItems: LogIndex.items(of: block), bytes: block.bytes)
        ) { [chain] in chain.archived(upTo: $0) }
        certification.executed(executed, signedBy: set, certificate: certificate)
    }

    /// Takes a block's transactions out of the pool and answers who waits for one of them.
    private func tell(
        _ block: StoredBlock, _ executed: ExecutedBlock, _ transactions: [VerifiedTransaction],
        _ hashes: [Hash32]
    ) {
        func skipped(_ index: Int) -> Bool {
            executed.recordBytes(index).first.map { $0 & 0x0f } == Outcome.skipped.rawValue
        }
        // A node that is starting waits for the last of its blocks to be published.
        let (dropped, hasMore) = pool.with(
            signalIf: { $0.concernsCutter || $0.closedBecause != nil }
        ) { state in
            state.unpublished -= 1
            let dropped = state.pool.settle(
                height: block.header.height, transactions, skipped: skipped)
            return (dropped, !state.isLeader && state.pool.hasUnforwarded)
        }
        // What follows a transaction that came by another node can go to the leader now.
        if hasMore { mayForward?() }
        guard !waiters.isEmpty else { return }
        for (index, hash) in hashes.enumerated() {
            guard skipped(index) else {
                waiters.fulfil(hash, .found(block, index: index))
                continue
            }
            // What was ordered twice, because a leader changed, is skipped the second time.
            if let known = try? chain.locate(hash) {
                waiters.fulfil(hash, .found(known.block, index: known.index))
            } else {
                waiters.fulfil(hash, .dropped)
            }
        }
        for transaction in dropped { waiters.fulfil(transaction.hash, .dropped) }
    }
}

extension Executor: CommitConsumer {
    /// Executes the next body.
    func committed(_ entry: CommittedEntry) {
        execute(entry)
        flushed.with { $0.index = entry.index }
    }

    /// Lets the sequencer cut bodies on top of everything delivered, or stops it.
    func leadershipChanged(_ leadership: Leadership) {
        guard !hasHalted else { return }
        let tip = chain.withMachine { $0.tip }
        pool.withSignal { state in
            switch leadership {
            case .leading: state.lead(from: tip, as: id)
            case .following(let leader): state.follow(leader)
            }
        }
        mayForward?()
    }

    /// The log was cut at a block: what this node lacks up to there is fetched from the peers.
    func restore(_ marker: SnapshotMarker) -> Bool {
        guard !hasHalted, let state = StateMarker(marker.application) else { return false }
        guard state.height > chain.withMachine({ $0.tip.height }) else { return true }
        guard fetch?(self, state.height, state.header) == true else { return false }
        flushed.with { $0.index = marker.point.index }
        return true
    }

    /// The log refuses: the node must not go on.
    func stopped(_ fault: ConsensusFault) { halting.halt(fault.description) }
}
