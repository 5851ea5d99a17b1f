import Execution
import Ledger
import Storage

/// Follows certificates from genesis' banks to a checkpoint, without executing anything.
struct CheckpointTrust {
    /// The block whose state the checkpoint is.
    private(set) var tip: Tip
    /// Why the checkpoint is not to be believed, if so.
    private(set) var finding: AuditFinding?

    private let ledger: any AuditedLedger
    private let genesis: Genesis
    private let checkpoint: Checkpoint
    private var banks: BankSuccession

    /// Looks for what vouches for a checkpoint.
    ///
    /// - Parameters:
    ///   - ledger: what is audited.
    ///   - genesis: what it must have started from.
    ///   - checkpoint: the checkpoint, of a block that the ledger has.
    ///   - landing: the block whose header names its root.
    /// - Throws: ``StoreFault`` where the ledger cannot be read.
    init(
        _ ledger: any AuditedLedger, _ genesis: Genesis, _ checkpoint: Checkpoint,
        certifiedBy landing: UInt64
    ) throws(StoreFault) {
        self.ledger = ledger
        self.genesis = genesis
        self.checkpoint = checkpoint
        banks = BankSuccession(from: genesis.anchor)
        let height = checkpoint.manifest.meta.height
        tip = Tip(
            height: height, header: .zero, body: .zero, stateHash: .zero, timeMillis: 0)
        try followBanks()
        if finding == nil { try followHeaders(from: height, to: landing) }
    }

    private mutating func find(_ height: UInt64, _ what: String) {
        finding = finding ?? AuditFinding(height: height, what)
    }

    /// Goes through the changes of the banks up to the checkpoint.
    private mutating func followBanks() throws(StoreFault) {
        // Only a hint as to where to look: what is found there must be certified itself, and in the end
        // the banks must be those that a header names.
        let hint = try checkpoint.entry(forKey: GovernanceKey.bankChanges)?.value ?? []
        var heights: [UInt64] = []
        var reader = ByteReader(hint)
        while let height: UInt64 = try? reader.read() { heights.append(height) }
        let kept = try Dictionary(
            ledger.kept().map { ($0.height, $0) }, uniquingKeysWith: { first, _ in first })
        for height in heights where finding == nil {
            var block = kept[height]
            if block == nil, height >= ledger.first {
                var blocks = try ledger.blocks(from: height)
                block = try blocks.next().map {
                    KeptBlock(height: $0.height, bytes: $0.bytes, certificate: $0.certificate)
                }
            }
            guard let block, let stored = try? StoredBlock(decoding: block.bytes) else {
                return find(height, "it changed the banks and is not there")
            }
            advance(by: stored, block.certificate, at: height)
        }
    }

    /// Takes over the change of the banks by a block, which must be certified.
    private mutating func advance(
        by block: StoredBlock, _ certificate: [UInt8]?, at height: UInt64
    ) {
        do {
            guard let certificate else {
                return find(height, "it changed the banks and has no certificate")
            }
            try banks.follow(BankSetChange(of: block, Certificate(decoding: certificate)))
        } catch {
            find(height, "\(error)")
        }
    }

    /// Follows the headers from the checkpoint's block to one that names its root, and on to the first
    /// certificate from there on: by the chain of headers it vouches for all of them.
    private mutating func followHeaders(
        from height: UInt64, to landing: UInt64
    ) throws(StoreFault) {
        var blocks = try ledger.blocks(from: height)
        var next = height
        var parent: Hash32?
        while let archived = try blocks.next() {
            guard let block = try? StoredBlock(decoding: archived.bytes),
                block.header.height == next, parent == nil || block.header.parent == parent,
                next > height || (try? block.check()) != nil
            else { return find(next, "it is damaged, or does not follow the one before") }
            check(block.header, from: height, to: landing)
            guard finding == nil else { return }
            if next >= landing, let bytes = archived.certificate {
                if let fault = CertificateChecks.fault(
                    bytes, of: block.header, by: banks.banks, chainID: genesis.chainID)
                {
                    find(next, fault)
                }
                return
            }
            let isChange = (try? block.changes())?.objects.contains {
                $0.key == GovernanceKey.banks
            }
            if isChange == true, next > height {
                advance(by: block, archived.certificate, at: next)
            }
            if next == height { tip = Tip(block.header) }
            parent = block.hash
            next += 1
        }
        find(landing, "neither it nor a block behind it has a certificate")
    }

    private mutating func check(_ header: Header, from height: UInt64, to landing: UInt64) {
        let manifest = checkpoint.manifest
        if header.height == height,
            manifest.meta
                != StateMeta(
                    height: height, headerHash: header.hash, stateHash: header.stateHash)
        {
            find(height, "its checkpoint names another header or state hash")
        }
        if header.height > height, header.banks != banks.banks.hash {
            find(header.height, "it is not signed by the banks that the blocks before it left")
        }
        if header.height == landing,
            header.checkpointHeight != height || header.checkpointRoot != manifest.root
        {
            find(
                landing,
                "it certifies \(header.checkpointRoot) as the root of block "
                    + "\(header.checkpointHeight), the checkpoint of block \(height) has "
                    + "\(manifest.root)")
        }
    }
}
