import Ledger

/// No transaction is executed twice, and no nonce is used twice or passed over.
struct NothingTwice {
    private var heights: [Hash32: UInt64] = [:]
    private var nonces: [Address: UInt64] = [:]

    mutating func executed(_ transaction: VerifiedTransaction, at height: UInt64) throws {
        if let before = heights.updateValue(height, forKey: transaction.hash) {
            throw Finding(
                .nothingTwice,
                "transaction \(transaction.hash) is in block \(before) and in block \(height)")
        }
        let next = nonces[transaction.sender, default: 0]
        guard transaction.transaction.nonce == next else {
            throw Finding(
                .nothingTwice,
                "block \(height) uses nonce \(transaction.transaction.nonce) of "
                    + "\(transaction.sender), whose next is \(next)")
        }
        nonces[transaction.sender] = next + 1
    }
}
