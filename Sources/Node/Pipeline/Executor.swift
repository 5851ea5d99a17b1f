import Consensus
import Execution
import Glibc
import Ledger
import Logging
import Replica
import Storage
import Synchronization
import Threads

/// Executes committed bodies one after another, then publishes and archives what came of it.
///
/// The driver's delivering thread executes; another encodes blocks, answers who waits, and queues for
/// the disk. A small block that nothing follows goes all the way on the first: to wake the other would take
/// longer.
final class Executor: @unchecked Sendable {
    // `@unchecked`: what can be set is set before the first body, and the rest is one thread's at a time, as it says
    // below.
    private let chain: Chain
    private let pool: Locked<PoolState>
    private let workers: WorkerPool<Submitter>
    private let bodies: BodyReader
    private let publisher: Publisher
    private let flushing: StateFlushing
    private let clock: NodeClock
    private let halting: Halting
    private let id: NodeID
    private let certification: Certification
    private let checkpoints: Checkpoints
    private let logger: Logger
    /// Ordered since the start, and passed over because no node can execute it.
    let voidBodies = Atomic<UInt64>(0)

    /// Called when the store holds the state of a height; set before the first body comes.
    var stored: StateFlushing.Stored? {
        get { flushing.stored }
        set { flushing.stored = newValue }
    }

    /// Checks that the disk has its reserve; set before the first body comes.
    var checkRoom: (@Sendable () throws(StoreFault) -> Void)?

    /// Called when there may be something to hand to the leader; set before the first body comes, nil on a
    /// node without peers.
    var mayForward: (@Sendable () -> Void)? {
        get { publisher.mayForward }
        set { publisher.mayForward = newValue }
    }

    /// Fetches the blocks up to a height from the peers and has them executed; set before the first body
    /// comes, nil on a node without peers.
    var fetch: (@Sendable (Executor, _ target: UInt64, _ header: Hash32) -> Bool)?

    /// The last block that the slowest of the peers heard of lately has executed; set before the first body
    /// comes, nil on a node without peers.
    var slowestPeer: (@Sendable () -> UInt64?)?

    // Only the driver's delivering thread uses these, and `stop()` after it has ended.
    private var hasHalted = false
    /// Whether that is because the node is being stopped.
    private var isLetGo = false
    private var bytesSinceRoomCheck = 0
    /// To where the log was read.
    private var position: LogPosition

    /// Body bytes after which the disk's room is looked at again; far less than the reserve.
    private static let roomCheckBytes = 4 << 20
    /// Transactions up to which a block is small.
    private static let fewTransactions = 16

    init(
        chain: Chain, pool: Locked<PoolState>, workers: WorkerPool<Submitter>, archivist: Archivist,
        waiters: Waiters, observers: BlockObservers, cut: Locked<CutBodies>,
        policy: StateFlushing.Policy, logIndex: LogIndex?, isAlone: Bool,
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
        bodies = BodyReader(chain: chain, pool: pool, workers: workers, cut: cut)
        publisher = Publisher(
            chain: chain, pool: pool, archivist: archivist, waiters: waiters, observers: observers,
            certification: certification)
        flushing = StateFlushing(
            chain: chain, archivist: archivist, publisher: publisher, checkpoints: checkpoints,
            pool: pool, policy: policy, logIndex: logIndex)
        position = LogPosition(
            tip: chain.head.header.height, logIndex: logIndex, isAlone: isAlone)
        self.clock = clock
        self.halting = halting
    }

    /// Stores the state and ends the thread; call it when the driver has stopped.
    func stop() {
        flushing.flush(.due)
        publisher.stop()
    }

    /// Stores the state as it is now and waits for it; from any thread but those of blocks.
    ///
    /// - Parameter timeoutMillis: how long to wait for a checkpoint that is being made.
    /// - Returns: false if it took too long; then an older state is stored.
    func storeState(timeoutMillis: UInt64) -> Bool {
        flushing.storeState(timeoutMillis: timeoutMillis)
    }

    // MARK: Executing

