/// What a caller may do: each method needs one of these, each token grants some.
public struct RPCScope: OptionSet, Sendable, Hashable, CustomStringConvertible {
    /// One bit a scope.
    public let rawValue: UInt8

    /// Makes a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Ask about the ledger.
    public static let read = RPCScope(rawValue: 1)
    /// Hand in signed transactions.
    public static let send = RPCScope(rawValue: 2)
    /// What only a development chain has, such as moving its clock.
    public static let dev = RPCScope(rawValue: 4)
    /// Administer the node.
    public static let admin = RPCScope(rawValue: 8)
    /// All of them.
    public static let all: RPCScope = [.read, .send, .dev, .admin]

    static let named: [(name: String, scope: RPCScope)] = [
        ("read", .read), ("send", .send), ("dev", .dev), ("admin", .admin),
    ]

    /// Reads names separated by commas, such as `read,send`.
    /// - Returns: nil for an empty list or an unknown name.
    public init?(_ names: some StringProtocol) {
        self = []
        for name in names.split(separator: ",", omittingEmptySubsequences: false) {
            guard let known = Self.named.first(where: { $0.name == name }) else { return nil }
            insert(known.scope)
        }
    }

    /// The names separated by commas.
    public var description: String {
        Self.named.filter { contains($0.scope) }.map(\.name).joined(separator: ",")
    }
}
