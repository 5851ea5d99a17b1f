import Consensus
import Ledger

/// A bank's machine: what outlives the processes that run on it.
final class SimulatedNode {
    let position: Int
    let id: NodeID
    let key: PrivateKey
    let disk: Disk
    var clock: Clock {
        willSet { latestDateBefore = latestDate }
    }
    /// ``latestDate`` when its clock was set last.
    private var latestDateBefore: UInt64 = 0
    unowned let world: World
    /// Whether it was not among the founders, so that its log comes from the leader.
    let joins: Bool

    /// What runs, if anything does.
    private(set) var process: Process?
    /// Counts processes, so that events of an earlier one are ignored.
    private(set) var life = 0
    /// Whether its operator has started it once.
    private(set) var isBegun = false
    /// Until then nothing runs, though nothing is lost: the operator stopped it, or the machine stood still.
    var pausedUntil: UInt64 = 0
    /// Why it is not to be counted among the honest, if so.
    var lie: Lie?
    /// Whether its bank was removed from the consortium, by what it executed itself.
    var isRemoved = false
    /// At which action of its driver from now on its process ends; 0 for never.
    var actionsUntilCrash = 0
    var backup: Disk.Backup?

    init(position: Int, key: PrivateKey, disk: Disk, clock: Clock, joins: Bool, world: World) {
        self.position = position
        id = NodeID(UInt64(position) + 1)
        self.key = key
        self.disk = disk
        self.clock = clock
        self.joins = joins
        self.world = world
    }

    var isUp: Bool { process != nil }

    // MARK: Starting and ending

    /// Starts a process on what the disk has.
    func start() throws {
        isBegun = true
        guard process == nil, !disk.isRefusing, !isRemoved else { return }
        life += 1
        actionsUntilCrash = 0
        world.trace.note("starts", position, UInt64(life))
        let process = try Process(on: self, life: life)
        self.process = process
        try process.begin()
    }

    /// How a process can end.
    enum End {
        /// As by `kill -9`: what was written stays written.
        case kill
        /// The power fails: what was not synced may be lost, in part.
        case powerCut
    }

    /// Ends the process at once.
    func crash(_ end: End) {
        guard let process else { return }
        world.trace.note(end == .kill ? "is killed" : "loses power", position)
        process.tearWrites()
        self.process = nil
        if end == .powerCut { disk.losePower(&world.chance) }
        world.lostProcess(of: self)
    }

    /// Ends the process as its operator does: with everything stored.
    func stop() throws {
        guard let process else { return }
        try process.stop()
        world.trace.note("is stopped", position)
        self.process = nil
        world.lostProcess(of: self)
    }

    /// The date, milliseconds since 1970, as this node has it.
    var date: UInt64 { clock.date(at: world.now) }
    /// The latest date that its clock has come to, though it may have been set back since.
    var latestDate: UInt64 { max(date, latestDateBefore) }
    /// Milliseconds on its clock for time-outs.
    var ticks: UInt64 { clock.ticks(at: world.now) }
}

/// What a dishonest node does.
enum Lie {
    /// From some height on it comes to another state than everybody else, and signs what it comes to.
    case otherState(from: UInt64)
    /// At so many of a thousand heights it signs a second header too, and sends it to some.
    case secondVotes(perMille: UInt64)
    /// As a leader it puts into so many of a thousand bodies what it had ordered before.
    case repeatedTransactions(perMille: UInt64)
    /// As a leader it orders, before so many of a thousand bodies, what nobody can execute.
    case voidBodies(perMille: UInt64)
    /// As a leader it orders, before each body, what would fit behind it.
    case earlyBodies
    /// As a leader it says that a majority has what it sends, and dates so many of a thousand bodies ahead.
    case futureDates(perMille: UInt64)
    /// As a leader it puts votes that nobody gave into so many of a thousand bodies.
    case forgedVotes(perMille: UInt64)

    /// Whether its own blocks are wrong.
    var spoilsState: Bool { if case .otherState = self { true } else { false } }
}
