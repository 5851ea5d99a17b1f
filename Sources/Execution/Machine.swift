import Ledger
import Settlement
import Tokens

/// The ledger as a state machine: a body goes in, a block comes out, on every node the same.
///
/// One thread at a time uses a machine; it knows no clock, file or socket.
public final class Machine {
    /// The working state.
    public let state: State
    /// All money.
    public let tokens: TokenLedger
    /// All orders and claims.
    public let orders: OrderBook
    /// Where DIP comes from and goes to.
    public let economy: Economy
    /// What the banks decide together.
    public let governance: Governance
    /// Legal entities behind accounts.
    public let entities: EntityRegistry
    /// Banks and their deposit tokens.
    public let banks: BankRegistry
    /// What orders are opened from.
    public let templates: TemplateRegistry
    /// The last executed block.
    public private(set) var tip: Tip
    /// What the ledger started from.
    public let genesis: Genesis
    /// The protocol versions that this program can execute, unless a test says otherwise.
    public static let versionsKnown: ClosedRange<UInt16> = 1...1
    /// The protocol versions that this machine can execute.
    public let versionsKnown: ClosedRange<UInt16>

    /// The share of a block's gas that timers and continued cascades may take, as a divisor.
    private static let systemShare: UInt64 = 2
    /// What a timer counts for there; the payments that it sets off were prepaid.
    public static let timerGas: UInt64 = 50_000
    /// The most bytes that the records of a block's transactions have together, 1 GiB; smaller only in tests.
    ///
    /// Lengths are kept in 32 bits, and a node has all of them in memory at once.
    var recordBytesMax = 1 << 30
    /// How many transactions' cells are fetched at once.
    private static let expected = 128
    /// Who pays for what.
    public let fees: Fees
    /// The running block's.
    var records = BlockRecords()
    /// What the running block's transactions paid so far.
    var feesPaid: UInt128 = 0
    /// The gas limits, together, of those of them that were not skipped.
    var gasAsked: UInt64 = 0

    /// Goes on from a stored state.
    ///
    /// - Parameters:
    ///   - genesis: what the ledger started from.
    ///   - state: the working state over the store.
    ///   - tip: the block whose state the store holds.
    ///   - versionsKnown: the protocol versions that this program can execute.
    public init(
        genesis: Genesis, state: State, tip: Tip,
        versionsKnown: ClosedRange<UInt16> = Machine.versionsKnown
    ) {
        self.genesis = genesis
        self.versionsKnown = versionsKnown
        self.state = state
        self.tip = tip
        tokens = TokenLedger(state: state)
        orders = OrderBook(state: state, tokens: tokens)
        fees = Fees(tokens)
        economy = Economy(state: state, tokens: tokens, genesis: genesis)
        governance = Governance(
            state: state, tokens: tokens, economy: economy, genesis: genesis)
        entities = EntityRegistry(state: state, governance: governance)
        banks = BankRegistry(
            state: state, tokens: tokens, governance: governance, entities: entities,
            orders: orders)
        tokens.operatorOfDeposit = { BankRoll.operator(of: $0, in: state) }
        templates = TemplateRegistry(
            state: state, tokens: tokens, orders: orders, governance: governance,
            entities: entities)
    }

