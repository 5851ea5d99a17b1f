import Execution
import Foundation
import Ledger
import Settlement
import Storage
import Tokens

/// Executes a ledger again and compares every byte that was stored with what comes of it.
///
/// Checked are: that bodies and headers follow one another, every transaction's signature, and by executing
/// it again everything that a block did, so that all roots, hashes and the bookkeeping of its stored form
/// are right; each certificate that is stored; every checkpoint that a header certifies; the stored state,
/// entry by entry; blocks that are kept for ever; and that in the end all money and all orders add up.
///
/// It ends with the first difference, or when everything was right. Memory is bounded: the executed state is
/// in a store of its own, in a scratch folder.
public final class LedgerAudit {
    /// Where and how to work.
    public struct Options: Sendable {
        /// A folder to work in, empty or missing, with room for the state; the caller removes it.
        public var scratch: String
        /// Whether to begin with the newest certified checkpoint instead of genesis.
        public var isFromCheckpoint = false
        /// Cells kept in memory, 64 bytes each.
        public var cellLimit = 1 << 22
        /// Records that are changed before they are written to the scratch folder.
        public var flushRecords = 250_000

        /// Works in a folder.
        public init(scratch: String) { self.scratch = scratch }
    }

    let genesis: Genesis
    let ledger: any AuditedLedger
    let options: Options
    private let progress: (AuditProgress) -> Void
    private(set) var report = AuditReport()
    private let certificates: CertificateChecks
    /// Roots of checkpoints that were worked out, by height, until a header certifies them.
    private var roots: [UInt64: Hash32]
    private let store: StateStore
    private let machine: Machine
    private let books: OpenBooks
    /// What the machine made of genesis; nil where it began later.
    private let genesisBlock: ExecutedBlock?

    /// Audits a ledger.
    ///
    /// - Parameters:
    ///   - ledger: what is audited.
    ///   - genesis: what it must have started from, validated.
    ///   - options: where and how to work.
    ///   - books: what to write down of blocks that are right.
    ///   - progress: called now and then.
    /// - Returns: what was found; a difference is no fault of the audit.
    /// - Throws: ``AuditFault`` if the audit cannot be made.
    public static func run(
        _ ledger: any AuditedLedger, genesis: Genesis, _ options: Options,
        books: AuditBooks = AuditBooks(), progress: @escaping (AuditProgress) -> Void = { _ in }
    ) throws(AuditFault) -> AuditReport {
        guard ledger.identity.genesisHash == genesis.hash else {
            throw .start(
                "\(ledger.path) is of the ledger with genesis \(ledger.identity.genesisHash), "
                    + "the genesis file given has \(genesis.hash)")
        }
        let start = try AuditStart(ledger, genesis, options)
        // The state and what was decoded of it hold each other, and with them the store.
        defer { start.machine.state.end() }
        let audit = LedgerAudit(ledger, genesis, options, books, progress, start)
        do throws(StoreFault) {
            if start.finding == nil { try audit.run(from: start) }
        } catch {
            throw .store(error)
        }
        return audit.report
    }

    private init(
        _ ledger: any AuditedLedger, _ genesis: Genesis, _ options: Options, _ books: AuditBooks,
        _ progress: @escaping (AuditProgress) -> Void, _ start: AuditStart
    ) {
        self.ledger = ledger
        self.genesis = genesis
        self.options = options
        self.progress = progress
        machine = start.machine
        store = start.store
        genesisBlock = start.genesisBlock
        roots = start.roots
        self.books = OpenBooks(books, start.machine)
        report.start = start.height
        report.finding = start.finding
        certificates = CertificateChecks(chainID: genesis.chainID)
    }

    // MARK: Blocks

    private func run(from start: AuditStart) throws(StoreFault) {
        let feed = BlockFeed(try ledger.blocks(from: start.height), chainID: genesis.chainID)
        defer { feed.stop() }
        var kept = Dictionary(
            try ledger.kept().map { ($0.height, $0) }, uniquingKeysWith: { first, _ in first })
        var height = start.height
        while report.finding == nil, let next = try feed.next() {
            guard case .success(let block) = next else {
                if case .failure(let fault) = next { find(height, "it does not decode: \(fault)") }
                break
            }
            let isStart = height == start.height
            try check(block, at: height, isStart: isStart)
            if let kept = kept.removeValue(forKey: height) { check(kept, against: block) }
            if let finding = certificates.finding, report.finding == nil {
                report.finding = finding
            }
            guard report.finding == nil else { break }
            if isStart { try books.open(start, block.block.header) }
            report.last = height
            if report.blocks % 64 == 0 { tell("executing") }
            height += 1
        }
        (report.certificates, report.lastCertified) = certificates.finish()
        if let finding = certificates.finding,
            report.finding.map({ finding.height <= $0.height }) ?? true
        {
            report.finding = finding
        }
        guard report.finding == nil else { return }
        guard height == ledger.tip + 1 else {
            return find(height, "it is missing, although block \(ledger.tip) is there")
        }
        try checkSums()
    }

