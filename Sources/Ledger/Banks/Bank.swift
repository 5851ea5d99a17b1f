/// A bank of the consortium: who it is, the two keys that speak for it, where its node is reached.
public struct Bank: Hashable, Sendable {
    /// Its number, from 1, under which consensus knows its node; never given to another bank.
    public let id: UInt64
    /// Its name, 1 to 64 bytes of UTF-8 without control characters.
    public let name: String
    /// The account of the key that signs headers and endorses the node's TLS certificate.
    public let nodeKey: Address
    /// The account that votes and by which governance names the bank; it may be ``nodeKey``.
    public let `operator`: Address
    /// Where the other nodes reach this one, `host:port`; empty for a bank that is alone.
    public let endpoint: String

    /// The longest name in bytes.
    public static let nameBytesMax = 64
    /// The longest endpoint in bytes.
    public static let endpointBytesMax = 255

    /// Describes a bank; ``BankSet`` checks it.
    public init(
        id: UInt64, name: String, nodeKey: Address, operator account: Address, endpoint: String
    ) {
        self.id = id
        self.name = name
        self.nodeKey = nodeKey
        self.operator = account
        self.endpoint = endpoint
    }

    /// Whether a key of this bank is that account's.
    public func holds(_ account: Address) -> Bool { nodeKey == account || self.operator == account }

    /// Checks what can be wrong with a bank by itself.
    func check() throws(BankSetFault) {
        guard (1...Self.nameBytesMax).contains(name.utf8.count),
            name.unicodeScalars.allSatisfy(\.isShown)
        else {
            throw .badName(bank: id)
        }
        for account in [nodeKey, self.operator] {
            guard account != .zero, !account.isNativeContract, account.orderID == nil else {
                throw .badKey(bank: name, account: account)
            }
        }
        guard Self.isEndpoint(endpoint) else { throw .badEndpoint(bank: name) }
    }

    /// Whether a text is empty or `host:port`, the host of printable ASCII without spaces.
    public static func isEndpoint(_ text: String) -> Bool {
        if text.isEmpty { return true }
        let bytes = Array(text.utf8)
        guard bytes.count <= endpointBytesMax, bytes.allSatisfy({ (0x21...0x7e).contains($0) }),
            let colon = bytes.lastIndex(of: 0x3a), colon > 0
        else { return false }
        let digits = bytes[(colon + 1)...]
        guard (1...5).contains(digits.count), digits.first != 0x30,
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return false }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } <= 65_535
    }
}
