/// One block that changed the banks: its header as the banks before certified it, and those after it.
public struct BankSetChange: Hashable, Sendable {
    /// The block's header and its certificate.
    public let block: CertifiedHeader
    /// The way from the changed record to the header's ``Header/changesRoot``.
    public let branch: MerkleBranch
    /// The banks after the block.
    public let banks: BankSet

    /// Takes a change as it came, unchecked.
    public init(_ block: CertifiedHeader, branch: MerkleBranch, banks: BankSet) {
        self.block = block
        self.branch = branch
        self.banks = banks
    }

    /// The key of the banks in the state.
    static let key: [UInt8] = [0x21]

    /// Shows that a block changed the banks.
    ///
    /// - Parameters:
    ///   - block: a block at one of the heights that the state lists.
    ///   - certificate: the block's.
    /// - Throws: ``DecodingFault`` if the block does not change them.
    public init(of block: StoredBlock, _ certificate: Certificate) throws(DecodingFault) {
        let changes = try block.changes()
        guard let place = changes.objects.firstIndex(where: { $0.key == Self.key }),
            let value = changes.objects[place].value
        else { throw DecodingFault("block \(block.header.height) does not change the banks") }
        let leaves = changes.merkleLeaves()
        let index = changes.cells.count + place
        self.init(
            CertifiedHeader(block.header, certificate),
            branch: MerkleBranch(
                path: MerkleTree.proof(of: index, in: leaves) ?? [], index: UInt64(index),
                count: UInt64(leaves.count)), banks: try BankSet(decoding: value))
    }

    /// The changed record as a leaf.
    var leaf: Hash32 {
        ObjectChange(key: Self.key, value: banks.bytes).merkleLeaf
    }
}

/// How the banks came about: each block since genesis that changed them.
///
/// Complete if the last set is the one that a header names as its signers: no bank can be left out.
public struct BankSetHistory: Hashable, Sendable {
    /// The changes, by ascending height.
    public let changes: [BankSetChange]

    /// Takes changes as they came, unchecked.
    public init(_ changes: [BankSetChange] = []) { self.changes = changes }

    /// Follows the banks from the founders on, each set certified by the one before.
    ///
    /// - Returns: what it comes to.
    /// - Throws: ``ProofFault`` naming the block at which it breaks.
    public func succession(from anchor: ProofAnchor) throws(ProofFault) -> BankSuccession {
        var succession = BankSuccession(from: anchor)
        for change in changes { try succession.follow(change) }
        return succession
    }
}
