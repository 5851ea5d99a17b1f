import NIOCore

/// Whose connections count together: those that come from one host.
enum ClientAddress: Hashable, Sendable {
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
