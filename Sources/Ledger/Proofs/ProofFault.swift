/// The step at which a proof fails.
public enum ProofFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The proof is about another ledger than the genesis.
    case otherLedger(chainID: UInt64, genesis: Hash32)
    /// Blocks do not follow each other in the history of the banks, or the proved one is not behind them.
    case outOfOrder(height: UInt64)
    /// A header names other signers than the banks that the history comes to.
    case otherBanks(height: UInt64)
    /// A certificate is about another header.
    case otherHeader(height: UInt64)
    /// The signatures under a header are not enough.
    case notCertified(CertificateFault)
    /// A set of banks is not among what its block changed.
    case changeNotInBlock(height: UInt64)
    /// The block has no such place.
    case noSuchPlace(height: UInt64, index: UInt32)
    /// The transaction is not at that place of the block.
    case transactionNotInBlock(height: UInt64)
    /// The transaction is none of this ledger's.
    case badTransaction(TransactionFault)
    /// The record of what it did is not at that place of the block.
    case recordNotInBlock(height: UInt64)
    /// The record cannot be read.
    case badRecord(DecodingFault)
    /// The header certifies no state.
    case noCheckpoint(height: UInt64)
    /// The entry is not in the state that the header certifies.
    case entryNotInState(height: UInt64)
    /// The entry is no balance.
    case notABalance

    /// Which step fails, for a person.
    public var description: String {
        switch self {
        case .otherLedger(let chainID, let genesis):
            "ledger: the proof is about the one with chain id \(chainID) and genesis \(genesis)"
        case .outOfOrder(let height):
            "banks: block \(height) is not behind the changes of the banks before it"
        case .otherBanks(let height):
            "banks: block \(height) names other signers than those that the proof comes to"
        case .otherHeader(let height):
            "certificate: it is about another block \(height)"
        case .notCertified(let fault): "certificate: \(fault)"
        case .changeNotInBlock(let height):
            "banks: block \(height) did not make them those that the proof says"
        case .noSuchPlace(let height, let index):
            "place: block \(height) has no transaction \(index)"
        case .transactionNotInBlock(let height):
            "transaction: it is not at that place of block \(height)"
        case .badTransaction(let fault): "transaction: \(fault)"
        case .recordNotInBlock(let height):
            "record: it is not what happened at that place of block \(height)"
        case .badRecord(let fault): "record: \(fault)"
        case .noCheckpoint(let height): "state: block \(height) certifies none"
        case .entryNotInState(let height): "state: the entry is not in that after block \(height)"
        case .notABalance: "state: the entry is no balance"
        }
    }
}
