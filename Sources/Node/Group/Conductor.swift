import Consensus
import Execution
import Ledger
import Logging
import Replica
import Storage
import Threads

/// What a node among others does every second: says how it is, asks for what it lacks, brings the members
/// of the group to those that the ledger names.
final class Conductor: @unchecked Sendable {
    // `@unchecked`: what changes is the thread's, and the thread is who starts and stops it's.
    private let group: Group
    private let chain: Chain
    private let pool: Locked<PoolState>
    private let certification: Certification
    private let forwarding: Forwarding
    private let driver: Driver
    private let clock: NodeClock
    private let history: HistoryStore
    private let halting: Halting
    private let logger: Logger
    private let stopping = Locked(false)
    /// Since when nobody leads as far as this node knows, in milliseconds of ``monotonicMillis()``.
    private let leaderless = Locked(UInt64?.none)
    private var thread: SystemThread?
    // Only the thread uses these.
    private var missingBefore: UInt64?
    private var asked = 0
    private var membersBefore: Membership?

    /// Blocks behind the others from which on a node takes no transactions: its view of accounts is old.
    private static let lagMax: UInt64 = 256
    /// How long nobody may lead before it is said; an election takes a second or two.
    private static let leaderlessMillisMax: UInt64 = 5_000
    /// Why a node of a bank that was removed serves no more.
    static let removed = "the banks removed this bank from the consortium"

    init(
        group: Group, chain: Chain, pool: Locked<PoolState>, certification: Certification,
        forwarding: Forwarding, driver: Driver, clock: NodeClock, history: HistoryStore,
        halting: Halting, logger: Logger
    ) {
        self.group = group
        self.chain = chain
        self.pool = pool
        self.certification = certification
        self.forwarding = forwarding
        self.driver = driver
        self.clock = clock
        self.history = history
        self.halting = halting
        self.logger = logger
    }

    /// Starts the thread.
    func start() {
        thread = SystemThread(named: "conduct") { [self] in
            while !isStopping(afterMillis: 1_000) { tick() }
        }
    }

    /// Ends the thread.
    func stop() {
        stopping.withSignal { $0 = true }
        thread?.join()
        thread = nil
    }

    private func isStopping(afterMillis millis: UInt64) -> Bool {
        var isFirst = true
        return stopping.wait { stopping -> Waiting<Bool> in
            guard !stopping, isFirst else { return .done(stopping) }
            isFirst = false
            return .again(millis)
        }
    }

    private func tick() {
        let (tip, set) = chain.withMachine { ($0.tip, $0.bankSet) }
        let isRemoved = set.hasRemoved(group.id.rawValue)
        group.update(set, at: tip.height, members: driver.status.membership)
        announce(tip.height)
        askForCertificates()
        watchLag(tip.height, set)
        watchLeader()
        forwarding.tick()
        steerMembers(set)
        if isRemoved { leave() }
    }

    /// Stops the node of a bank that was removed, once nobody counts on its vote any more.
    ///
    /// Before that it must go on ordering: it takes a majority of the members that there are, this one
    /// included, to let it go.
    private func leave() {
        let status = driver.status
        guard let members = status.membership, !status.isChangingMembers,
            !members.voters.contains(group.id)
        else { return }
        halting.halt(Self.removed)
    }

    private func announce(_ height: UInt64) {
        group.broadcast(
            .status(
                PeerStatus(
                    height: height, certified: certification.certifiedHeight,
                    oldest: history.first ?? 0, timeMillis: clock.nowMillis,
                    version: Machine.versionsKnown.upperBound,
                    isServing: pool.with { $0.closedBecause == nil })))
    }

    /// Asks for the certificates of blocks that have waited for one since the last tick, and says once more
    /// what this node signed, for a vote may have been lost with its connection.
    private func askForCertificates() {
        guard let missing = certification.missing else { return missingBefore = nil }
        defer { missingBefore = missing.lowerBound }
        guard missing.lowerBound == missingBefore else { return }
        for vote in certification.ownVotes(limit: 64) { group.broadcast(.vote(vote)) }
        let peers = group.peers.filter {
            (group.table[$0]?.status.certified ?? 0) >= missing.lowerBound
        }
        guard !peers.isEmpty else { return }
        asked += 1
        let last = min(
            missing.upperBound, missing.lowerBound + (PeerRequest.certificatesMax - 1))
        group.requests.ask(
            .certificates(missing.lowerBound...last), of: peers[asked % peers.count],
            timeoutMillis: 5_000
        ) { [certification] reply in
            guard case .certificates(let all)? = reply else { return }
            certification.received(all.compactMap { try? Certificate(decoding: $0) })
        }
    }

    /// Takes no transactions while this node's view of accounts is old.
    private func watchLag(_ height: UInt64, _ set: BankSet) {
        let why = reasonToClose(height, set)
        pool.withSignal { state in
            guard state.haltedBecause == nil, !state.isStopping else { return }
            state.closedBecause = why
        }
    }

    /// Why this node takes no transactions; nil: it does.
    ///
    /// It is far behind as far as more peers say than may lie: one alone must not close this node. A bank that
    /// its own copy of the ledger does not name yet may have the first block only, and hear nobody.
    private func reasonToClose(_ height: UInt64, _ set: BankSet) -> String? {
        let id = group.id.rawValue
        if set.hasRemoved(id) { return Self.removed }
        guard set[id: id] != nil else {
            return
                "bank \(id), whose node it is, is not among the banks in block \(height), the last it has: "
                + "it is not admitted yet, or the node has not fetched that block"
        }
        let liarsMax = (set.banks.count - 1) / 2
        let since = clock.nowMillis &- PeerTable.latelyMillis
        guard let highest = group.table.height(saidBy: liarsMax + 1, in: set, since: since),
            highest > height, highest - height > Self.lagMax
        else { return nil }
        return "it is \(highest - height) blocks behind the others and catching up"
    }

    /// Why whoever can choose should send to another node, though this one takes transactions; nil: he need not.
    var whyElsewhere: String? {
        guard let since = leaderless.with({ $0 }) else { return nil }
        let millis = monotonicMillis() - since
        guard millis >= Self.leaderlessMillisMax else { return nil }
        return
            "it knows of no leader for \(millis / 1_000) s, as where no majority of the banks' nodes reach each "
            + "other: it keeps what it is sent, and no block comes before there is one"
    }

    private func watchLeader() {
        let isLeaderless = driver.status.leadership == .following(leader: nil)
        let now = monotonicMillis()
        leaderless.with { $0 = isLeaderless ? $0 ?? now : nil }
    }

    /// Tells the driver whom the ledger names; whoever leads takes the steps.
    private func steerMembers(_ set: BankSet) {
        driver.want(members: set.banks.map { NodeID($0.id) })
        guard let present = driver.status.membership, present != membersBefore else { return }
        if membersBefore != nil {
            let members = present.members.map { "\($0.id) (\($0.role))" }
            logger.notice(
                "the members have changed", metadata: ["to": "\(members.joined(separator: ", "))"])
        }
        membersBefore = present
    }
}
