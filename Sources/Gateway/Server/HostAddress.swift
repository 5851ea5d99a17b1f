import Glibc
import NIOCore

/// The IP address of a host, all of it.
enum HostAddress: Hashable, Sendable {
    case v4(UInt32)
    case v6(high: UInt64, low: UInt64)

    /// The address of the other side; nil for a socket file.
    init?(_ address: SocketAddress?) {
        switch address {
        case .v4(let address):
            // Behind family and port.
            self = withUnsafeBytes(of: address.address) { bytes in
                .v4(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
            }
        case .v6(let address):
            // Behind family, port and flow.
            self = withUnsafeBytes(of: address.address) { Self.v6(in: $0, at: 8) }
        case .unixDomainSocket, nil: return nil
        }
    }

    /// Reads `192.0.2.1` or `2001:db8::1`, without zone, brackets or port.
    init?(_ text: some Collection<UInt8>) {
        // The system's reader ends at a byte of 0, so that nothing may come before that is no part of one.
        guard text.count < Int(INET6_ADDRSTRLEN), text.allSatisfy(Self.isPart) else { return nil }
        let isV6 = text.contains(UInt8(ascii: ":"))
        var bytes = [UInt8](repeating: 0, count: 16)
        let terminated = text.map(CChar.init(bitPattern:)) + [0]
        guard inet_pton(isV6 ? AF_INET6 : AF_INET, terminated, &bytes) == 1 else { return nil }
        self = bytes.withUnsafeBytes { bytes in
            isV6
                ? Self.v6(in: bytes, at: 0)
                : .v4(UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))
        }
    }

    /// Reads an address as proxies write it, the port beside it if there is one: `192.0.2.1:80`,
    /// `[2001:db8::1]:443`.
    init?(withPort text: some BidirectionalCollection<UInt8>) {
        let colon = UInt8(ascii: ":")
        if text.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            let inside = text[..<end].dropFirst()
            let rest = text[end...].dropFirst()
            guard inside.contains(colon), rest.isEmpty || Self.isPort(rest) else { return nil }
            self.init(inside)
        } else if let first = text.firstIndex(of: colon), first == text.lastIndex(of: colon) {
            guard Self.isPort(text[first...]) else { return nil }
            self.init(text[..<first])
        } else {
            self.init(text)
        }
    }

    private static func isPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: ":"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// Whether a text is a colon and a number of at most five digits.
    private static func isPort(_ text: some Collection<UInt8>) -> Bool {
        let digits = text.dropFirst()
        return text.first == UInt8(ascii: ":") && (1...5).contains(digits.count)
            && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func v6(in bytes: UnsafeRawBufferPointer, at offset: Int) -> HostAddress {
        let high = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let low = UInt64(
            bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
        // ::ffff:1.2.3.4 is an IPv4 host on a socket for both.
        let isMapped = high == 0 && low >> 32 == 0xffff
        return isMapped ? .v4(UInt32(truncatingIfNeeded: low)) : .v6(high: high, low: low)
    }
}
