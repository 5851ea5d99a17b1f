import Ledger
import TestSupport

@testable import Consensus

/// Several nodes in one process, with simulated time, disks, links, crashes and partitions.
///
/// The nodes are the real ones but for their threads: ``DriverState`` over ``CRaftCore`` and
/// ``SegmentedLog``, whose actions are carried out here.
final class Simulation {
    struct Finding: Error, CustomStringConvertible {
        let description: String
    }

    /// What happens in a run, besides crashes, broken links and partitions.
    struct Story {
        var nodeCount = 3
        /// How many nodes, from the first on, begin the group; the others may join it.
        var founders: Int?
        var milliseconds: UInt64 = 14_000
        /// How long before the end nothing goes wrong any more.
        var calmMilliseconds: UInt64 = 6_000
        /// Members lose their vote and get it back.
        var changesRoles = false
        /// The application wants other members from time to time.
        var changesWishes = false
        /// Disks are replaced by older copies of themselves, one node's at a time.
        var restores = false
        /// A node with such a disk knows that it has one.
        var marksRestored = true
        /// Leaders are asked to hand over.
        var handsOver = false
    }

    enum Event {
        case deliver(RaftMessage, from: Int, to: Int, epoch: UInt64)
        case wrote(Int, life: Int, count: Int)
        case timeout(Int, life: Int)
        case client
        case fault
    }

    var random: SeededNumbers
    var now: UInt64 = 1
    private(set) var nodes: [SimulatedNode] = []
    private var events = EventQueue()
    /// The epoch of each directed link; a new one begins whenever the link breaks.
    private var epochs: [[UInt64]]
    private var linkBusyUntil: [[UInt64]]
    private var cut: Set<[Int]> = []
    private let healAt: UInt64
    let end: UInt64

    /// The first value delivered anywhere for each index.
    private(set) var history: [LogIndex: CommittedEntry] = [:]
    private(set) var acknowledged: [LogIndex: (term: Term, payload: [UInt8])] = [:]
    private var accepted: [LogIndex: (term: Term, payload: [UInt8], by: Int)] = [:]
    private var leaders: [Term: Int] = [:]
    private var nextPayload: UInt64 = 1
    private(set) var crashes = 0
    private(set) var restores = 0
    private(set) var changes = 0
    private(set) var handOvers = 0
    private(set) var replacedDisks = 0
    private(set) var probationsEnded = 0
    let story: Story

    init(seed: UInt64, _ story: Story) throws {
        self.story = story
        random = SeededNumbers(seed: seed)
        end = story.milliseconds
        healAt = end - story.calmMilliseconds
        let nodeCount = story.nodeCount
        epochs = Array(repeating: Array(repeating: 1, count: nodeCount), count: nodeCount)
        linkBusyUntil = Array(repeating: Array(repeating: 0, count: nodeCount), count: nodeCount)
        let founderCount = story.founders ?? nodeCount
        let members = (1...founderCount).map { Membership.Member(id: NodeID(UInt64($0))) }
        let founders = Membership(members)!
        for position in 0..<nodeCount {
            nodes.append(
                SimulatedNode(
                    position: position, founders: position < founderCount ? founders : nil,
                    simulation: self))
        }
    }

    /// Runs to the end and checks that the nodes agree.
    func run() throws {
        for node in nodes { try node.start() }
        push(.client, at: 50)
        push(.fault, at: 500)
        while let (time, event) = events.pop(), time <= end {
            now = time
            try handle(event)
            try checkLeaders()
        }
        let last = history.keys.max() ?? 0
        let wanted =
            wish(at: last)?.wanted
            ?? (story.founders.map { founders in
                (1...founders).map { NodeID(UInt64($0)) }
            })
        for node in nodes where wanted?.contains(node.id) ?? true {
            guard node.isUp, node.state.delivered >= last,
                wanted == nil || node.state.membership == wanted.map(Membership.init(voters:))
            else {
                let all = nodes.map(\.summary).joined(separator: "\n")
                throw Finding(description: "node \(node.position) is not at \(last):\n\(all)")
            }
        }
        for (index, entry) in acknowledged where history[index]?.payload != entry.payload {
            throw Finding(description: "acknowledged entry \(index) was lost")
        }
    }

    func push(_ event: Event, at time: UInt64) { events.push(event, at: max(time, now)) }

    private func handle(_ event: Event) throws {
        switch event {
        case .deliver(let message, let from, let to, let epoch):
            guard nodes[to].isUp, epochs[from][to] == epoch else { return }
            try nodes[to].receive(message, from: from, epoch: epoch)
        case .wrote(let position, let life, let count):
            guard nodes[position].isUp, nodes[position].life == life else { return }
            try nodes[position].finishWrites(count)
        case .timeout(let position, let life):
            guard nodes[position].isUp, nodes[position].life == life else { return }
            try nodes[position].timeout()
        case .client:
            for node in nodes where node.isUp && random.chance(60) { try submit(to: node) }
            if story.changesWishes, random.chance(3), now < healAt { try changeWish() }
            if story.handsOver, random.chance(3) {
                for node in nodes where node.isUp && node.handOver() { handOvers += 1 }
            }
            if story.changesRoles, random.chance(10) {
                for node in nodes where node.isUp {
                    if try node.change(roleOf: random.below(nodes.count)) { changes += 1 }
                }
            }
            // The last four seconds, two elections at most, are for the others to hear of everything.
            if now + 4_000 < end { push(.client, at: now + 1 + UInt64(random.below(80))) }
        case .fault:
            try disturb()
            push(.fault, at: now + 100 + UInt64(random.below(1_000)))
        }
    }

