import Consensus
import Execution
import Ledger
import Replica
import Storage
import Threads

/// Hands the changed state to the store now and then, each time as it is between two blocks.
final class StateFlushing: @unchecked Sendable {
    // `@unchecked`: what can be set is set before the first block.

    /// When the state is handed to the store: after so many changed records, or so many blocks.
    struct Policy: Sendable {
        var records = 250_000
        var blocks: UInt64 = 256
    }

    enum Reason {
        /// So much has changed, or so many blocks ago.
        case due
        /// Somebody wants the state on the disk.
        case asked
        /// A checkpoint is to be made of that state; then nothing further is flushed until it is whole, so
        /// that a crash finds either the checkpoint or the state it is of.
        case checkpoint
    }

    /// Called when the store holds the state of a height.
    typealias Stored =
        @Sendable (_ height: UInt64, _ index: LogIndex, _ header: Hash32) -> Void

    private let chain: Chain
    private let archivist: Archivist
    private let publisher: Publisher
    private let checkpoints: Checkpoints
    private let pool: Locked<PoolState>
    private let policy: Policy
    private let isFlushing = Locked(false)
    /// After how many milliseconds whoever waits for a flush looks whether the node has halted.
    private static let haltMillis: UInt64 = 10
    /// Whether a checkpoint is to be made of the stored state, or of one that is on its way to the store.
    private let awaitsCheckpoint = Locked(false)
    /// Whose turn it is with the machine and the queue of blocks behind it: a state is stored between two
    /// blocks, behind the one that left it.
    private let turn = Locked(Turn())

    private struct Turn {
        /// Not while a block is executed, and not after one failed.
        var mayFlush = true
    }

    /// The height of the last state that was handed to the archivist, and the last entry that was executed:
    /// entries up to it are in any state handed over from now on.
    private let flushed: Locked<(height: UInt64, index: LogIndex)>

    /// Called when the store holds the state of a height; set before the first block comes.
    var stored: Stored?

    init(
        chain: Chain, archivist: Archivist, publisher: Publisher, checkpoints: Checkpoints,
        pool: Locked<PoolState>, policy: Policy, logIndex: LogIndex?
    ) {
        self.pool = pool
        self.chain = chain
        self.archivist = archivist
        self.publisher = publisher
        self.checkpoints = checkpoints
        self.policy = policy
        flushed = Locked((height: chain.head.header.height, index: logIndex ?? 0))
    }

    /// Executes a block and queues it for publishing, while nothing is flushed.
    ///
    /// - Parameters:
    ///   - index: the entry of the log that the block comes from; nil for one from a peer.
    ///   - execute: does it.
    /// - Returns: what `execute` gives.
    /// - Throws: what `execute` throws; then nothing is flushed any more.
    func betweenFlushes<Result>(
        delivering index: LogIndex?,
        _ execute: () throws(NodeFault) -> Result
    ) throws(NodeFault) -> Result {
        try turn.with { turn throws(NodeFault) -> Result in
            // Until the block is queued nobody may store what it changed, and not if it failed.
            let mayFlush = turn.mayFlush
            turn.mayFlush = false
            let result = try execute()
            // With the block: whoever stores its state says that this entry is in it.
            if let index { delivered(index) }
            turn.mayFlush = mayFlush
            return result
        }
    }

    /// Flushes nothing any more, because what is in memory cannot be trusted.
    func end() { turn.with { $0.mayFlush = false } }

    /// Takes note of the last entry that was executed.
    func delivered(_ index: LogIndex) { flushed.with { $0.index = index } }

    /// Stores what is due after a block.
    func finish(_ height: UInt64) {
        if chain.genesis.isCheckpoint(height) {
            // A checkpoint is of the state after this very block.
            guard waitForEnd(claiming: true) else { return }
            flush(.checkpoint)
        } else if isDue(height), claim() {
            flush(.due)
        }
    }

    private func isDue(_ height: UInt64) -> Bool {
        guard !isFlushing.with({ $0 }) else { return false }
        return height - flushed.with { $0.height } >= policy.blocks
            || chain.withMachine { $0.state.uncollectedCount } >= policy.records
    }

    /// Takes the right to flush, which the end of the flush gives back.
    private func claim() -> Bool {
        isFlushing.with { isFlushing in
            defer { isFlushing = true }
            return !isFlushing
        }
    }

    /// Waits until no flush is under way.
    ///
    /// - Parameters:
    ///   - claiming: whether to take the right to flush then.
    ///   - deadline: how long to wait, by ``monotonicMillis()``.
    /// - Returns: false if that took too long or the node must not go on: a flush that the disk refused never ends
    ///   then, and nobody may wait for it, for whoever halts a node waits for those who execute.
    private func waitForEnd(claiming: Bool, until deadline: UInt64 = .max) -> Bool {
        isFlushing.wait { isFlushing -> Waiting<Bool> in
            guard isFlushing else {
                isFlushing = claiming
                return .done(true)
            }
            let now = monotonicMillis()
            guard now < deadline, pool.with({ $0.haltedBecause == nil }) else {
                return .done(false)
            }
            return .again(min(deadline - now, Self.haltMillis))
        }
    }

    /// Gives the right to flush back.
    private func ended() { isFlushing.withSignal { $0 = false } }

    /// Stores the state as it is now and waits for it; from any thread but those of blocks.
    ///
    /// - Parameter timeoutMillis: how long to wait for a checkpoint that is being made.
    /// - Returns: false if it took too long or the node has halted; then an older state is stored.
    func storeState(timeoutMillis: UInt64) -> Bool {
        let deadline = monotonicMillis() + timeoutMillis
        guard waitForEnd(claiming: true, until: deadline) else { return false }
        flush(.asked)
        return waitForEnd(claiming: false, until: deadline)
    }

    /// Hands what changed to the archivist, behind the blocks that changed it; the caller has claimed it.
    func flush(_ reason: Reason) {
        turn.with { turn in
            if turn.mayFlush { queueState(reason) } else { ended() }
        }
    }

    private func queueState(_ reason: Reason) {
        let (stored, index) = flushed.with { $0 }
        let batch = chain.withMachine { machine -> Archivist.StateBatch? in
            let tip = machine.tip
            switch reason {
            case .due:
                // Nor when the node stops before it is whole: the next start needs that state.
                guard machine.state.uncollectedCount > 0, !awaitsCheckpoint.with({ $0 }) else {
                    return nil
                }
            // The state of a checkpoint is stored by whoever has just executed its block.
            case .asked:
                guard tip.height > stored, !chain.genesis.isCheckpoint(tip.height) else {
                    return nil
                }
            case .checkpoint: awaitsCheckpoint.with { $0 = true }
            }
            return Archivist.StateBatch(
                changes: machine.state.collectChanges(),
                meta: StateMeta(
                    height: tip.height, headerHash: tip.header, stateHash: tip.stateHash),
                logIndex: index)
        }
        guard let batch else { return ended() }
        flushed.with { $0.height = batch.meta.height }
        if reason == .checkpoint { checkpoints.announce() }
        // The blocks are queued by the publishing thread, and the state must come behind them.
        publisher.afterwards { [self] in
            archivist.store(batch) { [self] height in
                chain.withMachine { $0.state.written(upTo: height) }
                self.stored?(height, index, batch.meta.headerHash)
                guard reason == .checkpoint else { return ended() }
                checkpoints.make(of: height) { [self] in
                    awaitsCheckpoint.with { $0 = false }
                    ended()
                }
            }
        }
    }
}
