import Consensus
import Execution
import Ledger

/// All that must hold, checked as it happens and at the end.
struct Properties {
    var counts = Counts()
    private var headers: SameHeaders
    /// Whether a lying leader's marker named a block that the ledger does not have.
    ///
    /// Its follower has given up its own log for it, and waits until certificates show what is right. With
    /// the liar and itself gone, that may be too few banks to make any.
    private var isMisled = false
    private var nothingTwice = NothingTwice()
    private var leaders = OneLeader()
    private var certificates: Certificates
    private(set) var acknowledged = AcknowledgedIsFinal()
    /// The banks after the newest block.
    private(set) var banks: BankSet

    init(genesis: Genesis) {
        headers = SameHeaders(genesis: genesis)
        banks = genesis.bankSet
        certificates = Certificates(genesis: genesis)
    }

    /// A node begins to fetch what leads to a header, as a leader's marker has it.
    mutating func follows(_ header: Hash32, at height: UInt64) {
        guard headers.hashes.indices.contains(Int(height)), headers.hashes[Int(height)] != header
        else { return }
        isMisled = true
        counts.misled += 1
    }

    /// A node executed a block.
    mutating func executed(
        _ block: ExecutedBlock, _ transactions: [VerifiedTransaction], signedBy set: BankSet,
        by process: Process
    ) throws {
        guard process.node.lie?.spoilsState != true else { return }
        let isFirst = try headers.executed(block, by: process.node)
        try MoneyIsConserved.check(process.machine, process.world)
        guard isFirst else { return }
        try TimesAreTrue.check(block.header, on: process.node)
        counts.blocks += 1
        certificates.sets.append(set)
        banks = process.machine.bankSet
        let effects = try Record(decoding: block.recordBytes(transactions.count)).effects
        for (tag, payload) in EffectReader(effects) where EconomyEffectTag.all.contains(tag) {
            guard case .epochPaid(_, _, let paid) = try EconomyEffect(tag: tag, payload: payload),
                paid > 0
            else { continue }
            counts.epochs += 1
        }
        for (index, transaction) in transactions.enumerated() {
            let record = try Record(decoding: block.recordBytes(index))
            guard record.outcome != .skipped else {
                counts.skipped += 1
                continue
            }
            counts.transactions += 1
            try nothingTwice.executed(transaction, at: block.header.height)
        }
    }

    /// A node believes what role it has.
    mutating func leads(_ node: SimulatedNode, _ role: RaftUpdate.Role, _ term: Term) throws {
        guard role == .leader else { return }
        if try leaders.leads(node, term) { counts.leaders += 1 }
    }

    /// A node stopped by itself.
    func halted(_ node: SimulatedNode, _ reason: String) throws {
        guard !node.disk.isRefusing, node.lie == nil, !node.isRemoved else { return }
        throw Finding(.nodesKeepGoing, "node \(node.id) stopped: \(reason)")
    }

    /// A node signed a header.
    mutating func signed(_ vote: HeaderVote, by node: SimulatedNode) throws {
        certificates.signed(vote.height, vote.header, by: node)
    }

    /// A node has a certificate.
    mutating func certified(_ certificate: Certificate, by process: Process) throws {
        try certificates.certified(certificate, by: process.node)
    }

    /// A node tells a client that a block is certified.
    func told(_ receipt: Receipt, by node: SimulatedNode) throws {
        guard receipt.mode == .certified, node.lie == nil else { return }
        try certificates.told(receipt, by: node)
    }

    /// A client has a receipt.
    mutating func acknowledged(_ receipt: Receipt) throws {
        counts.receipts += 1
        try acknowledged.note(receipt, headers)
    }

    /// The run is over.
    func checkEnd(of world: World) throws {
        if !isMisled {
            try LiarsAreFound.check(world, headers, certificates.certified)
            try ClientsAreServed.check(world)
            try NodesCatchUp.check(world, headers)
        }
        try acknowledged.checkEnd(world)
    }
}

/// What a client was told of a transaction.
struct Receipt {
    let transaction: Hash32
    let height: UInt64
    let index: Int
    let header: Hash32
    let mode: Process.Mode
}
