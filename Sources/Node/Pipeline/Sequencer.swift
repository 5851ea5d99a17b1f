import Execution
import Glibc
import Ledger
import Replica
import Threads

/// Cuts bodies as soon as there is something to order and room in the pipeline.
///
/// A thread of its own does it, or for a single transaction whoever brought it: to wake a thread takes longer
/// than to cut a small body. The rule is ``PoolState/cut(nowMillis:)``'s.
final class Sequencer: @unchecked Sendable {
    // `@unchecked`: what cuts is one thread's at a time, as it says below, and the thread is who starts and stops it's.
    private let pool: Locked<PoolState>
    private let clock: NodeClock
    private let executedTip: @Sendable () -> Tip
    /// Votes for the next body; `isFirst` where it stands on an executed one.
    private let votes: @Sendable (_ isFirst: Bool) -> [HeaderVote]
    private let order: @Sendable (CutBody) -> Bool
    // Only who has set the pool's `isCutting`, or is about to and holds its lock, uses these two.
    private var cutter: BodyCutter
    /// Whether nothing was cut yet on top of the tip that this node leads from.
    private var isFirst = true
    private var thread: SystemThread?
    /// How long to leave consensus alone that is handing over, and perhaps keeps its leader after all.
    private static let refusalPauseMicroseconds: UInt32 = 20_000

    /// Makes a sequencer that does not run yet.
    ///
    /// - Parameters:
    ///   - pool: what to cut from.
    ///   - clock: the time of bodies.
    ///   - leader: the account of this node's key.
    ///   - executedTip: the last executed block.
    ///   - votes: the votes for headers that the next body takes along.
    ///   - order: hands a body to consensus; false if this node may not cut now.
    init(
        pool: Locked<PoolState>, clock: NodeClock, leader: Address,
        executedTip: @escaping @Sendable () -> Tip,
        votes: @escaping @Sendable (_ isFirst: Bool) -> [HeaderVote],
        order: @escaping @Sendable (CutBody) -> Bool
    ) {
        self.pool = pool
        self.clock = clock
        self.executedTip = executedTip
        self.votes = votes
        self.order = order
        cutter = BodyCutter(tip: executedTip(), leader: leader)
    }

    /// Starts the thread.
    func start() { thread = SystemThread(named: "sequence") { [self] in run() } }

    /// Waits for the thread, which ends when the node stops.
    func join() {
        thread?.join()
        thread = nil
    }

    /// Cuts what there is to cut on the caller's thread, unless another is at it, who then looks again.
    func cutHere() {
        while case .body(let transactions) = pool.with({ take(&$0, at: clock.nowMillis) }) {
            cut(transactions)
        }
    }

    private func run() {
        while let work = next() {
            switch work {
            case .body(let transactions): cut(transactions)
            case .refusal: waitOutRefusal()
            }
        }
    }

    /// Makes a body of what was taken and hands it to consensus.
    private func cut(_ transactions: [VerifiedTransaction]) {
        let versions = pool.with { $0.versions }
        let cut = cutter.cut(
            transactions, votes: votes(isFirst), nowMillis: clock.nowMillis, versions: versions)
        isFirst = false
        let isTaken = order(cut)
        pool.with(signalIf: \.concernsCutter) { state in
            state.isCutting = false
            if !isTaken { state.refused() }
        }
    }

    /// Waits until another leads, or until this node may go on although consensus refused a body.
    private func waitOutRefusal() {
        let mayLeadAgain = pool.wait { state -> Waiting<Bool> in
            guard state.isRefused, !state.isStopping else { return .done(false) }
            return state.mayLeadAgain ? .done(true) : .again(nil)
        }
        guard mayLeadAgain else { return }
        usleep(Self.refusalPauseMicroseconds)
        let tip = executedTip()
        pool.with { state in
            if state.mayLeadAgain, let id = state.leader { state.lead(from: tip, as: id) }
        }
    }

    /// What the thread has to do.
    private enum Work {
        /// A body of these, none where only a timer is due.
        case body([VerifiedTransaction])
        /// Consensus did not take a body.
        case refusal
    }

    /// Waits until there is something to do; nil at the end.
    private func next() -> Work? {
        pool.wait { (state) -> Waiting<Work?> in
            if state.isStopping { return .done(nil) }
            if state.isRefused { return .done(.refusal) }
            let now = clock.nowMillis
            switch take(&state, at: now) {
            case .body(let transactions): return .done(.body(transactions))
            case .nothing(nil): return .again(nil)
            case .nothing(let due?): return .again(clock.isDrivenByHand ? nil : due - now)
            }
        }
    }

    /// Takes the transactions of the next body, and with them the right to make it.
    private func take(_ state: inout PoolState, at now: UInt64) -> PoolState.Cut {
        guard !state.isCutting, !state.isStopping else { return .nothing(until: nil) }
        if let tip = state.leadFrom {
            cutter.begin(at: tip)
            isFirst = true
            state.leadFrom = nil
        }
        let next = state.cut(nowMillis: now)
        if case .body = next { state.isCutting = true }
        return next
    }
}
