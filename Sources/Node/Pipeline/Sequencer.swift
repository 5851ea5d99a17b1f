import Execution
import Glibc
import Ledger

/// A body that this node cut, with what it knows of it already.
struct CutBody: Sendable {
    let body: Body
    let hash: Hash32
    let transactions: [VerifiedTransaction]
}

/// Cuts bodies: as soon as there is something to order and room in the pipeline, without waiting for
/// more.
///
/// At low load a transaction so waits for nobody; at high load bodies grow while the ones before them
/// are being synced and executed.
final class Sequencer: @unchecked Sendable {
    /// Bodies that may be under way: one executed, one synced, one cut.
    private static let depth = 3

    private let pool: Locked<PoolState>
    private let clock: NodeClock
    private let leader: Address
    private let order: @Sendable (CutBody) -> Bool
    /// The last body cut or executed; only this thread uses it once it runs.
    private var last: Tip

    /// Begins at a tip; `order` hands a body to consensus and is false if this node may not cut now.
    init(
        pool: Locked<PoolState>, clock: NodeClock, leader: Address, tip: Tip,
        order: @escaping @Sendable (CutBody) -> Bool
    ) {
        self.pool = pool
        self.clock = clock
        self.leader = leader
        self.order = order
        last = tip
    }

    /// Cuts bodies until the node stops.
    func run() {
        while let transactions = next() {
            let now = max(clock.nowMillis, last.timeMillis)
            let bytes = Body.encode(
                height: last.height + 1, parent: last.body, timeMillis: now, leader: leader,
                transactions: transactions)
            guard let body = try? Body(decoding: bytes) else {
                preconditionFailure("a body that was just encoded does not decode")
            }
            let cut = CutBody(body: body, hash: body.hash, transactions: transactions)
            last.height += 1
            last.body = cut.hash
            last.timeMillis = now
            if !order(cut) {
                pool.with { state in
                    state.inFlight -= 1
                    state.isLeader = false
                }
            }
        }
    }

    /// Waits until there is something to order.
    /// - Returns: the transactions of the next body, none where only a timer is due; nil at the end.
    private func next() -> [VerifiedTransaction]? {
        pool.wait { (state) -> Waiting<[VerifiedTransaction]?> in
            if state.isStopping { return .done(nil) }
            if let tip = state.leadFrom {
                last = tip
                state.leadFrom = nil
            }
            guard state.isLeader, state.inFlight < Self.depth, state.unpublished < 2 * Self.depth
            else { return .again(nil) }
            if state.pool.hasReady {
                let taken = state.pool.take(
                    gas: state.rules.blockGasLimit, bytes: Int(state.rules.blockByteLimit))
                if !taken.isEmpty {
                    state.inFlight += 1
                    return .done(taken)
                }
            }
            // A timer's block waits for the ones under way: they may bring or end timers themselves.
            guard state.inFlight == 0, let due = state.nextDue else { return .again(nil) }
            let now = clock.nowMillis
            if due * 1000 <= now {
                state.inFlight += 1
                return .done([])
            }
            return .again(clock.isDrivenByHand ? nil : due * 1000 - now)
        }
    }
}

/// The sequencer's thread.
final class SequencerThread: @unchecked Sendable {
    private let sequencer: Sequencer
    private var thread: pthread_t?

    init(_ sequencer: Sequencer) { self.sequencer = sequencer }

    func start() { thread = startThread { [sequencer] in sequencer.run() } }

    func join() {
        if let thread { pthread_join(thread, nil) }
        thread = nil
    }
}
