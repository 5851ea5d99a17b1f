/// A secret that a caller shows to be let in.
public struct AccessToken: Sendable, Equatable {
    /// The shortest secret that is taken, in bytes.
    public static let secretBytesLeast = 32

    /// Whose token it is: for limits and logs.
    public let name: String
    /// What it allows.
    public let scopes: RPCScope
    let secret: [UInt8]

    /// Makes a token.
    ///
    /// - Throws: if the secret has fewer than 32 bytes, or a byte that cannot stand in a header.
    public init(name: String, scopes: RPCScope, secret: String) throws(ServerFault) {
        let bytes = Array(secret.utf8)
        guard bytes.count >= Self.secretBytesLeast else {
            throw ServerFault(
                "the token \(name) has fewer than \(Self.secretBytesLeast) characters")
        }
        guard bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw ServerFault("the token \(name) has a character that cannot stand in a header")
        }
        self.name = name
        self.scopes = scopes
        self.secret = bytes
    }

    /// Whether `other` is the secret.
    ///
    /// The time taken depends on the length of `other` only.
    func matches(_ other: [UInt8]) -> Bool {
        var difference = UInt64(secret.count ^ other.count)
        for (index, byte) in other.enumerated() {
            difference |= UInt64(byte ^ secret[index % secret.count])
        }
        return difference == 0
    }
}
