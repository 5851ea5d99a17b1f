import Ledger

/// The keys of all banks and clients that are ever simulated, made once for all runs.
enum Keys {
    /// The keys of nodes, in the order of banks' ids.
    static let nodes = keys("node", 9)
    /// The keys with which banks vote in governance.
    static let operators = keys("operator", 9)
    /// The keys of clients.
    static let clients = keys("client", 8)

    private static func keys(_ kind: String, _ count: Int) -> [PrivateKey] {
        (1...count).map { number in
            guard let key = PrivateKey(Keccak256.hash("simulated \(kind) \(number)").bytes) else {
                preconditionFailure("a hash that is no key is never met")
            }
            return key
        }
    }
}
