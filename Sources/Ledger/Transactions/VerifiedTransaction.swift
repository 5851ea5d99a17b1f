/// A transaction of which the encoding, the chain and the signature are right.
///
/// Only ``verify(_:chainID:)`` makes one, so that whoever holds it need not ask again. It is a reference
/// to what never changes: passing it on between threads costs a count.
public final class VerifiedTransaction: Sendable {
    /// The bytes as they were sent; ``Transaction/data`` is a view into them.
    public let raw: [UInt8]
    /// The fields.
    public let transaction: Transaction
    /// The Keccak-256 of ``raw``, by which everybody names the transaction.
    public let hash: Hash32
    /// Whose signature it is.
    public let sender: Address

    private init(raw: [UInt8], transaction: Transaction, hash: Hash32, sender: Address) {
        self.raw = raw
        self.transaction = transaction
        self.hash = hash
        self.sender = sender
    }

    /// Checks raw bytes from a client or a peer: shape first, then what is cheap, then the signature.
    ///
    /// - Parameters:
    ///   - raw: all of the bytes.
    ///   - chainID: the ledger's.
    /// - Returns: the transaction with its sender.
    /// - Throws: the first ``TransactionFault`` that it meets.
    public static func verify(
        _ raw: [UInt8], chainID: UInt64
    ) throws(TransactionFault) -> VerifiedTransaction {
        let parsed = try Transaction.Parsed(raw[...])
        let transaction = parsed.transaction
        let signature = parsed.signature
        guard transaction.chainID == chainID else {
            throw .wrongChain(expected: chainID, given: transaction.chainID)
        }
        guard transaction.maxPriorityFeePerGas <= transaction.maxFeePerGas else {
            throw .priorityAboveMaximum
        }
        guard signature.s <= Secp256k1.halfOrder || signature.s >= Secp256k1.order else {
            throw .highS
        }
        let (hash, sender) = raw.withUnsafeBytes { bytes in
            (Keccak256.hash(bytes), signature.recover(parsed.signingHash(bytes)))
        }
        guard let sender else { throw .badSignature }
        return VerifiedTransaction(
            raw: raw, transaction: transaction, hash: hash, sender: sender)
    }
}

extension VerifiedTransaction: Hashable {
    /// The same bytes, hence the same sender.
    public static func == (left: VerifiedTransaction, right: VerifiedTransaction) -> Bool {
        left.hash == right.hash
    }

    /// By ``hash``.
    public func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}
