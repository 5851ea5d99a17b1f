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
    private let intake: Intake
    private let waiters: Waiters
    private let observers: BlockObservers
    let history: HistoryStore
    let state: StateStore
    let certification: Certification
    let checkpoints: Checkpoints
    private let parts: Parts
    /// This node among others; nil where it has no peers.
    let consortium: Consortium?
    private let heightStored = Locked(UInt64(0))
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
        let workers: WorkerPool
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
    public var hasDiverged: Bool { parts.halting.hasDiverged.load(ordering: .acquiring) }

    // MARK: Starting and stopping

    /// Opens the data, replays what the store lacks, and begins to take part.
    ///
    /// - Throws: ``NodeFault``: the folder in use, of another ledger or damaged; a bad configuration.
    public static func start(
        _ configuration: NodeConfiguration, logger: Logger
    ) throws(NodeFault) -> Node {
        try configuration.check()
        let opened = try OpenedData(configuration)
        let node = try Node(configuration, opened, logger: logger)
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
        let workers = WorkerPool(
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
        certification = Certification(
            Certifier(
                chainID: configuration.genesis.chainID, account: configuration.key.address,
                key: configuration.key.local, id: id.rawValue,
                head: opened.uncertified.map { $0.heights.lowerBound - 1 } ?? 0,
                certified: opened.certifiedHeight),
            signing: configuration.key.remote.map {
                VoteSigning($0, chainID: configuration.genesis.chainID, logger: logger)
            },
            edges: Certification.Edges(
                send: { vote in outbox.group?.broadcast(.vote(vote)) },
                store: { archivist.archive($0) },
                keep: { evidence.keep($0, against: $1) },
                halt: { halting.halt(diverged: $0) }), logger: logger)
        let cut = Locked(CutBodies())
        let executor = Executor(
            chain: chain, pool: pool, workers: workers, archivist: archivist, waiters: waiters,
            observers: observers, cut: cut,
            policy: StateFlushing.Policy(
                records: configuration.flushRecords, blocks: configuration.flushBlocks),
            clock: clock, halting: halting, id: id, certification: certification,
            checkpoints: checkpoints, logger: logger)
        var options = Driver.Options(owner: LogOwner(chain: configuration.genesis.hash, node: id))
        options.founders = opened.founders
        options.trailingEntries = configuration.trailingEntries
        let table = PeerTable()
        options.admission = Admission(
            entry: { [clock, chain] body, isSaidCommitted in
                clock.accepts(body)
                    // Who follows with a slow clock must believe what a majority has executed.
                    || isSaidCommitted && table.hasMajority(executed: body, on: chain)
            }, snapshot: { StateMarker($0) != nil })
        let driver: Driver
        do {
            driver = try Driver(folder: opened.folder.logPath, options: options, outbox: outbox)
        } catch {
            throw NodeFault(error)
        }
        // As long as the others count on its vote they need it, if only to let it go.
        guard
            !opened.machine.bankSet.hasRemoved(id.rawValue)
                || driver.status.membership?.voters.contains(id) == true
        else {
            throw .configuration(
                "bank \(id) was removed from the consortium; its data can be read, but not gone on with"
            )
        }
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
        halting.action = { driver.stop() }
    }

    private func begin(_ uncertified: Uncertified?) throws(NodeFault) {
        do throws(StoreFault) {
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
        guard consortium == nil else {
            pool.with { $0.closedBecause = nil }
            return
        }
        // The group's only voter leads as soon as it has delivered what its log holds; whoever asks then
        // must see all of it.
        let outcome = pool.wait { state -> Waiting<String?> in
            if state.isLeader, state.unpublished == 0 { return .done(nil) }
            if let halted = state.haltedBecause { return .done(halted) }
            return .again(nil)
        }
        if let outcome { throw parts.halting.fault.with { $0 } ?? .log(outcome) }
        pool.with { $0.closedBecause = nil }
        logger.info(
            "serving",
            metadata: ["height": "\(self.head.header.height)", "chain": "\(genesis.chainID)"])
    }

    /// Begins to listen for the peers and to dial them; does nothing on a node without peers.
    ///
    /// - Throws: ``NodeFault/configuration(_:)`` for certificates that cannot be used, ``NodeFault/door(_:)``
    ///   for an address that cannot be had.
    public func meetPeers() async throws(NodeFault) {
        guard let consortium else { return }
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

    // MARK: Reading

    /// The last executed block.
    public var head: StoredBlock { chain.head }

    /// The height up to which blocks are certified.
    ///
    /// Not above the head: a bank that is alone certifies a block a moment before it is shown.
    public var certifiedHeight: UInt64 {
        min(certification.certifiedHeight, head.header.height)
    }

    /// The oldest height whose block is kept.
    public var oldestHeight: UInt64 { history.first ?? 0 }

    /// A block by height, nil above the head and below what is kept.
    public func block(at height: UInt64) throws(StoreFault) -> StoredBlock? {
        try chain.block(at: height)
    }

    /// A block by its hash.
    public func block(hash: Hash32) throws(StoreFault) -> StoredBlock? {
        try chain.block(hash: hash)
    }

    /// The block of a transaction and its place there; skipped ones are not found.
    public func locate(
        _ transaction: Hash32
    ) throws(StoreFault) -> (block: StoredBlock, index: Int)? {
        try chain.locate(transaction)
    }

    /// The rules after the last executed block.
    var rules: Rules { chain.overview.rules }

    /// The banks after the last executed block.
    var bankSet: BankSet { chain.overview.set }

    /// Runs `body` with the machine on top of the last executed block; it must not keep the machine.
    ///
    /// It waits while a block is executed, and blocks wait meanwhile, so it must be short, and not on a thread
    /// that others wait for.
    public func withMachine<Result, Failure: Error>(
        _ body: (Machine) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try chain.withMachine(body)
    }

    /// Heights of blocks that may hold logs which match; see ``LogIndex``.
    ///
    /// - Parameters:
    ///   - items: of each group at least one must be in the block; empty matches everything.
    ///   - range: the heights to be looked at.
    ///   - limit: the most heights to give.
    /// - Returns: heights in rising order; none with a match is left out.
    /// - Throws: ``StoreFault`` if the store refuses.
    public func heights(
        matching items: [[UInt64]], in range: ClosedRange<UInt64>, limit: Int = .max
    ) throws(StoreFault) -> [UInt64] {
        try chain.heights(matching: items, in: range, limit: limit)
    }

    /// How the node is.
    public var status: NodeStatus {
        let cells = chain.overview.cellCount
        let stored = heightStored.with { $0 }
        return pool.with { state in
            NodeStatus(
                closedBecause: state.closedBecause, isLeader: state.isLeader,
                poolCount: state.pool.count, cellCount: cells, heightStored: stored)
        }
    }

    // MARK: Transactions

    /// Takes raw transactions; `completion` gets one answer each, in order, on a worker's thread.
    ///
    /// Different callers take turns.
    public func submit(
        _ raws: [[UInt8]], of caller: UInt = 0,
        completion: @escaping @Sendable ([Result<Hash32, PoolRefusal>]) -> Void
    ) {
        guard let consortium else {
            return intake.submit(raws, of: caller, completion: completion)
        }
        intake.submit(raws, of: caller) { answers in
            consortium.forwarding.pump()
            completion(answers)
        }
    }

    /// A transaction of the pool.
    public func pending(_ hash: Hash32) -> VerifiedTransaction? {
        pool.with { $0.pool.transaction(hash) }
    }

    /// The nonce of its sender that a transaction of the pool waits for; nil if it waits for none.
    func missingNonce(before hash: Hash32) -> UInt64? {
        pool.with { state in
            guard let transaction = state.pool.transaction(hash),
                let next = state.pool.pendingNonce(of: transaction.sender)
            else { return nil }
            return transaction.transaction.nonce >= next ? next : nil
        }
    }

    /// The nonce after the account's last transaction in the pool, nil if it has none there.
    public func pendingNonce(of account: Address) -> UInt64? {
        pool.with { $0.pool.pendingNonce(of: account) }
    }

    /// Transactions that wait to be ordered, by arrival.
    public func pendingTransactions(limit: Int) -> [VerifiedTransaction] {
        pool.with { $0.pool.waiting(limit: limit) }
    }

    /// Waits for a transaction's block without holding a thread.
    ///
    /// - Parameters:
    ///   - hash: the transaction's.
    ///   - mode: what to wait for.
    ///   - timeoutMillis: when to give up; 0 answers with what is known.
    ///   - isOver: whether nobody wants the answer any more; then it may come earlier.
    ///   - later: gets what reads the history, where that is needed, to run it once, at any time and on any
    ///     thread; it is run at once unless said.
    ///   - completion: called once, on any thread, perhaps before this returns.
    public func wait(
        for hash: Hash32, _ mode: WaitMode, timeoutMillis: UInt64,
        isOver: @escaping @Sendable () -> Bool = { false },
        later: (@escaping @Sendable () -> Void) -> Void = { look in look() },
        _ completion: @escaping @Sendable (Awaited) -> Void
    ) {
        let deadline = monotonicMillis() + timeoutMillis
        guard mode == .certified else {
            return awaitExecution(of: hash, until: deadline, isOver, later, completion)
        }
        awaitExecution(of: hash, until: deadline, isOver, later) { [self] outcome in
            guard case .found(let block, _) = outcome else { return completion(outcome) }
            let ticket = certification.whenCertified(block.header.height) { isCertified in
                completion(isCertified ? outcome : .timedOut)
            }
            guard let ticket else { return }
            at(
                deadline,
                isOver: { [certification] in isOver() || !certification.isWaiting(ticket) }
            ) { [certification] in certification.giveUp(ticket) }
        }
    }

    private func awaitExecution(
        of hash: Hash32, until deadline: UInt64, _ isOver: @escaping @Sendable () -> Bool,
        _ later: (@escaping @Sendable () -> Void) -> Void,
        _ completion: @escaping @Sendable (Awaited) -> Void
    ) {
        // Registered before looking, so that a block between the two is not missed.
        let ticket = waiters.add(hash, completion)
        if let (block, index) = chain.locateRecent(hash) {
            return waiters.fulfil(hash, .found(block, index: index))
        }
        let giveUp = { @Sendable [self] in
            at(
                deadline, isOver: { [waiters] in isOver() || !waiters.isWaiting(hash, ticket) }
            ) { [waiters] in waiters.cancel(hash, ticket) }
        }
        // What the pool has is in no block yet, or in one of which everybody who waits is told next.
        guard pending(hash) == nil else { return giveUp() }
        later { [self] in
            guard waiters.isWaiting(hash, ticket) else { return }
            guard !isOver() else { return waiters.cancel(hash, ticket) }
            if let (block, index) = try? chain.locate(hash) {
                return waiters.fulfil(hash, .found(block, index: index))
            }
            // Only now, so that whoever gives it no time learns what is known.
            giveUp()
        }
    }

    /// Runs a job at a time of ``monotonicMillis()``, at once if that is over.
    private func at(
        _ deadline: UInt64, isOver: @escaping @Sendable () -> Bool,
        _ job: @escaping @Sendable () -> Void
    ) {
        let now = monotonicMillis()
        timer.after(deadline > now ? deadline - now : 0, isOver: isOver, job)
    }

    /// Calls `observer` with each block from now on, in order, one after another; it must be quick.
    /// - Returns: a ticket for ``stopObserving(_:)``.
    public func observe(_ observer: @escaping @Sendable (StoredBlock) -> Void) -> UInt64 {
        observers.add(observer)
    }

    /// Ends an observation.
    public func stopObserving(_ ticket: UInt64) { observers.remove(ticket) }

    /// Moves the clock of a development chain that was started with a manual one.
    /// - Returns: the new time in milliseconds; nil if the clock is not driven by hand.
    public func advanceTime(seconds: UInt64) -> UInt64? {
        // A timer that became due needs a block, which the sequencer cuts when it is woken.
        pool.withSignal { _ in clock.advance(seconds: seconds) }
    }

    /// The time that the next block would have, in milliseconds since 1970.
    public var timeMillis: UInt64 { max(clock.nowMillis, head.header.timeMillis) }
}
