import NIOCore

/// Whose connections count together: those that come from one host.
enum RemoteHost: Hashable, Sendable {
    case v4(UInt32)
    /// The first half: with IPv6 one customer of a provider has all addresses behind it.
    case v6(UInt64)
    case unknown

    init(_ address: SocketAddress?) {
        switch address {
        case .v4(let address):
            // Behind family and port.
            self = withUnsafeBytes(of: address.address) { bytes in
                .v4(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
            }
        case .v6(let address):
            // Behind family, port and flow.
            self = withUnsafeBytes(of: address.address) { bytes in
                let halves = bytes.loadUnaligned(fromByteOffset: 8, as: (UInt64, UInt64).self)
                let (high, low) = (UInt64(bigEndian: halves.0), UInt64(bigEndian: halves.1))
                // ::ffff:1.2.3.4 is an IPv4 host on a socket for both.
                let isMapped = high == 0 && low >> 32 == 0xffff
                return isMapped ? .v4(UInt32(truncatingIfNeeded: low)) : .v6(high)
            }
        case .unixDomainSocket, nil: self = .unknown
        }
    }
}
