/// A transaction of which the encoding and the chain are right, and the signature was not looked at.
///
/// To find the signer costs more than everything else together, so what can be said of a transaction without
/// knowing who sent it is said of this.
public struct UnverifiedTransaction: Sendable {
    /// The bytes as they were sent.
    public let raw: [UInt8]
    /// The Keccak-256 of ``raw``.
    public let hash: Hash32
    private let parsed: Transaction.Parsed

    /// The fields.
    public var transaction: Transaction { parsed.transaction }

    /// Reads raw bytes from a client or a peer: shape first, then what is cheap.
    ///
    /// - Parameters:
    ///   - raw: all of the bytes.
    ///   - chainID: the ledger's.
    /// - Throws: the first ``TransactionFault`` that it meets.
    public init(_ raw: [UInt8], chainID: UInt64) throws(TransactionFault) {
        parsed = try Transaction.Parsed(raw[...])
        let transaction = parsed.transaction
        let s = parsed.signature.s
        guard transaction.chainID == chainID else {
            throw .wrongChain(expected: chainID, given: transaction.chainID)
        }
        guard transaction.maxPriorityFeePerGas <= transaction.maxFeePerGas else {
            throw .priorityAboveMaximum
        }
        guard s <= Secp256k1.halfOrder || s >= Secp256k1.order else { throw .highS }
        self.raw = raw
        hash = Keccak256.hash(raw)
    }

    /// Finds out who signed it.
    ///
    /// - Returns: the same transaction with its sender.
    /// - Throws: ``TransactionFault/badSignature`` where nobody has.
    public func verified() throws(TransactionFault) -> VerifiedTransaction {
        let sender = raw.withUnsafeBytes { parsed.signature.recover(parsed.signingHash($0)) }
        guard let sender else { throw .badSignature }
        return VerifiedTransaction(self, sender: sender)
    }
}
