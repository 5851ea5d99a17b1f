/// What shows to anybody who has the genesis file that something happened on the ledger.
///
/// - Source: `docs/formats/proof.md`.
public struct ReceiptProof: Hashable, Sendable {
    /// A transaction and the way from its hash to ``Header/transactionsRoot``.
    public struct Included: Hashable, Sendable {
        /// The bytes, as the sender signed them.
        public let raw: [UInt8]
        /// The siblings, lowest first.
        public let path: [Hash32]

        /// Takes a transaction as it came.
        public init(raw: [UInt8], path: [Hash32]) {
            self.raw = raw
            self.path = path
        }
    }

    /// The place in the block, from 0.
    public let index: UInt32
    /// The transaction at that place; nil for what the block did itself, behind the last one.
    public let transaction: Included?
    /// The record of what happened.
    public let record: [UInt8]
    /// The siblings from the record to ``Header/recordsRoot``, lowest first.
    public let recordPath: [Hash32]
    /// The block's header and its certificate.
    public let block: CertifiedHeader
    /// How the banks that signed came about.
    public let history: BankSetHistory

    /// Takes a proof as it came, unchecked.
    public init(
        index: UInt32, transaction: Included?, record: [UInt8], recordPath: [Hash32],
        block: CertifiedHeader, history: BankSetHistory
    ) {
        self.index = index
        self.transaction = transaction
        self.record = record
        self.recordPath = recordPath
        self.block = block
        self.history = history
    }

    /// Makes the proof of what happened at a place of a block; nil if the block has no such place.
    ///
    /// - Parameters:
    ///   - block: the block.
    ///   - index: the transaction's place; their number for what the block did itself.
    ///   - certificate: the block's.
    ///   - history: the changes of the banks below the block's height, all of them.
    public init?(
        of block: StoredBlock, at index: Int, certificate: Certificate, history: BankSetHistory
    ) {
        let count = block.transactions.count
        guard (0...count).contains(index), let place = UInt32(exactly: index) else { return nil }
        let records = (0...count).map { MerkleTree.leaf(block.recordBytes($0)) }
        guard let recordPath = MerkleTree.proof(of: index, in: records) else { return nil }
        var transaction: Included?
        if index < count {
            let hashes = (0..<count).map { MerkleTree.leaf(Keccak256.hash(block.transaction($0))) }
            transaction = Included(
                raw: Array(block.transaction(index)),
                path: MerkleTree.proof(of: index, in: hashes) ?? [])
        }
        self.init(
            index: place, transaction: transaction, record: Array(block.recordBytes(index)),
            recordPath: recordPath, block: CertifiedHeader(block.header, certificate),
            history: history)
    }

    /// Checks every step, from the founders to the record.
    ///
    /// - Parameter anchor: the ledger, from a genesis file that whoever checks trusts.
    /// - Returns: what is proved.
    /// - Throws: ``ProofFault``, the step that fails.
    public func verify(from anchor: ProofAnchor) throws(ProofFault) -> ProvenReceipt {
        let header = block.header
        let succession = try history.succession(from: anchor)
        let signers = try succession.verify(block)
        let count = header.transactionCount
        guard index <= count, (index < count) == (transaction != nil) else {
            throw .noSuchPlace(height: header.height, index: index)
        }
        guard
            MerkleTree.verify(
                leaf: MerkleTree.leaf(record), index: Int(index), count: Int(count) + 1,
                path: recordPath, root: header.recordsRoot)
        else { throw .recordNotInBlock(height: header.height) }
        let decoded: Record
        do throws(DecodingFault) {
            decoded = try Record(decoding: record[...])
        } catch {
            throw .badRecord(error)
        }
        return ProvenReceipt(
            header: header, hash: header.hash, banks: succession.banks, signers: signers,
            index: index, transaction: try verifiedTransaction(anchor), record: decoded)
    }

    private func verifiedTransaction(
        _ anchor: ProofAnchor
    ) throws(ProofFault) -> VerifiedTransaction? {
        guard let transaction else { return nil }
        let header = block.header
        guard
            MerkleTree.verify(
                leaf: MerkleTree.leaf(Keccak256.hash(transaction.raw)), index: Int(index),
                count: Int(header.transactionCount), path: transaction.path,
                root: header.transactionsRoot)
        else { throw .transactionNotInBlock(height: header.height) }
        do throws(TransactionFault) {
            return try .verify(transaction.raw, chainID: anchor.chainID)
        } catch {
            throw .badTransaction(error)
        }
    }
}

/// What a ``ReceiptProof`` proves.
public struct ProvenReceipt: Sendable {
    /// The header of the block in which it happened.
    public let header: Header
    /// The header's hash.
    public let hash: Hash32
    /// The banks that were to sign the block.
    public let banks: BankSet
    /// Those that did.
    public let signers: [Bank]
    /// The place in the block.
    public let index: UInt32
    /// The transaction; nil for what the block did itself.
    public let transaction: VerifiedTransaction?
    /// What happened; whether it was done, refused or skipped is for whoever asks to look at.
    public let record: Record
}
