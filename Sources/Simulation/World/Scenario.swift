import Consensus
import Execution
import Ledger

/// What a seed stands for: how large a world, how bad, for how long.
struct Scenario {
    /// How many banks there are at the start.
    var banks: Int
    var clients: Int
    /// When faults end and everything is mended, microseconds.
    var mendAt: UInt64
    /// When clients begin nothing new.
    var quietAt: UInt64
    /// When everything must be done.
    var endAt: UInt64
    /// The kinds of faults that happen, each as likely as the others; a kind comes several times if it is
    /// more likely.
    var faults: [Fault]
    /// Microseconds between two faults.
    var faultGap: ClosedRange<UInt64>
    /// Times in a thousand that a client's request, or its answer, is lost.
    var lossPerMille: UInt64
    var delays: Network.Delays
    var diskLatency: (base: UInt64, jitter: UInt64)
    var diskStallsPerMille: UInt64
    /// Up to how long a block takes to execute, microseconds.
    var executionMicros: UInt64
    /// After how many blocks the state is stored.
    var flushBlocks: UInt64
    var segmentBytes: Int
    var driverLimits: DriverState<CRaftCore>.Limits
    var timing = CRaftCore.Timing()
    var rules: Rules
    /// Which node lies, and how.
    var liar: (position: Int, lie: Lie)?
    /// What the banks decide about who belongs to them, one after the other.
    var changes: [MemberChange] = []
    /// After how many blocks a checkpoint is made; 0 for never.
    var checkpointInterval: UInt64

    init(seed: UInt64, _ chance: inout Chance) {
        // The size follows from the seed and not from chance, so that a range of seeds has all sizes.
        banks = [3, 3, 5, 3, 4, 3, 3, 5, 3, 7, 3, 3, 1, 3, 5, 3][Int(seed % 16)]
        clients = 3 + chance.index(3)
        mendAt = 1_000_000 * chance.number(5...9)
        quietAt = mendAt + 4_000_000
        endAt = quietAt + 8_000_000
        faults = Fault.allCases.filter { _ in chance.happens(550) }
        faultGap = 50_000...chance.pick([400_000, 1_000_000, 2_000_000])
        lossPerMille = chance.pick([0, 20, 100])
        let isFar = chance.happens(300)
        delays = Network.Delays(
            base: isFar ? 15_000 : 150, jitter: isFar ? 10_000 : chance.pick([200, 3_000]),
            spikesPerMille: chance.pick([0, 20, 50]), spike: 200_000)
        diskLatency = (base: 200, jitter: chance.pick([500, 3_000, 15_000]))
        diskStallsPerMille = chance.pick([0, 20, 50])
        executionMicros = chance.pick([200, 2_000, 30_000])
        flushBlocks = chance.number(2...12)
        segmentBytes = chance.pick([6 << 10, 24 << 10, 256 << 10])
        driverLimits = DriverState<CRaftCore>.Limits()
        // Small enough that a late peer's entries are read from the disk, and that snapshots are needed.
        driverLimits.cacheBytes = chance.pick([1_500, 4_000, 1 << 20])
        driverLimits.messageBytes = 2_000
        driverLimits.trailingEntries = chance.pick([1, 10, 40])
        driverLimits.deliveryBytes = 1_000
        timing.snapshotMilliseconds = 1_000
        driverLimits.stuckMilliseconds = 1_500
        driverLimits.handOverPauseMilliseconds = 5_000
        if banks >= 3, seed % 7 == 2 {
            liar = (
                position: chance.index(banks),
                lie: chance.pick([
                    .otherState(from: chance.number(1...20)),
                    .secondVotes(perMille: chance.pick([100, 500])),
                    .repeatedTransactions(perMille: chance.pick([100, 500])),
                    .voidBodies(perMille: chance.pick([100, 500])),
                    .earlyBodies, .earlyBodies,
                    .futureDates(perMille: chance.pick([100, 500])),
                    .forgedVotes(perMille: chance.pick([100, 500])),
                ])
            )
            if case .earlyBodies? = liar?.lie {
                // So that they stand in what nodes read again, which are started again on any of the blocks.
                segmentBytes = 256 << 10
                flushBlocks = 1
                faults += [.crash, .restart, .crashLeader, .handOver]
            }
        }
        if banks >= 3, liar == nil, seed % 4 == 1 {
            changes = MemberChange.plan(from: banks, &chance)
        }
        checkpointInterval = chance.pick([0, 4, 10])
        rules = Rules(
            blockGasLimit: chance.pick([2_000_000, 1_000_000_000]),
            stepLimit: chance.pick([1, 3, 100]), epochBlocks: chance.pick([16, 25]))
    }
}

/// A change of the banks.
enum MemberChange {
    /// The bank whose node stands ready at this position joins.
    case admit(Int)
    /// The bank of this position leaves.
    case remove(Int)

    /// Some changes of a consortium of so many; never to fewer than two, never to more than two new ones.
    static func plan(from banks: Int, _ chance: inout Chance) -> [MemberChange] {
        var members = Array(0..<banks)
        var next = banks
        return (0...chance.index(3)).compactMap { _ in
            if next < min(banks + 2, Keys.nodes.count), members.count < 4 || chance.happens(600) {
                members.append(next)
                next += 1
                return .admit(next - 1)
            }
            guard members.count > 2 else { return nil }
            return .remove(members.remove(at: chance.index(members.count)))
        }
    }

    /// How many nodes join in these.
    static func joining(_ changes: [MemberChange]) -> Int {
        changes.count { if case .admit = $0 { true } else { false } }
    }
}

/// What goes wrong in the world, apart from what is always a little wrong with links and disks.
enum Fault: String, CaseIterable {
    /// One process ends.
    case crash
    /// The leader's process ends.
    case crashLeader
    /// A process ends between two actions of its driver.
    case crashWithin
    /// The power fails everywhere.
    case blackout
    /// A process stands still for a while.
    case pause
    /// Connections break.
    case breakConnections
    /// Nothing gets through from one node to another.
    case cutOneWay
    /// One node hears nobody, or is not heard, or both.
    case isolate
    /// The nodes fall into two groups.
    case split
    /// A disk becomes slow for a while.
    case slowDisk
    /// A disk is full for a while.
    case fullDisk
    /// A disk's syncs fail for a while.
    case failSync
    /// A clock is set wrong.
    case setClock
    /// A node is stopped by its operator, everything stored, and started again.
    case restart
    /// The leader is asked to hand over.
    case handOver
    /// A bank makes a backup.
    case backUp
    /// A disk is lost, and what its backup has is put in its place.
    case loseDisk
}
