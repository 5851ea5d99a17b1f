import Ledger
import Replica
import Storage
import Synchronization
import Threads

/// Waits for the blocks of transactions without holding threads.
final class ReceiptWaits: Sendable {
    private let waiters: Waiters
    private let chain: Chain
    private let pool: Locked<PoolState>
    private let certification: Certification
    private let timer: WaitTimer

    init(
        _ waiters: Waiters, chain: Chain, pool: Locked<PoolState>, certification: Certification,
        timer: WaitTimer
    ) {
        self.waiters = waiters
        self.chain = chain
        self.pool = pool
        self.certification = certification
        self.timer = timer
    }

    /// See ``Node/wait(for:_:timeoutMillis:isOver:later:_:)``.
    func wait(
        for hash: Hash32, _ mode: WaitMode, timeoutMillis: UInt64,
        isOver: @escaping @Sendable () -> Bool,
        later: (@escaping @Sendable () -> Void) -> Void,
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
        guard pool.with({ $0.pool.transaction(hash) }) == nil else { return giveUp() }
        let look = PendingLook { [waiters] in waiters.cancel(hash, ticket) }
        later { [self] in
            look.begin()
            guard waiters.isWaiting(hash, ticket) else { return }
            guard !isOver() else { return waiters.cancel(hash, ticket) }
            do throws(StoreFault) {
                if let (block, index) = try chain.locate(hash) {
                    return waiters.fulfil(hash, .found(block, index: index))
                }
            } catch {
                return waiters.cancel(hash, ticket, .unreadable(error))
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
}

/// A look into the history that somebody else is to run, who may drop it, as when a connection is gone.
private final class PendingLook: Sendable {
    private let hasBegun = Atomic(false)
    private let dropped: @Sendable () -> Void

    /// - Parameter dropped: called if it goes without having begun.
    init(_ dropped: @escaping @Sendable () -> Void) { self.dropped = dropped }

    deinit { if !hasBegun.load(ordering: .relaxed) { dropped() } }

    func begin() { hasBegun.store(true, ordering: .relaxed) }
}
