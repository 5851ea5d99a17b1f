import Ledger

extension PrivateKey {
    /// A key of development ledgers, published and so worth nothing anywhere else: the Keccak-256 of
    /// `dipnet dev` and the number.
    static func development(_ number: UInt32) -> PrivateKey {
        guard let key = PrivateKey(Keccak256.hash("dipnet dev \(number)").bytes) else {
            preconditionFailure("no digest out of the range of keys has ever been seen")
        }
        return key
    }
}