    /// Executes a body that consensus ordered, or passes over what no node can execute.
    private func execute(_ entry: CommittedEntry) {
        attempt { () throws(NodeFault) in
            switch try bodies.read(entry.payload, at: &position) {
            case .known: break
            case .next(let body, let transactions):
                let isSmall = transactions.count <= Self.fewTransactions
                try execute(
                    body, transactions, index: entry.index,
                    publishesHere: isSmall && !entry.moreFollow)
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
    /// - Returns: false if the node has halted.
    func execute(_ blocks: [SealedBlock]) -> Bool {
        for prepared in PreparedBlock.prepare(blocks, chainID: chain.genesis.chainID, on: workers) {
            let isDone = attempt { () throws(NodeFault) in
                let next = try prepared.get()
                guard next.body.height > chain.withMachine({ $0.tip.height }) else { return }
                // If this node's result is another one than its header says, its certificate, or another
                // one, says who is wrong: the leader whose marker named that header may be.
                try execute(next.body, next.transactions, next.certificate)
            }
            guard isDone else { return false }
        }
        return true
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
            if case .disk = error {} else { flushing.end() }
            // A node that is being stopped lets go of the checkpoint that a block waits for, and makes it when
            // it starts again.
            if !isLetGo { halting.halt(error) }
            return false
        }
    }

    /// Executes the next body.
    ///
    /// - Parameters:
    ///   - body: the body.
    ///   - transactions: its transactions, verified.
    ///   - certificate: the one that came with it, unchecked, where it comes from a peer.
    ///   - index: its entry in the log, where it comes from there.
    ///   - publishesHere: whether this thread publishes the block too, if the other one is at rest.
    /// - Throws: ``NodeFault``; the node must not go on.
    private func execute(
        _ body: Body, _ transactions: [VerifiedTransaction], _ certificate: Certificate? = nil,
        index: LogIndex? = nil, publishesHere: Bool = false
    ) throws(NodeFault) {
        let root = try checkpointRoot(for: body.height)
        let outcome = try flushing.betweenFlushes(delivering: index) {
            () throws(NodeFault) -> Executed in
            try executeAndQueue(body, transactions, root, certificate, wakes: !publishesHere)
        }
        let block = outcome.block
        clock.catchUp(to: block.header.timeMillis)
        pool.with(signalIf: \.concernsCutter) {
            $0.executed(
                nextDue: outcome.nextDue, rules: outcome.rules, versions: outcome.versions)
        }
        if publishesHere { publisher.runWaiting() }
        try finish(block.header.height, bytes: body.bytes.count)
        guard outcome.isRemoved else { return }
        // It goes on ordering until nobody counts on its vote; see ``Conductor``.
        pool.with { $0.closedBecause = Conductor.removed }
    }

    private func executeAndQueue(
        _ body: Body, _ transactions: [VerifiedTransaction], _ root: Hash32?,
        _ certificate: Certificate?, wakes: Bool
    ) throws(NodeFault) -> Executed {
        let result = chain.execute { machine -> Result<Executed, NodeFault> in
            do throws(BodyFault) {
                let (set, setHash) = (machine.bankSet, machine.bankSetHash)
                let block = try machine.execute(body, transactions, checkpointRoot: root)
                // Read after executing: a failed read gave zeros, and nothing of that may be kept.
                if let fault = machine.state.fault { return .failure(.store(fault)) }
                return .success(
                    Executed(
                        block: block, set: set,
                        isNeeded: machine.bankSetHash != setHash
                            || chain.genesis.isOfCheckpoint(body.height),
                        nextDue: machine.nextDue, rules: machine.rules,
                        versions: machine.versions,
                        isRemoved: machine.bankSet.hasRemoved(id.rawValue)))
            } catch {
                return .failure(.badBody(error.description))
            }
        }
        let outcome = try result.get()
        publisher.publish(
            outcome.block, transactions, signedBy: outcome.set, certificate,
            isNeeded: outcome.isNeeded, wakes: wakes)
        return outcome
    }

    /// What executing a body gave.
    private struct Executed {
        let block: ExecutedBlock
        /// The banks that sign the block.
        let set: BankSet
        /// Whether whoever begins with a checkpoint asks for its certificate.
        let isNeeded: Bool
        let nextDue: UInt64?
        let rules: Rules
        let versions: VersionSchedule
        /// Whether this node's bank belongs to the consortium no more.
        let isRemoved: Bool
    }

    /// Stores what is due, and looks at the disk's room now and then.
    private func finish(_ height: UInt64, bytes: Int) throws(NodeFault) {
        flushing.finish(height)
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
            isLetGo = checkpoints.isStopping
            throw .store(
                "the checkpoint of block \(due), which block \(height) certifies, could not be made"
            )
        }
        return root
    }
}

extension Executor: CommitConsumer {
    /// Executes the next body.
    func committed(_ entry: CommittedEntry) {
        // After a halt the rest of what was handed over at once may still come: it is in no state.
        guard !hasHalted else { return }
        execute(entry)
        flushing.delivered(entry.index)
    }

    /// Lets the sequencer cut bodies on top of everything delivered, or stops it.
    func leadershipChanged(_ leadership: Leadership) {
        guard !hasHalted else { return }
        note(leadership)
        let tip = chain.withMachine { $0.tip }
        pool.withSignal { state in
            switch leadership {
            case .leading: state.lead(from: tip, as: id)
            case .following(let leader): state.follow(leader)
            }
        }
        mayForward?()
    }

    /// Who led when is the first question after anything odd; a bank alone always leads.
    private func note(_ leadership: Leadership) {
        guard chain.overview.set.banks.count > 1 else { return }
        switch leadership {
        case .leading(let term):
            logger.notice("this node leads", metadata: ["term": "\(term)"])
        case .following(let leader?):
            logger.notice("another node leads", metadata: ["bank": "\(leader)"])
        case .following(nil):
            logger.notice("no node leads that this one knows of")
        }
    }

    /// The log was cut at a block: what this node lacks up to there is fetched from the peers.
    func restore(_ marker: SnapshotMarker) -> Bool {
        guard !hasHalted, let state = StateMarker(marker.application) else { return false }
        if state.height > chain.withMachine({ $0.tip.height }) {
            guard fetch?(self, state.height, state.header) == true else { return false }
            flushing.delivered(marker.point.index)
        }
        position = LogPosition(behind: state, tip: chain.withMachine { $0.tip.height })
        return true
    }

    /// The log refuses: the node must not go on.
    func stopped(_ fault: ConsensusFault) { halting.halt(NodeFault(fault)) }
}
