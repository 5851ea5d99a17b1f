import Consensus
import Execution
import Glibc
import Ledger
import Logging
import Peers
import Replica
import Signing
import Storage
import Synchronization
import Threads

/// A bank's node: pool, ordering, execution and stores of one ledger, without the sockets in front.
///
/// Made by ``start(_:logger:)``; everything may be called from any thread.
public final class Node: Sendable {
    /// What the ledger started from.
    public let genesis: Genesis
    /// This bank's number.
    let id: NodeID
    let configuration: NodeConfiguration
    let clock: NodeClock
    let logger: Logger
    let folder: DataFolder
    let chain: Chain
    let pool: Locked<PoolState>
    let intake: Intake
    private let waiters: Waiters
    let waits: ReceiptWaits
    let observers: BlockObservers
    let history: HistoryStore
    let state: StateStore
    let certification: Certification
    let checkpoints: Checkpoints
    private let parts: Parts
    /// This node among others; nil where it has no peers.
    let consortium: Consortium?
    /// The height whose state the store holds.
    let heightStored = Locked(UInt64(0))
    private let wantsRestart: AsyncStream<Void>.Continuation
    /// Ends when the node has to be stopped and started again, to go on with another state.
    public let restartWanted: AsyncStream<Void>
    private let timer: WaitTimer

    /// The backup that is being made, or was made last.
    let backups = Locked(BackupStatus.none)

    /// The threads, in the order in which they are stopped.
    private struct Parts: Sendable {
        let sequencer: Sequencer
        let driver: Driver
        let executor: Executor
        let archivist: Archivist
        let workers: WorkerPool<Submitter>
        let halting: Halting
        let evidence: EvidenceKeeper
    }

    /// What a node with peers has besides.
    struct Consortium: Sendable {
        let group: Group
        let forwarding: Forwarding
        let conductor: Conductor
        let fetch: BlockFetch
        let checkpointFetch: CheckpointFetch
        let server: BlockServer
        /// How often connections were refused, by reason.
        let refusals: Locked<[RefusalReason: UInt64]>
    }

    /// Orders what this node cuts, and knows who leads.
    var driver: Driver { parts.driver }

    /// Stores the state as it is now; false if that takes too long, as beside a checkpoint.
    func storeState(timeoutMillis: UInt64) -> Bool {
        parts.executor.storeState(timeoutMillis: timeoutMillis)
    }

    /// Ordered bodies that were passed over since the start, because nobody can execute them.
    public var voidBodies: UInt64 { parts.executor.voidBodies.load(ordering: .relaxed) }

    /// Whether the banks certified another result than this node has: then it serves no more.
    public var hasDiverged: Bool { halting.hasDiverged.load(ordering: .acquiring) }

    /// The end of a node that must not go on.
    var halting: Halting { parts.halting }

    // MARK: Starting and stopping

    /// Opens the data, replays what the store lacks, and begins to take part.
    ///
    /// - Throws: ``NodeFault``: the folder in use, of another ledger or damaged; a bad configuration.
    public static func start(
        _ configuration: NodeConfiguration, logger: Logger
    ) throws(NodeFault) -> Node {
        try configuration.check()
        let opened = try OpenedData(configuration)
        let node: Node
        do throws(NodeFault) {
            node = try Node(configuration, opened, logger: logger)
        } catch {
            // Or the stores would stay open.
            opened.machine.state.end()
            throw error
        }
        try node.begin(opened.uncertified)
        return node
    }