    /// Makes the state of block 0.
    ///
    /// - Parameters:
    ///   - genesis: what the ledger starts from; validated before.
    ///   - state: an empty working state.
    ///   - versionsKnown: the protocol versions that this program can execute.
    /// - Returns: the machine and block 0.
    public static func begin(
        _ genesis: Genesis, state: State,
        versionsKnown: ClosedRange<UInt16> = Machine.versionsKnown
    ) -> (machine: Machine, block: ExecutedBlock) {
        let identity = genesis.hash
        state.beginBlock(
            BlockContext(
                height: 0, now: genesis.timeMillis / 1000, chainID: genesis.chainID,
                gasPrice: genesis.rules.gasPrice, stepLimit: Int(genesis.rules.stepLimit),
                redemptionDeadline: genesis.rules.redemptionDeadline))
        let tip = Tip(
            height: 0, header: .zero, body: identity, stateHash: identity,
            timeMillis: genesis.timeMillis)
        let machine = Machine(
            genesis: genesis, state: state, tip: tip, versionsKnown: versionsKnown)
        let fits = machine.tokens.endow(
            genesis.allocations.lazy.map { (account: $0.account, amount: $0.amount.units) })
        precondition(fits, "a genesis whose allocations exceed 2^128 was not validated")
        machine.governance.begin()
        machine.economy.begin()
        machine.records.begin(expecting: 1)
        machine.records.append(.done)
        let block = machine.finish(
            body: nil, bodyHash: identity, leader: .zero, transactionHashes: [],
            timeMillis: genesis.timeMillis, gasUsed: 0, banks: machine.bankSetHash,
            checkpoint: nil)
        return (machine, block)
    }

    // MARK: Blocks

    /// The time in seconds at which the next timer is due, 0 where a waiting cascade or a decision of the
    /// banks is, nil if nothing.
    public var nextDue: UInt64? {
        if orders.queuedCascades > 0 { return 0 }
        // What the banks decided for the next block is something to make one for.
        if let height = governance.nextEnactment, height <= tip.height + 1 { return 0 }
        if governance.hasRotations { return 0 }
        return [orders.nextTimer, tokens.nextDeadline].compactMap(\.self).min()
    }

    /// Why this program can execute no further block, if the banks activated a version that it does not know.
    public var versionFault: BodyFault? {
        let active = versionActive(at: tip.height + 1)
        return versionsKnown.contains(active) ? nil : .unknownVersion(active)
    }

    /// Checks that a body can be the next block.
    ///
    /// A version that this program does not know is refused before anything else: whatever else looks
    /// wrong may be right in it.
    public func check(_ body: Body) throws(BodyFault) {
        if let versionFault { throw versionFault }
        let active = versionActive(at: tip.height + 1)
        guard body.height == tip.height + 1 else {
            throw .wrongHeight(expected: tip.height + 1, given: body.height)
        }
        guard body.version == active else {
            throw .wrongVersion(height: body.height, expected: active, given: body.version)
        }
        guard body.parent == tip.body else { throw .wrongParent(height: body.height) }
        guard body.timeMillis >= tip.timeMillis else { throw .timeRunsBack(height: body.height) }
    }

    /// Executes a body: decisions of the banks, waiting cascades and timers first, then each transaction.
    ///
    /// - Parameters:
    ///   - body: the next body, as ``check(_:)`` wants it.
    ///   - transactions: its transactions, verified, in its order.
    ///   - checkpointRoot: the root over the state of the height that ``checkpointDue(at:)`` says for the
    ///     body's; must be there if that is some height, and is not looked at otherwise.
    /// - Returns: the block. Before it is adopted, ``State/fault`` must be asked.
    /// - Throws: ``BodyFault`` if it cannot be the next body; then nothing has changed.
    public func execute(
        _ body: Body, _ transactions: [VerifiedTransaction], checkpointRoot: Hash32? = nil
    ) throws(BodyFault) -> ExecutedBlock {
        try check(body)
        precondition(transactions.count == body.transactions.count, "one for each in the body")
        let checkpoint = checkpointDue(at: body.height).map { height in
            guard let checkpointRoot else {
                preconditionFailure(
                    "block \(body.height) certifies the state of block \(height): its root is missing"
                )
            }
            return (height, checkpointRoot)
        }
        // They sign this block, whatever it decides about who signs the next.
        let banks = bankSetHash
        let now = body.timeMillis / 1000
        state.beginBlock(
            BlockContext(
                height: body.height, now: tip.timeMillis / 1000, chainID: genesis.chainID,
                gasPrice: rules.gasPrice, stepLimit: Int(rules.stepLimit),
                redemptionDeadline: rules.redemptionDeadline))
        let systemEffects = runSystem(now: now, votes: body.votes)
        state.block.now = now
        orders.begin(budget: unpaidPayments)

        var gasUsed: UInt64 = 0
        feesPaid = 0
        gasAsked = 0
        var hashes: [Hash32] = []
        hashes.reserveCapacity(transactions.count)
        records.begin(expecting: transactions.count + 1)
        for (index, transaction) in transactions.enumerated() {
            if index.isMultiple(of: Self.expected) {
                expect(transactions[index..<min(index + Self.expected, transactions.count)])
            }
            gasUsed += run(transaction)
            hashes.append(transaction.hash)
        }
        records.append(.done, effects: systemEffects)
        economy.add(.transactionFee, feesPaid)
        return finish(
            body: body, bodyHash: body.hash, leader: body.leader, transactionHashes: hashes,
            timeMillis: body.timeMillis, gasUsed: gasUsed, banks: banks, checkpoint: checkpoint)
    }

