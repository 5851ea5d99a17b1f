/// A transaction of which the encoding, the chain and the signature are right.
///
/// Only ``UnverifiedTransaction/verified()`` makes one, so that whoever holds it need not ask again. It is a
/// reference to what never changes: passing it on between threads costs a count.
public final class VerifiedTransaction: Sendable {
    /// The bytes as they were sent; ``Transaction/data`` is a view into them.
    public let raw: [UInt8]
    /// The fields.
    public let transaction: Transaction
    /// The Keccak-256 of ``raw``, by which everybody names the transaction.
    public let hash: Hash32
    /// Whose signature it is.
    public let sender: Address

    init(_ unverified: UnverifiedTransaction, sender: Address) {
        raw = unverified.raw
        transaction = unverified.transaction
        hash = unverified.hash
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
        try UnverifiedTransaction(raw, chainID: chainID).verified()
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