    private init(
        _ configuration: NodeConfiguration, _ opened: OpenedData, logger: Logger
    ) throws(NodeFault) {
        self.configuration = configuration
        self.logger = logger
        genesis = configuration.genesis
        folder = opened.folder
        history = opened.history
        state = opened.state
        let chain = Chain(machine: opened.machine, head: opened.head, history: opened.history)
        self.chain = chain
        let head = opened.head.header
        heightStored.with { $0 = head.height }
        clock =
            configuration.isClockManual
            ? NodeClock(manualFrom: head.timeMillis) : NodeClock.system()
        let pool = Locked(
            PoolState(rules: opened.machine.rules, versions: opened.machine.versions))
        pool.with { state in
            state.closedBecause = "it is starting"
            state.nextDue = opened.nextDue
        }
        self.pool = pool
        let workers = WorkerPool<Submitter>(
            named: "verify", count: configuration.verifiers, keepToProcessors: true)
        waiters = Waiters()
        observers = BlockObservers()
        timer = WaitTimer(named: "deadlines")
        (restartWanted, wantsRestart) = AsyncStream.makeStream(of: Void.self)

        let id = opened.nodeID
        self.id = id
        let halting = Halting(pool: pool, logger: logger)
        let archivist = Archivist(
            history: opened.history, state: opened.state,
            archived: { chain.archived(upTo: $0) },
            failed: { halting.halt(NodeFault($0)) })
        do throws(StoreFault) {
            checkpoints = try Checkpoints(
                folder: CheckpointFolder(path: opened.folder.checkpointsPath),
                state: opened.state, history: opened.history, genesis: configuration.genesis,
                retention: configuration.keepBlocks.map { BlockRetention(keepBlocks: $0) },
                logger: logger, room: opened.folder.room(beyond: configuration.diskReserve))
        } catch {
            throw NodeFault(error)
        }
        let outbox = GroupOutbox()
        let evidence = EvidenceKeeper(
            Evidence(data: configuration.folder), chainID: configuration.genesis.chainID,
            logger: logger)
        certification = Self.certification(
            configuration, opened, outbox: outbox, archivist: archivist, evidence: evidence,
            halting: halting, logger: logger)
        waits = ReceiptWaits(
            waiters, chain: chain, pool: pool, certification: certification, timer: timer)
        let cut = Locked(CutBodies())
        let executor = Executor(
            chain: chain, pool: pool, workers: workers, archivist: archivist, waiters: waiters,
            observers: observers, cut: cut,
            policy: StateFlushing.Policy(
                records: configuration.flushRecords, blocks: configuration.flushBlocks),
            logIndex: opened.state.logIndex,
            isAlone: opened.founders?.isOnlyVoter(id) ?? false, clock: clock, halting: halting,
            id: id, certification: certification, checkpoints: checkpoints, logger: logger)
        let table = PeerTable()
        let driver = try Self.driver(
            configuration, opened, chain: chain, clock: clock, table: table, outbox: outbox)
        let sequencer = Sequencer(
            pool: pool, clock: clock, leader: configuration.key.address,
            executedTip: { chain.withMachine { $0.tip } },
            votes: { [certification] in certification.takeVotes(isFirst: $0) },
            order: { body in
                cut.with { $0.put(body) }
                if case .accepted = driver.submit(body.body.bytes) { return true }
                _ = cut.with { $0.take(height: body.body.height) }
                return false
            })
        intake = Intake(
            chain: chain, pool: pool, workers: workers, sequencer: sequencer, waiters: waiters)
        parts = Parts(
            sequencer: sequencer, driver: driver, executor: executor,
            archivist: archivist, workers: workers, halting: halting, evidence: evidence)
        consortium = try Self.consortium(
            configuration, id: id, outbox: outbox, table: table, driver: driver, executor: executor,
            intake: intake, chain: chain, pool: pool, certification: certification,
            checkpoints: checkpoints, history: opened.history, timer: timer, clock: clock,
            halting: halting,
            restart: { [wantsRestart] in
                halting.halt(
                    "it fetched a checkpoint of the state and goes on with it once started again")
                wantsRestart.finish()
            }, logger: logger)
        executor.stored = { [heightStored] height, index, header in
            heightStored.with { $0 = height }
            driver.snapshot(
                at: index, application: StateMarker(height: height, header: header).bytes)
        }
        let reserve = configuration.diskReserve
        executor.checkRoom = { [folder] () throws(StoreFault) in
            try folder.checkRoom(reserve: reserve)
        }
        // Not to the end: a node may halt on a thread for which what is being delivered waits.
        halting.action = { driver.beginToStop() }
    }

