import Consensus
import Execution
import Ledger
import Replica
import Storage

/// What one process of a node holds in memory, with the rules that production runs.
///
/// The threads of production are queues here, and each step of one is an event of the world.
final class Process {
    /// A step of something that is a thread of its own in production.
    enum Work {
        /// The core's deadline.
        case timeOut
        /// A batch for the log has been written.
        case appended
        /// The log has been synced.
        case synced
        /// The next committed entry goes to the application.
        case deliver
        /// The next executed block is published.
        case publish
        /// The next job of the archivist is done.
        case archive
        /// The sequencer looks whether there is something to cut.
        case cut
        /// The sequencer has waited for the time of a timer.
        case awaitTimer
        /// The sequencer may try again after a refusal.
        case leadAgain
        /// The leader gets what clients gave this node.
        case forward
        /// What is done every now and then.
        case tick
        /// The root of a checkpoint is worked out.
        case makeRoot
    }

    let node: SimulatedNode
    let life: Int
    var world: World { node.world }

    // Stores and machine.
    let stateStore: StateStore
    let history: HistoryStore
    let machine: Machine
    /// Blocks that are published and not archived yet, by height.
    var recent: [UInt64: StoredBlock] = [:]
    var head: StoredBlock

    // Consensus.
    let log: SegmentedLog
    var driver: DriverState<CRaftCore>
    var writer = LogWriter()
    /// The deadline for which an event is due.
    var awaitedDeadline: UInt64 = .max
    /// Above which index the entries of the message at hand are not known to be committed.
    var liveAbove: LogIndex?
    /// Entries that were taken from the driver, and which of them comes next.
    var delivery: (first: LogIndex, entries: [LogEntry], next: Int)?
    var isDelivering = false

    // The pipeline.
    var pool: PoolState
    var cutter: BodyCutter
    var cutBodies = CutBodies()
    var isCutDue = false
    var isTimerAwaited = false
    var publishing: [Executed] = []
    var archivist = Archivist()
    var indexExecuted: LogIndex
    /// To where the log was read.
    var position: LogPosition
    var heightFlushed: UInt64
    var isFlushing = false

    // Peers.
    var peers = Peers()
    var certifier: Certifier
    /// Which votes of liars came.
    var heard: LiarsAreFound
    /// Over which connections messages came.
    var connections = OldConnectionsEnd()
    /// Certificates that are not in the store yet, by height.
    var certificates: [UInt64: [UInt8]] = [:]
    var isForwardingDue = false
    var catchUp: CatchUp?
    /// The marker whose state is fetched, or being stored.
    var restoring: SnapshotMarker?

    /// Clients that wait for transactions.
    var waiters: [Hash32: [Waiter]] = [:]
    /// Transactions that somebody waits for to be certified and that are executed, by height.
    var uncertified: [(transaction: Hash32, height: UInt64, index: Int)] = []
    /// The transactions of the body that it cut last, for one that repeats them.
    var cutBefore: [VerifiedTransaction] = []
    /// Whether the state was spoilt on purpose.
    var hasLied = false
    /// Why the process goes on no more, if so.
    var haltedBecause: String?

    /// A block that was executed and is to be published.
    struct Executed {
        let block: ExecutedBlock
        /// The banks that sign it.
        let set: BankSet
        let transactions: [VerifiedTransaction]
        /// One that came with it, if it came from a peer.
        let certificate: Certificate?
    }

    // A state and its participants hold each other.
    deinit { machine.state.end() }

    /// Opens what the disk has.
    init(on node: SimulatedNode, life: Int) throws {
        self.node = node
        self.life = life
        let world = node.world
        let opened = try OpenedDisk(node.disk, genesis: world.genesis, &world.chance)
        stateStore = opened.state
        history = opened.history
        machine = opened.machine
        head = opened.head
        heightFlushed = opened.head.header.height
        pool = PoolState(rules: machine.rules, versions: machine.versions)
        pool.nextDue = machine.nextDue
        heard = LiarsAreFound(from: opened.head.header.height)
        certifier = Certifier(
            chainID: world.genesis.chainID, account: node.key.address, key: node.key,
            id: node.id.rawValue,
            head: max(machine.tip.height, 1) - 1,
            certified: try Self.certifiedHeight(history, below: machine.tip.height))
        cutter = BodyCutter(tip: machine.tip, leader: node.key.address)

        var options = SegmentedLog.Options()
        options.segmentBytes = world.scenario.segmentBytes
        let salt = world.chance.next()
        options.salt = { salt }
        let owner = LogOwner(chain: world.genesisHash, node: node.id)
        let believing =
            world.sabotage == .believeCache ? BelievingFiles(node.disk.log) : nil
        log = try SegmentedLog.open(believing ?? node.disk.log, owner: owner, options: options)
        believing?.opened()
        // Whose rule about what is read again is broken reads it all again.
        let logIndex = world.sabotage == .tryAgain ? nil : stateStore.logIndex
        indexExecuted = logIndex ?? 0
        position = LogPosition(
            tip: opened.head.header.height, logIndex: logIndex,
            isAlone: world.founders.isOnlyVoter(node.id))
        try Driver.check(log, has: stateStore.logIndex ?? 0)
        try Driver.begin(log, with: node.joins ? nil : world.founders)
        let core = try CRaftCore(
            id: node.id, seed: UInt32(truncatingIfNeeded: world.chance.next()),
            timing: world.scenario.timing)
        driver = DriverState(
            core: core, id: node.id, log: log, applied: indexExecuted,
            limits: world.scenario.driverLimits, admission: DateCheck(node).admission)
    }

    /// Takes part from now on.
    func begin() throws {
        try makeRoot()
        // What it signed of its newest stored block may not have reached the others, or the disk.
        if head.header.height > 0, head.header.banks == machine.bankSetHash {
            let certificate = try history.certificate(at: head.header.height)
            try sign(
                head, set: machine.bankSet, certificate.map { try Certificate(decoding: $0) },
                isSampled: machine.economy.isSampled(head.header.height))
        }
        try perform(try driver.start(entries: log.startEntries(), at: node.ticks))
        schedule(.tick, after: world.chance.below(200_000))
    }

    // MARK: Events

    /// Makes a step due.
    func schedule(_ work: Work, after delay: UInt64) {
        world.push(.work(node.position, life: life, work), at: world.now + delay)
    }

    /// Takes a step whose time has come.
    func run(_ work: Work) throws {
        guard haltedBecause == nil else { return }
        switch work {
        case .timeOut: try timeOut()
        case .appended: try appended()
        case .synced: try synced()
        case .deliver: try deliver()
        case .publish: try publish()
        case .archive: try archive()
        case .cut: try cut()
        case .awaitTimer: awaitTimer()
        case .leadAgain: try leadAgain()
        case .forward: forward()
        case .tick: try tick()
        case .makeRoot: try makeRoot()
        }
    }

    /// Goes on no more, but keeps what it has: what a node does whose disk refuses or whose state is in doubt.
    func halt(_ reason: String) throws {
        guard haltedBecause == nil else { return }
        haltedBecause = reason
        pool.closedBecause = reason
        world.trace.note("halts", node.position, words: reason)
        try world.properties.halted(node, reason)
    }
}
