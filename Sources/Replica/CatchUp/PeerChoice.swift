import Consensus

/// Whom to ask for blocks next: who answers, who lacks them, who has to rest.
struct PeerChoice {
    /// Who may be asked, ascending.
    private(set) var all: [NodeID]
    /// When a peer may be asked again that did not answer, or answered badly.
    private var resting: [NodeID: UInt64] = [:]
    /// How often in a row a peer did not answer, or answered badly.
    private var failures: [NodeID: Int] = [:]
    /// The oldest block that a peer keeps, of those who said that they lack what they were asked for.
    private var oldest: [NodeID: UInt64] = [:]
    /// The only peer that is asked, after blocks of several contradicted each other; nil: all are.
    private(set) var sole: NodeID?
    /// How often a peer was chosen to be the only one.
    private var turns = 0

    init(_ peers: [NodeID]) { all = peers.sorted() }

    /// When peers may be asked again, in any order.
    var restEnds: [UInt64] { Array(resting.values) }

    /// Whether every peer said that it lacks a block, and keeps only later ones.
    func allLack(_ height: UInt64) -> Bool { all.allSatisfy { (oldest[$0] ?? 0) > height } }

    /// Who is asked for a range, nil for nobody.
    ///
    /// - Parameters:
    ///   - range: the blocks' heights.
    ///   - isBusy: whether a peer is asked already.
    /// - Returns: one that is not busy, does not rest and is not known to lack the first of them.
    func next(for range: ClosedRange<UInt64>, besides isBusy: (NodeID) -> Bool) -> NodeID? {
        all.filter {
            !isBusy($0) && resting[$0] == nil && (oldest[$0] ?? 0) <= range.lowerBound
                && (sole ?? $0) == $0
        }
        // Whoever has answered comes first, or some that are gone could keep each other's turn for ever;
        // otherwise spread over all of them, the same way on every run.
        .min { left, right in
            (failures[left] ?? 0, (range.lowerBound &+ left.rawValue) % 7)
                < (failures[right] ?? 0, (range.lowerBound &+ right.rawValue) % 7)
        }
    }

    /// Takes note that a peer sent what it was asked for.
    mutating func answered(_ peer: NodeID) {
        oldest[peer] = nil
        failures[peer] = nil
    }

    /// Takes note of the oldest block that a peer keeps, which lacks what it was asked for.
    mutating func note(oldest height: UInt64, of peer: NodeID) { oldest[peer] = height }

    /// Takes note that a peer can be asked, for the first time or again.
    mutating func returned(_ peer: NodeID) {
        if !all.contains(peer) { all = (all + [peer]).sorted() }
        resting[peer] = nil
    }

    /// Asks a peer nothing for a while that did not answer, or answered badly.
    mutating func rest(_ peer: NodeID, until end: UInt64) {
        resting[peer] = end
        failures[peer, default: 0] += 1
    }

    /// Ends a peer's rest if it is over.
    mutating func wake(_ peer: NodeID, at now: UInt64) {
        if let end = resting[peer], end <= now { resting[peer] = nil }
    }

    /// Has one peer alone be asked, until ``chooseAll()``: each one's turn comes.
    mutating func chooseOne(for height: UInt64) {
        // Whoever said that it lacks the next block is not asked for it, so that its turn would never end.
        let able = all.filter { (oldest[$0] ?? 0) <= height }
        sole = able.isEmpty ? nil : able[turns % able.count]
        turns += 1
    }

    /// Has all be asked again.
    mutating func chooseAll() { sole = nil }
}