    private func begin(_ uncertified: Uncertified?) throws(NodeFault) {
        compareClock()
        do throws(StoreFault) {
            // Before anything runs: what was found to be wrong is as wrong after another start, and what stands on it
            // must neither be executed nor signed.
            if let why = try folder.divergence() {
                timer.start()
                certification.stopSigning()
                return halting.halt(diverged: why)
            }
            try checkpoints.makeUp()
            certification.startSigning()
            try uncertified?.resume(certification, chain)
        } catch {
            throw NodeFault(error)
        }
        do {
            try parts.driver.start(parts.executor)
        } catch {
            throw NodeFault(error)
        }
        parts.sequencer.start()
        timer.start()
        if consortium == nil { try awaitLeading() }
        pool.with { $0.closedBecause = $0.haltedBecause }
        guard consortium == nil else { return }
        logger.info(
            "serving",
            metadata: ["height": "\(self.head.header.height)", "chain": "\(genesis.chainID)"])
    }

    /// Waits until the group's only voter leads.
    ///
    /// It does as soon as it has delivered what its log holds; whoever asks then must see all of it.
    private func awaitLeading() throws(NodeFault) {
        let outcome = pool.wait { state -> Waiting<String?> in
            if state.isLeader, state.unpublished == 0 { return .done(nil) }
            if let halted = state.haltedBecause { return .done(halted) }
            return .again(nil)
        }
        if let outcome { throw parts.halting.fault.with { $0 } ?? .log(outcome) }
    }

    /// Begins to listen for the peers and to dial them; does nothing on a node without peers, or on one that has
    /// diverged, which has nothing to tell them.
    ///
    /// - Throws: ``NodeFault/configuration(_:)`` for certificates that cannot be used, ``NodeFault/door(_:)``
    ///   for an address that cannot be had.
    public func meetPeers() async throws(NodeFault) {
        guard let consortium, !hasDiverged else { return }
        do {
            let (height, set) = chain.withMachine { ($0.tip.height, $0.bankSet) }
            consortium.group.update(set, at: height, members: driver.status.membership)
            try await consortium.group.network.start(consortium.group)
        } catch {
            throw error.isPassing ? .door(error.description) : .configuration(error.description)
        }
        consortium.conductor.start()
        logger.info(
            "meeting the other banks",
            metadata: [
                "port": "\(consortium.group.network.port ?? 0)", "bank": "\(consortium.group.id)",
            ])
    }

    /// Hands leadership over if this node leads, and ends the connections to the peers; before ``stop()``.
    ///
    /// Who waits here for a block is let go, for none comes any more: another node can tell.
    public func leavePeers() async {
        guard let consortium else { return }
        await handOver()
        consortium.conductor.stop()
        pool.withSignal { $0.closedBecause = $0.haltedBecause ?? "it is stopping" }
        await consortium.group.network.shutdown()
        waiters.end()
        certification.endWaits()
    }

    /// Stops taking transactions, finishes what was ordered, stores the state, closes everything.
    ///
    /// What was acknowledged is durable long before; this only makes the next start short.
    public func stop() {
        let first = pool.withSignal { state in
            state.closedBecause = "it is stopping"
            defer { state.isStopping = true }
            return !state.isStopping
        }
        guard first else { return }
        cancelBackup()
        certification.stopSigning()
        parts.sequencer.join()
        consortium?.fetch.stop()
        consortium?.checkpointFetch.stop()
        checkpoints.stop()
        parts.driver.stop()
        consortium?.server.stop()
        parts.executor.stop()
        parts.archivist.stop()
        parts.workers.stop()
        parts.evidence.stop()
        timer.stop()
        // Those of which nobody has looked into the history have no time of their own yet.
        waiters.end()
        consortium?.group.end()
        // The stores close when nobody holds them any more.
        chain.withMachine { $0.state.end() }
    }
}
