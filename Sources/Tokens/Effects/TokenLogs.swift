import Ledger

/// The logs of tokens, byte for byte those of ERC-20 contracts; other modules derive theirs with these.
public enum TokenLogs {
    /// `Transfer(address indexed from, address indexed to, uint256 value)`.
    public static func transfer(
        _ amount: UInt128, token: Address, from: Address, to: Address
    ) -> Log {
        Log(
            address: token, topics: [Topic.transfer, Hash32(from), Hash32(to)],
            data: Hash32(amount: amount).bytes)
    }

    /// `Held(address indexed account, uint256 amount, uint64 indexed order)`.
    public static func held(
        _ amount: UInt128, token: Address, account: Address, order: UInt64
    ) -> Log {
        Log(
            address: token, topics: [Topic.held, Hash32(account), Hash32(0, 0, 0, order)],
            data: Hash32(amount: amount).bytes)
    }

    /// The hashes of event signatures.
    enum Topic {
        static let transfer = Keccak256.hash("Transfer(address,address,uint256)")
        static let held = Keccak256.hash("Held(address,uint256,uint64)")
    }
}

extension Hash32 {
    /// An address as a word: twelve zero bytes before it.
    init(_ address: Address) {
        self.init(
            0, address.high >> 32, address.high << 32 | address.middle >> 32,
            address.middle << 32 | UInt64(address.low))
    }
}
