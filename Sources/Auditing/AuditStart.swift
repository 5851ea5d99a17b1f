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
        let delay = max(1, genesis.checkpointInterval / 2)
        guard
            let height = try ledger.checkpointHeights().last(where: {
                $0 >= ledger.first && $0 + delay <= ledger.tip && genesis.isCheckpoint($0)
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

/// Follows certificates from genesis to a checkpoint, without executing anything.
private struct CheckpointTrust {
    /// The block whose state the checkpoint is.
    let tip: Tip
    /// Why the checkpoint is not to be believed, if so.
    private(set) var finding: AuditFinding?

    /// The key of the set of banks in the state, and of the heights at which it changed.
    private static let bankSetKey: [UInt8] = [0x21]
    private static let bankChangesKey: [UInt8] = [0x22]

    init(
        _ ledger: any AuditedLedger, _ genesis: Genesis, _ checkpoint: Checkpoint,
        certifiedBy landing: UInt64
    ) throws(StoreFault) {
        let height = checkpoint.manifest.meta.height
        var set = genesis.bankSet
        var at = UInt64(0)
        func fault(_ what: String) -> AuditFinding { AuditFinding(height: at, what) }
        var finding: AuditFinding?

        // Only a hint as to where to look: what is found there must be certified itself.
        let hint = try checkpoint.entry(forKey: Self.bankChangesKey)?.value ?? []
        var changes: [UInt64] = []
        var reader = ByteReader(hint)
        while let change: UInt64 = try? reader.read() { changes.append(change) }
        let kept = try Dictionary(
            ledger.kept().map { ($0.height, $0) }, uniquingKeysWith: { first, _ in first })
        for change in changes where finding == nil {
            at = change
            var block = kept[change]
            if block == nil, change >= ledger.first {
                var blocks = try ledger.blocks(from: change)
                block = try blocks.next().map {
                    KeptBlock(
                        height: $0.height, bytes: $0.bytes, certificate: $0.certificate)
                }
            }
            guard let block else {
                finding = fault("it changed the set of banks and is not there")
                break
            }
            if let why = Self.advance(&set, by: block, chainID: genesis.chainID) {
                finding = fault(why)
            }
        }

        var blocks = try ledger.blocks(from: height)
        var tip = Tip(height: height, header: .zero, body: .zero, stateHash: .zero, timeMillis: 0)
        var parent: Hash32?
        at = height
        while finding == nil, let archived = try blocks.next() {
            at = archived.height
            guard let block = try? StoredBlock(decoding: archived.bytes),
                block.header.height == at, parent == nil || block.header.parent == parent,
                at > height || (try? block.check()) != nil
            else {
                finding = fault("it is damaged, or does not follow the one before")
                break
            }
            parent = block.hash
            if at == height {
                tip = Tip(block.header)
                let meta = StateMeta(
                    height: height, headerHash: block.hash, stateHash: block.header.stateHash)
                guard checkpoint.manifest.meta == meta else {
                    finding = fault("its checkpoint names another header or state hash")
                    break
                }
                continue
            }
            if at == landing,
                block.header.checkpointHeight != height
                    || block.header.checkpointRoot != checkpoint.manifest.root
            {
                finding = fault(
                    "it certifies \(block.header.checkpointRoot) as the root of block "
                        + "\(block.header.checkpointHeight), the checkpoint of block \(height) has "
                        + "\(checkpoint.manifest.root)")
                break
            }
            if let certificate = archived.certificate, block.header.banks == set.hash, at >= landing
            {
                // By the headers' chain it certifies the one that names the root too.
                if let why = CertificateChecks.fault(
                    certificate, at, block.hash, set, chainID: genesis.chainID)
                {
                    finding = fault(why)
                }
                self.tip = tip
                self.finding = finding
                return
            }
            if Self.bankSet(changedBy: block) != nil {
                let change = KeptBlock(
                    height: at, bytes: archived.bytes, certificate: archived.certificate)
                if let why = Self.advance(&set, by: change, chainID: genesis.chainID) {
                    finding = fault(why)
                }
            }
        }
        self.tip = tip
        self.finding =
            finding ?? fault("neither it nor a block before it certifies the checkpoint")
    }

    /// The set of banks that a block left, nil if it changed none.
    private static func bankSet(changedBy block: StoredBlock) -> BankSet? {
        guard let changes = try? block.changes(),
            let change = changes.objects.first(where: { $0.key == bankSetKey }),
            let value = change.value
        else { return nil }
        return try? BankSet(decoding: value)
    }

    /// Takes over the change of a certified block.
    /// - Returns: why the block is not to be believed, nil if the set is the one that it left.
    private static func advance(
        _ set: inout BankSet, by kept: KeptBlock, chainID: UInt64
    ) -> String? {
        do {
            let block = try StoredBlock(decoding: kept.bytes)
            try block.check()
            guard block.header.height == kept.height, block.header.banks == set.hash else {
                return "the banks that sign it are not those that the blocks before it left"
            }
            guard let certificate = kept.certificate else {
                return "it changed the set of banks and has no certificate"
            }
            if let why = CertificateChecks.fault(
                certificate, kept.height, block.hash, set, chainID: chainID)
            {
                return why
            }
            guard let next = bankSet(changedBy: block) else {
                return "it is kept for changing the set of banks, and does not"
            }
            set = next
            return nil
        } catch {
            return "\(error)"
        }
    }
}
