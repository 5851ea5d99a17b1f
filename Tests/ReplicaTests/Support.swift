import Ledger

/// Accounts with keys that everybody can compute.
enum TestAccounts {
    static let chainID: UInt64 = 3355

    static func key(_ index: Int) -> PrivateKey {
        PrivateKey(Keccak256.hash("replica test \(index)").bytes)!
    }

    static func address(_ index: Int) -> Address { key(index).address }

    static func transfer(
        from index: Int, nonce: UInt64, to: Address = Address(high: 1, middle: 2, low: 3),
        value: UInt128 = 1, price: UInt128 = 1_000_000_000, gas: UInt64 = 21_000
    ) throws -> VerifiedTransaction {
        try VerifiedTransaction.verify(
            Transaction(
                chainID: chainID, nonce: nonce, maxFeePerGas: price, gasLimit: gas, to: to,
                value: value, data: []
            ).sign(with: key(index)), chainID: chainID)
    }
}
