import Consensus
import Execution
import Ledger
import Replica
import Storage

/// Executes committed bodies one after another, then publishes and archives what came of it.
///
/// The driver's delivering thread executes; another encodes blocks, answers who waits, and queues for
/// the disk.
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
    private let cut: Locked<CutBodies>
    private let policy: FlushPolicy
    private let clock: NodeClock
    private let halting: Halting
    private let id: NodeID
    private let publishing = Worker()
    private let isFlushing = Locked(false)

    /// Called when the store holds the state of a height; set before the first body comes.
    var stored:
        (@Sendable (_ height: UInt64, _ index: Consensus.LogIndex, _ header: Hash32) -> Void)?

    /// Checks that the disk has its reserve; set before the first body comes.
    var checkRoom: (@Sendable () throws(StoreFault) -> Void)?

    // Only the driver's delivering thread uses these, and `stop()` after it has ended.
    private var hasHalted = false
    private var mayFlush = true
    private var heightFlushed: UInt64
    private var index: Consensus.LogIndex = 0
    private var bytesSinceRoomCheck = 0

    /// Body bytes after which the disk's room is looked at again; far less than the reserve.
    private static let roomCheckBytes = 4 << 20

    init(
        chain: Chain, pool: Locked<PoolState>, workers: WorkerPool, archivist: Archivist,
        waiters: Waiters, observers: BlockObservers, cut: Locked<CutBodies>, policy: FlushPolicy,
        clock: NodeClock, halting: Halting, id: NodeID
    ) {
        self.id = id
        self.chain = chain
        self.pool = pool
        self.workers = workers
        self.archivist = archivist
        self.waiters = waiters
        self.observers = observers
        self.cut = cut
        self.policy = policy
        self.clock = clock
        self.halting = halting
        heightFlushed = chain.head.header.height
    }

    /// Stores the state and ends the thread; call it when the driver has stopped.
    func stop() {
        if mayFlush { flush() }
        publishing.stop()
    }

    // MARK: Executing

    private func execute(_ payload: [UInt8]) {
        guard !hasHalted else { return }
        do throws(NodeFault) {
            try executeNext(payload)
        } catch {
            hasHalted = true
            // A full disk is no reason to distrust what is in memory; the other faults are.
            if case .disk = error { mayFlush = true } else { mayFlush = false }
            halting.halt(error.description)
        }
    }

    private func executeNext(_ payload: [UInt8]) throws(NodeFault) {
        let next = try bodyAndTransactions(payload)
        guard let (body, transactions) = next else { return }
        let result = chain.withMachine {
            machine -> Result<(ExecutedBlock, UInt64?, Rules, VersionSchedule), NodeFault> in
            do throws(BodyFault) {
                let block = try machine.execute(body, transactions)
                // Read after executing: a failed read gave zeros, and nothing of that may be kept.
                if let fault = machine.state.fault { return .failure(.store(fault)) }
                return .success((block, machine.nextDue, machine.rules, machine.versions))
            } catch {
                return .failure(.badBody(error.description))
            }
        }
        let (block, nextDue, rules, versions) = try result.get()
        pool.with { $0.unpublished += 1 }
        publishing.submit { [self] in publish(block, transactions) }
        clock.catchUp(to: block.header.timeMillis)
        pool.withSignal { $0.executed(nextDue: nextDue, rules: rules, versions: versions) }
        if isFlushDue(block.header.height) { flush() }
        bytesSinceRoomCheck += payload.count
        guard bytesSinceRoomCheck >= Self.roomCheckBytes else { return }
        bytesSinceRoomCheck = 0
        // The block itself is fine: the node stops after it, while there is room to store what it has.
        do throws(StoreFault) {
            try checkRoom?()
        } catch {
            throw .disk(error.description)
        }
    }

    /// Decodes a body and finds or verifies its transactions.
    /// - Returns: nil if it was executed before.
    private func bodyAndTransactions(
        _ payload: [UInt8]
    ) throws(NodeFault) -> (Body, [VerifiedTransaction])? {
        let height = chain.withMachine { $0.tip.height }
        let body: Body
        do {
            body = try Body(decoding: payload)
        } catch {
            throw .badBody(error.description)
        }
        guard body.height > height else { return nil }
        if let known = cut.with({ $0.take(height: body.height) }), known.body.bytes == body.bytes {
            return (known.body, known.transactions)
        }
        return (body, try verify(body))
    }

    /// Recovers the signers of a body that this process did not cut itself, on all cores.
    private func verify(_ body: Body) throws(NodeFault) -> [VerifiedTransaction] {
        typealias Verified = Result<VerifiedTransaction, TransactionFault>
        let count = body.transactions.count
        let chainID = chain.genesis.chainID
        let share = max((count + 4 * workers.count - 1) / (4 * workers.count), 1)
        let parts = Locked((done: 0, results: [Int: [Verified]]()))
        var started = 0
        for start in stride(from: 0, to: count, by: share) {
            started += 1
            workers.submit {
                let results = (start..<min(start + share, count)).map { index -> Verified in
                    do throws(TransactionFault) {
                        return .success(
                            try .verify(Array(body.transaction(index)), chainID: chainID))
                    } catch {
                        return .failure(error)
                    }
                }
                parts.withSignal { parts in
                    parts.results[start] = results
                    parts.done += 1
                }
            }
        }
        let results = parts.wait { parts in
            parts.done == started ? .done(parts.results) : .again(nil)
        }
        var transactions: [VerifiedTransaction] = []
        transactions.reserveCapacity(count)
        for start in stride(from: 0, to: count, by: share) {
            for (offset, result) in (results[start] ?? []).enumerated() {
                guard case .success(let transaction) = result else {
                    throw .badBody(
                        "transaction \(start + offset) of block \(body.height) is not valid")
                }
                transactions.append(transaction)
            }
        }
        return transactions
    }

    // MARK: Storing

    private func isFlushDue(_ height: UInt64) -> Bool {
        guard !isFlushing.with({ $0 }) else { return false }
        return height - heightFlushed >= policy.blocks
            || chain.withMachine { $0.state.uncollectedCount } >= policy.records
    }

    /// Hands what changed to the archivist, behind the blocks that changed it.
    private func flush() {
        let batch = chain.withMachine { machine -> Archivist.StateBatch? in
            guard machine.state.uncollectedCount > 0 else { return nil }
            let tip = machine.tip
            return Archivist.StateBatch(
                changes: machine.state.collectChanges(),
                meta: StateMeta(
                    height: tip.height, headerHash: tip.header, stateHash: tip.stateHash))
        }
        guard let batch else { return }
        isFlushing.with { $0 = true }
        heightFlushed = batch.meta.height
        let index = index
        // The blocks are queued by the publishing thread, and the state must come behind them.
        publishing.submit { [self] in
            archivist.store(batch) { [self] height in
                chain.withMachine { $0.state.written(upTo: height) }
                isFlushing.with { $0 = false }
                stored?(height, index, batch.meta.headerHash)
            }
        }
    }

    // MARK: Publishing

    private func publish(_ executed: ExecutedBlock, _ transactions: [VerifiedTransaction]) {
        guard let block = try? StoredBlock(decoding: executed.stored) else {
            preconditionFailure("a block that was just encoded does not decode")
        }
        let hashes = transactions.map(\.hash)
        chain.publish(block, transactions: hashes)
        func skipped(_ index: Int) -> Bool {
            executed.recordBytes(index).first.map { $0 & 0x0f } == Outcome.skipped.rawValue
        }
        let dropped = pool.withSignal { state in
            state.unpublished -= 1
            return state.pool.settle(
                height: block.header.height, transactions, skipped: skipped)
        }
        if !waiters.isEmpty {
            for (index, hash) in hashes.enumerated() {
                waiters.fulfil(hash, skipped(index) ? .dropped : .found(block, index: index))
            }
            for transaction in dropped { waiters.fulfil(transaction.hash, .dropped) }
        }
        archivist.archive(
            BlockRecord(
                height: block.header.height, hash: block.hash, transactions: hashes,
                logItems: LogIndex.items(of: block), bytes: block.bytes)
        ) { [chain] in chain.archived(upTo: $0) }
        observers.tell(block)
    }
}

extension Executor: CommitConsumer {
    /// Executes the next body.
    func committed(_ entry: CommittedEntry) {
        execute(entry.payload)
        index = entry.index
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
    }

    /// The log was cut where the store holds the state: nothing to fetch unless the store is older.
    func restore(_ marker: SnapshotMarker) -> Bool {
        var reader = ByteReader(marker.application)
        guard let height: UInt64 = try? reader.read() else { return false }
        return height <= chain.withMachine { $0.tip.height }
    }

    /// The log refuses: the node must not go on.
    func stopped(_ fault: ConsensusFault) { halting.halt(fault.description) }
}
