import Execution
import Ledger
import Replica
import Storage
import Threads

/// Encodes executed blocks, shows them to readers, and answers who waits for one of their transactions.
///
/// A thread of its own does it, so that the next block is executed meanwhile.
final class Publisher: @unchecked Sendable {
    // `@unchecked`: what can be set is set before the first block.
    private let chain: Chain
    private let pool: Locked<PoolState>
    private let archivist: Archivist
    private let waiters: Waiters
    private let observers: BlockObservers
    private let certification: Certification
    private let worker = Worker(named: "publish")

    /// Called when there may be something to hand to the leader; set before the first block comes, nil on a
    /// node without peers.
    var mayForward: (@Sendable () -> Void)?

    init(
        chain: Chain, pool: Locked<PoolState>, archivist: Archivist, waiters: Waiters,
        observers: BlockObservers, certification: Certification
    ) {
        self.chain = chain
        self.pool = pool
        self.archivist = archivist
        self.waiters = waiters
        self.observers = observers
        self.certification = certification
    }

    /// Queues a block behind those before it.
    ///
    /// - Parameters:
    ///   - executed: the block.
    ///   - transactions: its transactions, in order.
    ///   - set: the banks that sign it.
    ///   - certificate: the one that came with it, unchecked, where it comes from a peer.
    ///   - isNeeded: whether a peer may ask for its own certificate.
    ///   - wakes: whether the thread is woken; if not, ``runWaiting()`` follows.
    func publish(
        _ executed: ExecutedBlock, _ transactions: [VerifiedTransaction],
        signedBy set: BankSet, _ certificate: Certificate?, isNeeded: Bool, wakes: Bool
    ) {
        pool.with { $0.unpublished += 1 }
        worker.submit(wakes: wakes) { [self] in
            publishHere(executed, transactions, signedBy: set, certificate, isNeeded)
        }
    }

    /// Publishes what is queued on the caller's thread, unless the other one is at it.
    func runWaiting() { worker.runWaiting() }

    /// Runs a job when the blocks queued so far are published.
    func afterwards(_ job: @escaping @Sendable () -> Void) { worker.submit(job) }

    /// Publishes what is queued, then ends the thread.
    func stop() { worker.stop() }

    private func publishHere(
        _ executed: ExecutedBlock, _ transactions: [VerifiedTransaction],
        signedBy set: BankSet, _ certificate: Certificate?, _ isNeeded: Bool
    ) {
        guard let block = try? StoredBlock(decoding: executed.stored) else {
            preconditionFailure("a block that was just encoded does not decode")
        }
        let hashes = transactions.map(\.hash)
        // What this node certifies alone is certified when anybody hears of it; to sign it takes longer than to
        // execute a payment, and comes behind the answers.
        certification.willSign(block.header.height, in: set)
        chain.publish(block, transactions: hashes)
        tell(block, executed, transactions, hashes)
        archivist.archive(
            BlockRecord(
                height: block.header.height, hash: block.hash, transactions: hashes,
                logItems: LogItems.items(of: block), bytes: block.bytes))
        certification.executed(
            executed, signedBy: set, certificate: certificate, isNeeded: isNeeded)
        observers.tell(block)
        // Last, for where processors are few it takes the place of this thread.
        archivist.wake()
    }

    /// Takes a block's transactions out of the pool and answers who waits for one of them.
    private func tell(
        _ block: StoredBlock, _ executed: ExecutedBlock, _ transactions: [VerifiedTransaction],
        _ hashes: [Hash32]
    ) {
        func skipped(_ index: Int) -> Bool {
            Outcome(record: executed.recordBytes(index)) == .skipped
        }
        let rules = chain.overview.rules
        // A node that is starting waits for the last of its blocks to be published.
        let (dropped, hasMore) = pool.with(
            signalIf: { $0.concernsCutter || $0.closedBecause != nil }
        ) { state in
            state.unpublished -= 1
            let dropped = state.pool.settle(
                height: block.header.height, transactions, skipped: skipped
            ) { transaction in
                Pool.refusal(of: transaction, price: rules.gasPrice, blockGas: rules.blockGasLimit)
                    != nil
            }
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