    /// How many payments the start of a block may make, and how many its transactions may set off together
    /// without paying for them: what timers fire and gates release was paid for at any time before, and all
    /// of it can come in one block.
    var unpaidPayments: Int { Int(rules.blockGasLimit / Self.systemShare / Gas.payment) }

    /// Pays for epochs and carries out what the banks decided, then serves the queue of waiting cascades and
    /// fires what is due, within the system's gas; both share the payments that it covers.
    /// - Returns: the framed effects.
    private func runSystem(now: UInt64, votes: [HeaderVote]) -> ArraySlice<UInt8> {
        state.effects.removeAll()
        state.gas = GasMeter(limit: .max)
        orders.begin(budget: unpaidPayments)
        economy.beginBlock(after: tip, votes: votes, banks: bankSet, rules: rules)
        governance.enactDue()
        governance.rotateDue()
        let gas = rules.blockGasLimit / Self.systemShare
        let made = orders.continueCascades(budget: unpaidPayments)
        orders.fireTimers(
            upTo: now, after: tip.timeMillis / 1000, limit: Int(gas / Self.timerGas),
            budget: unpaidPayments - made)
        state.block.now = now
        banks.servePayouts()
        tokens.returnRedemptions(upTo: now, limit: Int(gas / Self.timerGas)) {
            banks.roll.receiver(of: $1, id: $0).account
        }
        state.adopt()
        guard !state.effects.bytes.isEmpty else { return [] }
        let effects = state.effects.bytes[...]
        state.effects = ByteWriter(capacity: 1 << 16)
        return effects
    }

    private func finish(
        body: Body?, bodyHash: Hash32, leader: Address, transactionHashes: [Hash32],
        timeMillis: UInt64, gasUsed: UInt64, banks: Hash32,
        checkpoint: (height: UInt64, root: Hash32)?
    ) -> ExecutedBlock {
        let height = state.block.height
        let price = state.block.gasPrice
        let changes = state.endBlock()
        let changesRoot = changes.merkleRoot()
        let header = Header(
            version: body?.version ?? VersionSchedule.first, height: height, parent: tip.header,
            body: bodyHash, timeMillis: timeMillis,
            leader: leader, transactionCount: UInt32(transactionHashes.count),
            transactionsRoot: MerkleTree.root(of: transactionHashes.map { MerkleTree.leaf($0) }),
            recordsRoot: MerkleTree.root(of: records.leaves), changesRoot: changesRoot,
            stateHash: Self.chain(tip.stateHash, changesRoot), gasUsed: gasUsed,
            gasLimit: rules.blockGasLimit, gasPrice: price, banks: banks,
            checkpointHeight: checkpoint?.height ?? 0, checkpointRoot: checkpoint?.root ?? .zero)
        tip = Tip(header)
        return ExecutedBlock(
            header: header, hash: tip.header, body: body, records: records.bytes,
            recordEnds: records.ends, changes: changes, isSampled: economy.isSampled(height))
    }

    /// The state hash after changes with this root.
    public static func chain(_ before: Hash32, _ changesRoot: Hash32) -> Hash32 {
        var hash = SHA256()
        hash.update(before)
        hash.update(changesRoot)
        return hash.finalize()
    }
}
