/// What shows to anybody who has the genesis file how much an account had of a token after some block.
///
/// Only states that are checkpoints are certified; see ``Header/checkpointRoot``.
///
/// - Source: `docs/formats/proof.md`.
public struct BalanceProof: Hashable, Sendable {
    /// The stored key, ``CellKey/bytes``.
    public let key: [UInt8]
    /// The stored value: amount (16), word (8), height of the last write (8).
    public let value: [UInt8]
    /// The way from the entry to ``Header/checkpointRoot``.
    public let branch: MerkleBranch
    /// The header that certifies the state, and its certificate.
    public let block: CertifiedHeader
    /// How the banks that signed came about.
    public let history: BankSetHistory

    /// Puts a proof together, unchecked.
    public init(
        key: [UInt8], value: [UInt8], branch: MerkleBranch, block: CertifiedHeader,
        history: BankSetHistory
    ) {
        self.key = key
        self.value = value
        self.branch = branch
        self.block = block
        self.history = history
    }

    /// The leaf that is hashed: the key behind its length, then the value.
    private var leaf: Hash32 {
        var writer = ByteWriter(capacity: 4 + key.count + value.count)
        writer.write(counted: key)
        writer.write(raw: value)
        return MerkleTree.leaf(writer.bytes)
    }

    /// Checks every step, from the founders to the entry.
    ///
    /// - Parameter anchor: the ledger, from a genesis file that whoever checks trusts.
    /// - Returns: what is proved.
    /// - Throws: ``ProofFault``, the step that fails.
    public func verify(from anchor: ProofAnchor) throws(ProofFault) -> ProvenBalance {
        let header = block.header
        let succession = try history.succession(from: anchor)
        let signers = try succession.verify(block)
        guard header.checkpointHeight > 0 else { throw .noCheckpoint(height: header.height) }
        guard branch.root(from: leaf) == header.checkpointRoot else {
            throw .entryNotInState(height: header.checkpointHeight)
        }
        var keyReader = ByteReader(key)
        var reader = ByteReader(value)
        guard key.count == 25, value.count == 32, key.first == 0x01,
            (try? keyReader.read(UInt8.self)) != nil, let space: UInt32 = try? keyReader.read(),
            let account = try? keyReader.readAddress(), let amount: UInt128 = try? reader.read(),
            let aux: UInt64 = try? reader.read(), let touched: UInt64 = try? reader.read()
        else { throw .notABalance }
        let cell = CellKey(space: space, address: account)
        // A payout that is held back is the account's one day, or never: it has not got it.
        guard !cell.isHeld else { throw .notABalance }
        return ProvenBalance(
            key: cell,
            cell: Cell(amount: amount, aux: aux, touched: touched),
            height: header.checkpointHeight, header: header, hash: header.hash,
            banks: succession.banks, signers: signers)
    }
}

/// What a ``BalanceProof`` proves.
public struct ProvenBalance: Sendable {
    /// Whose amount it is, and in what.
    public let key: CellKey
    /// The amount, and when it changed last.
    public let cell: Cell
    /// After which block.
    public let height: UInt64
    /// The header that certifies the state.
    public let header: Header
    /// The header's hash.
    public let hash: Hash32
    /// The banks that were to sign the header.
    public let banks: BankSet
    /// Those that did.
    public let signers: [Bank]
}
