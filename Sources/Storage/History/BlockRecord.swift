import Ledger

/// A block as history keeps it: bytes that only the caller understands, and what it is found by.
public struct BlockRecord: Equatable, Sendable {
    /// The block's height, below 2^40.
    public var height: UInt64
    /// The hash of its header.
    public var hash: Hash32
    /// The hashes of its transactions in their order, at most 2^24 − 1.
    public var transactions: [Hash32]
    /// Hashes of what its logs can be found by (contract, topic and its place), repeated or not.
    public var logItems: [UInt64]
    /// Body, header, receipts and changes, as the caller encodes them.
    public var bytes: [UInt8]
    /// The certificate, if it is known already; see ``HistoryStore/store(certificates:sync:)``.
    public var certificate: [UInt8]?

    /// Makes a record.
    public init(
        height: UInt64, hash: Hash32, transactions: [Hash32], logItems: [UInt64], bytes: [UInt8],
        certificate: [UInt8]? = nil
    ) {
        self.height = height
        self.hash = hash
        self.transactions = transactions
        self.logItems = logItems
        self.bytes = bytes
        self.certificate = certificate
    }
}

/// Where a transaction is.
public struct TransactionLocation: Hashable, Sendable {
    /// The height of its block.
    public let height: UInt64
    /// Its place in the block, from 0.
    public let index: Int

    /// Names a place.
    public init(height: UInt64, index: Int) {
        self.height = height
        self.index = index
    }
}
