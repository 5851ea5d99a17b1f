/// What somebody who checks a proof must know beforehand, all of it from the genesis file: everything else
/// the proof shows.
public struct ProofAnchor: Hashable, Sendable {
    /// The ledger's chain id.
    public let chainID: UInt64
    /// The founders, whose set names the ledger by its genesis hash.
    public let banks: BankSet

    /// Names a ledger.
    public init(chainID: UInt64, banks: BankSet) {
        self.chainID = chainID
        self.banks = banks
    }

    /// The ledger's genesis hash.
    public var genesis: Hash32 { banks.ledger }
}
