import Execution
import Ledger

/// The published keys of development ledgers: worth nothing, and refused on any other chain id.
public enum DevelopmentKeys {
    /// How many there are.
    public static let count = 10

    /// Key `index`: the Keccak-256 of `dipnet dev` and the index; nil from ``count`` on.
    public static func key(_ index: Int) -> PrivateKey? {
        guard (0..<count).contains(index) else { return nil }
        return PrivateKey(Keccak256.hash("dipnet dev \(index)").bytes)
    }

    /// The keys' accounts in order.
    public static let addresses: [Address] = (0..<count).compactMap { key($0)?.address }

    /// A genesis of one bank, whose key is number 0, with a million DIP for each key.
    ///
    /// - Parameter timeMillis: the time of block 0, milliseconds since 1970.
    /// - Returns: the genesis, the same for the same time.
    public static func genesis(timeMillis: UInt64) -> Genesis {
        Genesis(
            chainID: Genesis.developmentChainID, timeMillis: timeMillis,
            allocations: addresses.map {
                Genesis.Allocation(
                    account: $0, amount: Amount(1_000_000 * 1_000_000_000_000_000_000))
            }, rules: Rules(),
            validators: [Genesis.Validator(name: "Development Bank", address: addresses[0])],
            certificateQuorum: 1)
    }
}
