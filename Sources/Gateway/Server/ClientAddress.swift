import NIOCore

/// Whose connections count together: those that come from one host.
package enum ClientAddress: Hashable, Sendable {
    case v4(UInt32)
    /// The first half; with IPv6 one customer of a provider has all addresses behind it.
    case v6(UInt64)
    /// By a socket file, or not known.
    case here

    init(_ host: HostAddress) {
        switch host {
        case .v4(let address): self = .v4(address)
        case .v6(let high, _): self = .v6(high)
        }
    }

    init(_ address: SocketAddress?) {
        self = HostAddress(address).map(Self.init) ?? .here
    }
}

extension ClientAddress: CustomStringConvertible {
    /// As an operator writes it where he shuts it out: `192.0.2.1`, `2001:db8:1:2::/64`.
    package var description: String {
        switch self {
        case .v4(let address):
            [24, 16, 8, 0].map { String(address >> $0 & 0xff) }.joined(separator: ".")
        case .v6(let high):
            [48, 32, 16, 0].map { String(high >> $0 & 0xffff, radix: 16) }.joined(separator: ":")
                + "::/64"
        case .here: "here"
        }
    }
}