    /// Executes a block and compares it; with the one that the audit starts from only its place in the
    /// archive and its certificate are checked, unless it is genesis.
    private func check(
        _ block: PreparedBlock, at height: UInt64, isStart: Bool
    ) throws(StoreFault) {
        guard block.archived.height == height, block.block.header.height == height else {
            return find(height, "block \(block.block.header.height) is stored in its place")
        }
        guard block.archived.hash == block.block.hash else {
            return find(height, "its header does not have the hash that it is stored under")
        }
        let set = machine.bankSet
        if let genesisBlock, height == 0 {
            if let difference = Difference(stored: block.block, executed: genesisBlock).description
            {
                find(0, difference)
            }
        } else if !isStart {
            try execute(block)
        }
        guard report.finding == nil else { return }
        // Who signed the block of a checkpoint is for the state before it to say, which is not there; it
        // is certified through the header that certifies the checkpoint.
        if height > 0, !isStart, let certificate = block.archived.certificate {
            certificates.check(certificate, of: block.block.header, by: set)
        }
        try settle(at: height)
    }

    private func execute(_ prepared: PreparedBlock) throws(StoreFault) {
        let (block, height) = (prepared.block, prepared.block.header.height)
        guard let body = prepared.body else { return find(height, "it has no body") }
        guard block.header.parent == machine.tip.header else {
            return find(
                height,
                "it follows a header with hash \(block.header.parent), the one before it has "
                    + "\(machine.tip.header)")
        }
        let transactions: [VerifiedTransaction]
        switch prepared.transactions {
        case .success(let verified): transactions = verified
        case .failure(let bad):
            return find(height, "transaction \(bad.index) is not valid: \(bad.fault)")
        }
        let root = machine.checkpointDue(at: height).flatMap { roots.removeValue(forKey: $0) }
        let executed: ExecutedBlock
        do throws(BodyFault) {
            executed = try machine.execute(body, transactions, checkpointRoot: root)
        } catch {
            return find(height, error.description)
        }
        if let fault = store.storeFault { throw fault }
        report.blocks += 1
        report.transactions += UInt64(transactions.count)
        if let difference = Difference(stored: block, executed: executed).description {
            find(height, difference)
        } else {
            try books.add(executed, transactions)
        }
    }

    private func check(_ kept: KeptBlock, against block: PreparedBlock) {
        let height = kept.height
        guard kept.bytes == block.archived.bytes else {
            return find(height, "the copy that is kept for ever is another")
        }
        guard
            kept.certificate == nil || block.archived.certificate == nil
                || kept.certificate == block.archived.certificate
        else { return find(height, "the certificate that is kept for ever is another") }
        report.kept += 1
    }

    // MARK: State

    /// Writes the executed state and compares it where there is something to compare it with.
    private func settle(at height: UInt64) throws(StoreFault) {
        let isCheckpoint = genesis.isCheckpoint(height) && isRootWanted(height)
        let isStored = height == ledger.meta.height
        guard
            isCheckpoint || isStored || height == ledger.tip
                || machine.state.uncollectedCount >= options.flushRecords
        else { return }
        try flush()
        if isCheckpoint { try checkCheckpoint(height) }
        if isStored { try compareState(at: height) }
    }

    private func flush() throws(StoreFault) {
        let tip = machine.tip
        guard store.meta?.height != tip.height else { return }
        try store.apply(
            machine.state.collectChanges(),
            meta: StateMeta(
                height: tip.height, headerHash: tip.header, stateHash: tip.stateHash))
        machine.state.written(upTo: tip.height)
    }

    /// Whether a header that is there certifies the state of a height, or a checkpoint of it is there.
    private func isRootWanted(_ height: UInt64) -> Bool {
        guard roots[height] == nil else { return false }
        let delay = genesis.checkpointDelay
        return height + delay <= ledger.tip
            || (try? ledger.checkpointHeights().contains(height)) ?? false
    }

    private func checkCheckpoint(_ height: UInt64) throws(StoreFault) {
        tell("hashing the state")
        let root = try store.snapshot().stateRoot()
        roots[height] = root
        guard try ledger.checkpointHeights().contains(height),
            let checkpoint = try ledger.checkpoint(at: height)
        else { return }
        guard checkpoint.manifest.root == root else {
            return find(
                height,
                "its checkpoint has root \(checkpoint.manifest.root), the executed state \(root)")
        }
        guard checkpoint.manifest.meta == store.meta else {
            return find(height, "its checkpoint names another header or state hash")
        }
        for chunk in checkpoint.manifest.chunks.indices { _ = try checkpoint.chunk(chunk) }
        report.checkpoints += 1
    }

    private func compareState(at height: UInt64) throws(StoreFault) {
        tell("comparing the state")
        guard ledger.meta == store.meta else {
            return find(height, "the stored state names another header or state hash")
        }
        let executed = try store.snapshot()
        let comparison = try StateComparison(stored: ledger, executed: executed)
        if let difference = comparison.difference { return find(height, difference) }
        report.stateHeight = height
        report.stateEntries = comparison.entryCount
    }

    private func checkSums() throws(StoreFault) {
        tell("adding up")
        if let fault = try Sums(machine: machine, state: store.snapshot()).fault {
            return find(report.last, fault)
        }
        report.areSumsChecked = true
        guard try books.agree(with: store.snapshot()) else {
            return find(report.last, "what moved in its blocks does not come to its balances")
        }
    }

    // MARK: Telling

    private func find(_ height: UInt64, _ what: String) {
        if report.finding == nil { report.finding = AuditFinding(height: height, what) }
    }

    private func tell(_ step: String) {
        progress(
            AuditProgress(
                height: report.last, tip: ledger.tip, transactions: report.transactions,
                step: step))
    }
}
