/// Why raw bytes are no transaction that the ledger could take, before any state is looked at.
public enum TransactionFault: Error, Equatable, Sendable {
    /// More bytes than ``Transaction/maximumBytes``.
    case tooLarge(bytes: Int)
    /// A type byte that the ledger does not know.
    case unknownType(UInt8)
    /// Not the canonical encoding of a transaction.
    case malformed(DecodingFault)
    /// A field that means money or a price is 2^128 or more.
    case amountTooLarge(field: String)
    /// Signed for every chain, as before EIP-155.
    case noChainID
    /// Signed for another chain.
    case wrongChain(expected: UInt64, given: UInt64)
    /// More is offered beyond the base price than in all.
    case priorityAboveMaximum
    /// The signature is the twin with the high s.
    case highS
    /// r or s is out of its range, or no key has made this signature.
    case badSignature
}

extension TransactionFault: CustomStringConvertible {
    /// What is wrong and what would be right, for a person.
    public var description: String {
        switch self {
        case .tooLarge(let bytes):
            "the transaction has \(bytes) bytes; at most \(Transaction.maximumBytes) are taken"
        case .unknownType(let type):
            "transactions of type \(type) are not taken: send type 0 with a chain id, 1 or 2"
        case .malformed(let fault):
            "malformed transaction: \(fault)"
        case .amountTooLarge(let field):
            "\(field) is 2^128 or more; amounts on this ledger are below that"
        case .noChainID:
            "the transaction is signed without a chain id: sign it as EIP-155 says"
        case .wrongChain(let expected, let given):
            "the transaction is signed for chain \(given); this is chain \(expected)"
        case .priorityAboveMaximum:
            "maxPriorityFeePerGas is above maxFeePerGas"
        case .highS:
            "the signature's s is above half the group's order: send n - s and the other parity"
        case .badSignature:
            "the signature is not that of any key"
        }
    }
}
