import Execution
import Ledger
import Replica
import Storage
import Threads

// What a node knows, to be read at any time.
extension Node {
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

    /// How many executed blocks there are whose state is not stored yet.
    var blocksNotStored: UInt64 {
        // Looked at once: before a second look a later block may come, and its state be stored.
        let height = head.header.height
        return height - min(heightStored.with { $0 }, height)
    }

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

    /// Heights of blocks that may hold logs which match; see ``LogItems``.
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

    /// Why whoever can choose should send to another node; nil: he need not.
    ///
    /// Either it takes no transactions, or it has known of no leader for longer than an election takes.
    public var notReadyBecause: String? {
        status.closedBecause ?? consortium?.conductor.whyElsewhere
    }

    /// Calls `observer` with each block from now on, in order, one after another, as long as the node runs; it
    /// must be quick, for the next block waits.
    public func observe(_ observer: @escaping @Sendable (StoredBlock) -> Void) {
        observers.add(observer)
    }

    /// Moves the clock of a development chain that was started with a manual one.
    /// - Returns: the new time in milliseconds; nil if the clock is not driven by hand.
    public func advanceTime(seconds: UInt64) -> UInt64? {
        // A timer that became due needs a block, which the sequencer cuts when it is woken.
        pool.withSignal { _ in clock.advance(seconds: seconds) }
    }

    /// Whether the clock stands still until it is moved.
    var isClockDrivenByHand: Bool { clock.isDrivenByHand }

    /// The time that the next block would have, in milliseconds since 1970.
    public var timeMillis: UInt64 { max(clock.nowMillis, head.header.timeMillis) }
}