    private func submit(to node: SimulatedNode) throws {
        let size = random.chance(5) ? 3_000 : random.below(120)
        try submit([UInt8](repeating: 0xab, count: size), to: node)
    }

    private func submit(_ content: [UInt8], to node: SimulatedNode) throws {
        let payload = ByteWriter.number(nextPayload) + content
        nextPayload += 1
        guard let (index, term) = try node.submit(payload) else { return }
        accepted[index] = (term, payload, node.position)
    }

    /// Orders an entry that says who shall be a member: one to five nodes.
    private func changeWish() throws {
        var some = Set<UInt8>()
        for _ in 0...random.below(5) { some.insert(UInt8(random.below(nodes.count) + 1)) }
        for node in nodes where node.isUp { try submit([Self.wishMark] + some.sorted(), to: node) }
    }

    private static let wishMark: UInt8 = 0xee

    /// Who shall be a member after an entry, if it says so.
    static func wish(in payload: [UInt8]) -> [NodeID]? {
        guard payload.count > 8, payload[8] == wishMark else { return nil }
        return payload[9...].map { NodeID(UInt64($0)) }
    }

    /// Who shall be a member as of an entry that was delivered.
    func wish(at index: LogIndex) -> (index: LogIndex, wanted: [NodeID])? {
        history.filter { $0.key <= index }.compactMap { entry in
            Self.wish(in: entry.value.payload).map { (entry.key, $0) }
        }.max { $0.0 < $1.0 }
    }

    private func disturb() throws {
        guard now < healAt else {
            for from in nodes.indices {
                for to in nodes.indices where cut.contains([from, to]) { breakLink(from, to) }
            }
            cut = []
            for node in nodes where !node.isUp { try node.start() }
            return
        }
        switch random.below(story.restores ? 10 : 6) {
        case 6: for node in nodes where random.chance(50) { node.backUp() }
        case 7...9:
            // More than one at a time that has forgotten could leave too few who may vote.
            let node = nodes[random.below(nodes.count)]
            guard nodes.allSatisfy({ $0.position == node.position || !$0.isOnProbation }) else {
                break
            }
            if try node.restore(isMarked: story.marksRestored) { replacedDisks += 1 }
        case 0: nodes[random.below(nodes.count)].crash()
        case 1: nodes.first { $0.isUp && $0.state.role == .leader }?.crash()
        case 2, 3: for node in nodes where !node.isUp && random.chance(70) { try node.start() }
        case 4:
            let lonely = random.below(nodes.count)
            for other in nodes.indices where other != lonely {
                if random.chance(70) { cut.insert([lonely, other]); breakLink(lonely, other) }
                if random.chance(70) { cut.insert([other, lonely]); breakLink(other, lonely) }
            }
        default:
            cut = []
            let from = random.below(nodes.count)
            let to = random.below(nodes.count)
            breakLink(from, to)
        }
    }

    /// What is on its way over a broken connection is lost.
    func breakLink(_ from: Int, _ to: Int) { epochs[from][to] += 1 }

    func noteCrash(of position: Int) {
        crashes += 1
        for other in nodes.indices {
            breakLink(position, other)
            breakLink(other, position)
        }
    }

    func transmit(_ message: RaftMessage, from: Int, to: NodeID) {
        let to = Int(to.rawValue) - 1
        guard !cut.contains([from, to]) else { return }
        var arrival = now + 1 + UInt64(random.below(random.chance(5) ? 200 : 10))
        // A connection keeps the order.
        arrival = max(arrival, linkBusyUntil[from][to])
        linkBusyUntil[from][to] = arrival
        if now < healAt, random.chance(1) { breakLink(from, to) }
        push(.deliver(message, from: from, to: to, epoch: epochs[from][to]), at: arrival)
    }

    // MARK: What must hold

    func noteCommitted(_ entry: CommittedEntry, on node: SimulatedNode) throws {
        if let known = history[entry.index] {
            guard known.payload == entry.payload, known.term == entry.term else {
                throw Finding(
                    description: "entry \(entry.index) differs on node \(node.position)")
            }
        } else {
            history[entry.index] = entry
        }
        if let own = accepted[entry.index], own.by == node.position, own.term == entry.term {
            acknowledged[entry.index] = (own.term, own.payload)
        }
    }

    func noteRestore() { restores += 1 }
    func noteProbationEnded() { probationsEnded += 1 }

    private func checkLeaders() throws {
        for node in nodes where node.isUp && node.state.role == .leader {
            let known = leaders[node.state.term, default: node.position]
            leaders[node.state.term] = known
            guard known == node.position else {
                throw Finding(description: "two leaders in term \(node.state.term)")
            }
        }
    }
}

extension Membership {
    init(voters: [NodeID]) { self.init(voters.map { Member(id: $0) })! }
}

extension ByteWriter {
    static func number(_ value: UInt64) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(value)
        return writer.bytes
    }
}

/// Events in the order of their times, those of one time in the order in which they came.
struct EventQueue {
    private var heap: [(time: UInt64, order: UInt64, event: Simulation.Event)] = []
    private var order: UInt64 = 0

    mutating func push(_ event: Simulation.Event, at time: UInt64) {
        order += 1
        heap.append((time, order, event))
        var child = heap.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func pop() -> (UInt64, Simulation.Event)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return (first.time, first.event) }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if isBefore(child, least) { least = child }
            }
            if least == parent { break }
            heap.swapAt(parent, least)
            parent = least
        }
        return (first.time, first.event)
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].time, heap[left].order) < (heap[right].time, heap[right].order)
    }
}
