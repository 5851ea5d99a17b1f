/// The banks as they follow each other, each set certified by the one before.
public struct BankSuccession: Sendable {
    /// Who signs what comes next.
    public private(set) var banks: BankSet
    /// The block that made them so; 0 for those whom it began with.
    public private(set) var height: UInt64 = 0
    private let domain: EIP712.Domain

    /// Begins with banks that are known.
    public init(from anchor: ProofAnchor) {
        banks = anchor.banks
        domain = .headers(chainID: anchor.chainID)
    }

    /// Goes on to the banks after a change.
    ///
    /// - Throws: ``ProofFault``, and the banks are as before.
    public mutating func follow(_ change: BankSetChange) throws(ProofFault) {
        try verify(change.block)
        let header = change.block.header
        guard change.branch.root(from: change.leaf) == header.changesRoot else {
            throw .changeNotInBlock(height: header.height)
        }
        (banks, height) = (change.banks, header.height)
    }

    /// Checks that a block above the last change is certified by the banks that this has come to.
    ///
    /// - Returns: those that signed.
    /// - Throws: ``ProofFault``.
    @discardableResult
    public func verify(_ block: CertifiedHeader) throws(ProofFault) -> [Bank] {
        // Block 0 is signed by nobody, and a block that changes the banks by those before it.
        guard block.header.height > height else { throw .outOfOrder(height: block.header.height) }
        return try block.verify(by: banks, in: domain)
    }
}
