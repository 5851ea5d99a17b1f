import Execution
import Ledger
import Storage

/// What an audit begins with: a machine over a store in the scratch folder.
struct AuditStart {
    /// The block whose state it is.
    let height: UInt64
    let machine: Machine
    let store: StateStore
    /// Block 0 as it was executed, where the audit begins with it.
    let genesisBlock: ExecutedBlock?
    /// The root of the state, which a later header certifies; where the audit begins with a checkpoint.
    let roots: [UInt64: Hash32]
    /// Why the audit ends before its first block, if so.
    let finding: AuditFinding?

    init(
        _ ledger: any AuditedLedger, _ genesis: Genesis, _ options: LedgerAudit.Options
    ) throws(AuditFault) {
        do throws(StoreFault) {
            if options.isFromCheckpoint {
                guard let start = try Self(checkpointOf: ledger, genesis, options) else {
                    throw StoreFault(
                        .conflict, operation: "audit", path: ledger.path,
                        message: "there is no checkpoint in it that a later block certifies")
                }
                self = start
            } else {
                guard ledger.first == 0 else {
                    throw StoreFault(
                        .conflict, operation: "audit from genesis", path: ledger.path,
                        message: "its blocks begin with \(ledger.first): audit it from a "
                            + "certified checkpoint")
                }
                try self.init(genesisOf: ledger, genesis, options)
            }
        } catch {
            throw error.kind == .conflict
                ? .start("cannot \(error.operation) \(error.path): \(error.message)")
                : .store(error)
        }
    }

    private init(
        genesisOf ledger: any AuditedLedger, _ genesis: Genesis, _ options: LedgerAudit.Options
    ) throws(StoreFault) {
        store = try StateStore(path: options.scratch, identity: ledger.identity)
        (machine, genesisBlock) = Machine.begin(
            genesis, state: State(source: store, cellLimit: options.cellLimit))
        height = 0
        roots = [:]
        finding = nil
    }

    /// Begins with the newest checkpoint that a header of the ledger certifies.
    ///
    /// - Returns: nil if there is none.
    private init?(
        checkpointOf ledger: any AuditedLedger, _ genesis: Genesis,
        _ options: LedgerAudit.Options
    ) throws(StoreFault) {
        let delay = genesis.checkpointDelay
        guard
            let height = try ledger.checkpointHeights().last(where: {
                // A folder's name may be any number.
                $0 >= ledger.first && $0 <= ledger.tip && ledger.tip - $0 >= delay
                    && genesis.isCheckpoint($0)
            }), let checkpoint = try ledger.checkpoint(at: height)
        else { return nil }
        let trust = try CheckpointTrust(ledger, genesis, checkpoint, certifiedBy: height + delay)
        try StateStore.create(
            path: options.scratch, identity: ledger.identity, meta: checkpoint.manifest.meta
        ) { filler throws(StoreFault) in
            // Nothing that is not certified reaches the machine, which believes what is stored.
            guard trust.finding == nil else { return }
            try checkpoint.forEachEntry { key, value throws(StoreFault) in
                try filler.put(key, value)
            }
        }
        store = try StateStore(path: options.scratch, identity: ledger.identity)
        machine = Machine(
            genesis: genesis,
            state: State(source: store, height: height, cellLimit: options.cellLimit),
            tip: trust.tip)
        self.height = height
        genesisBlock = nil
        roots = [height: checkpoint.manifest.root]
        finding = trust.finding
    }
}
