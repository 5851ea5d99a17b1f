import Consensus
import Execution
import Ledger

/// A node's pool, and what decides whether and what it cuts from it: a value without lock and clock.
package struct PoolState {
    /// Bodies that may be under way: one executed, one synced, one cut.
    package static let depth = 3

    /// Verified transactions that wait.
    package var pool = Pool()
    /// Those in force after the last executed block.
    package var rules: Rules
    /// Which protocol version holds at which height, as of the last executed block.
    package var versions: VersionSchedule
    /// Why nothing is taken, if so.
    package var closedBecause: String?
    /// Bodies that were cut and are not executed yet.
    package var inFlight = 0
    /// Whether this node may cut bodies.
    package var isLeader = false
    /// Who leads, as far as this node knows; itself included.
    package var leader: NodeID?
    /// The time in seconds at which a block is needed even without transactions.
    package var nextDue: UInt64?
    /// The tip that this node leads from, until the cutter has taken it.
    package var leadFrom: Tip?
    /// Why the node must not go on, if so.
    package var haltedBecause: String?
    /// Blocks that were executed and not published yet.
    package var unpublished = 0
    /// Whether consensus did not take the last body although this node leads, as while it hands over.
    package private(set) var isRefused = false
    /// Whether a thread makes a body of what it took last; nobody else may take anything meanwhile.
    package var isCutting = false
    /// Whether the node is stopping.
    package var isStopping = false
    /// Whether a block was executed since a thread last took the right to check a transaction itself.
    private var hasExecuted = true

    /// An empty pool.
    package init(rules: Rules, versions: VersionSchedule = VersionSchedule()) {
        self.rules = rules
        self.versions = versions
    }

    /// Why nothing is to be done about a transaction of this hash: the pool is closed, or has it.
    package func refusal(of hash: Hash32) -> PoolRefusal? {
        if let closedBecause { return .notServing(closedBecause) }
        return pool.transaction(hash) == nil ? nil : .alreadyKnown(hash)
    }

    /// Takes a transaction into the pool.
    ///
    /// - Parameters:
    ///   - transaction: the transaction.
    ///   - source: charged if a block skips it, or one before it in its sender's row.
    ///   - standing: its sender's.
    ///   - rules: what is in force.
    /// - Returns: where it stands or why it is refused; nil if the account must be read again.
    package mutating func add(
        _ transaction: VerifiedTransaction, of source: (any TransactionSource)? = nil,
        _ standing: Standing, _ rules: Rules
    ) -> Result<Pool.Place, PoolRefusal>? {
        if let closedBecause { return .failure(.notServing(closedBecause)) }
        guard !pool.isOutdated(standing, of: transaction.sender) else { return nil }
        do throws(PoolRefusal) {
            return .success(
                try pool.add(
                    transaction, of: source, standing: standing, price: rules.gasPrice,
                    blockGas: rules.blockGasLimit))
        } catch {
            return .failure(error)
        }
    }

    /// Takes the right to check a transaction's signature on the thread that brings it, which others wait for.
    ///
    /// Nothing else may be under way, so that nobody is overtaken and no lock is held for long; and it is given once
    /// a block, so that whoever sends rubbish does not keep that thread busy.
    package mutating func takeCheck() -> Bool {
        guard hasExecuted, inFlight == 0, unpublished == 0, pool.count == 0, !isCutting else {
            return false
        }
        hasExecuted = false
        return true
    }

    // MARK: Leading

    /// Takes note that this node leads from a tip on, with everything of earlier leaders executed.
    package mutating func lead(from tip: Tip, as id: NodeID) {
        leader = id
        isLeader = true
        leadFrom = tip
        inFlight = 0
        isRefused = false
        // What this node cut in an earlier term and lost was not executed.
        pool.takeBackOrdered()
    }

    /// Takes note that another node leads, or nobody as far as known.
    package mutating func follow(_ leader: NodeID?) {
        if isLeader {
            // Its bodies may be lost; what they held is handed to whoever leads now.
            isLeader = false
            leadFrom = nil
            inFlight = 0
            isRefused = false
            pool.takeBackOrdered()
        }
        guard leader != self.leader else { return }
        self.leader = leader
        pool.forwardAgain()
    }

    // MARK: Cutting

    /// What to cut next.
    package enum Cut {
        /// A body of these, none where only a timer is due.
        case body([VerifiedTransaction])
        /// Nothing until a time in milliseconds; nil: until something changes.
        case nothing(until: UInt64?)
    }

    /// Takes the transactions of the next body, if there is something to order and room in the pipeline.
    ///
    /// At low load a transaction so waits for nobody; at high load bodies grow while the ones before them
    /// are being synced and executed.
    package mutating func cut(nowMillis: UInt64) -> Cut {
        guard isLeader, !isRefused, inFlight < Self.depth, unpublished < 2 * Self.depth else {
            return .nothing(until: nil)
        }
        if pool.hasReady {
            let taken = pool.take(gas: rules.blockGasLimit, bytes: Int(rules.blockByteLimit))
            if !taken.isEmpty {
                inFlight += 1
                return .body(taken)
            }
        }
        // A timer's block waits for the ones under way: they may bring or end timers themselves.
        guard inFlight == 0, let due = nextDue else { return .nothing(until: nil) }
        guard due * 1000 <= nowMillis else { return .nothing(until: due * 1000) }
        inFlight += 1
        return .body([])
    }

    /// Whether there may be something to cut, or to do about what was cut, after a block.
    package var concernsCutter: Bool {
        isRefused || (isLeader && (pool.hasReady || (nextDue != nil && inFlight == 0)))
    }

    /// Takes note that consensus did not take a body: whatever comes next cannot stand on top of it.
    package mutating func refused() {
        inFlight = max(inFlight - 1, 0)
        isRefused = true
    }

    /// Whether, after a refusal, everything that consensus took before is executed, so that this node may
    /// try again with ``lead(from:as:)`` from there.
    package var mayLeadAgain: Bool { isLeader && isRefused && inFlight == 0 }

    /// Takes note that a block was executed.
    package mutating func executed(
        nextDue: UInt64?, rules: Rules, versions: VersionSchedule
    ) {
        inFlight = max(inFlight - 1, 0)
        hasExecuted = true
        self.nextDue = nextDue
        self.rules = rules
        self.versions = versions
    }
}
